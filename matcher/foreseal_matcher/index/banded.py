"""The plain search through the buckets of an index, in numpy: the twin of search.c and build.c."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from foreseal_matcher.index import Cost, Found
from foreseal_matcher.index.bands import (
    BLOCK_BYTES,
    MARKS,
    POSITIONS,
    Band,
    blocks_bytes,
    body_size,
    buckets_in_block,
    reach,
    rows_bytes,
)
from foreseal_matcher.index.scan import Scan, nearest_of, words_of

__all__ = ["BandedSearch", "build_band"]

_Rows = NDArray[np.uint32]
_Places = NDArray[np.int64]
_LEAST_WORTH: Final = 64


class BandedSearch:
    """A search over `column` (rows x 32 bytes) whose rows have these `ids` (8 bytes each, little-endian), through the
    `body` of an index with these `bands`."""

    __slots__ = ("_bands", "_bodies", "_ids", "_scan", "_words")

    def __init__(self, column: memoryview, ids: memoryview, bands: tuple[Band, ...], body: memoryview) -> None:
        self._scan = Scan(column, ids)
        self._words = np.frombuffer(column, dtype=np.uint64).reshape(-1, 4)
        self._ids = np.frombuffer(ids, dtype="<u8")
        self._bands = bands
        count, at = len(self._words), 0
        self._bodies: list[_Body] = []
        for band in bands:
            blocks = np.frombuffer(body, dtype=np.uint8, count=blocks_bytes(band, count), offset=at)
            at += len(blocks)
            rows = np.frombuffer(body, dtype="<u4", count=count, offset=at)
            at += rows_bytes(count)
            self._bodies.append(_Body(blocks.reshape(-1, BLOCK_BYTES), rows, buckets_in_block(band, count)))

    def within(self, query: bytes, radius: int) -> list[Found]:
        """All rows at most `radius` bits from `query`, in the order of rows."""
        wanted = words_of(query)
        rows = self._candidates(query, radius)
        if rows is None:
            return self._scan.within(query, radius)
        rows = np.unique(rows)
        distances = np.bitwise_count(self._words[rows] ^ wanted).sum(axis=1, dtype=np.uint16)
        return [Found(int(rows[at]), int(distances[at])) for at in np.flatnonzero(distances <= radius)]

    def nearest(self, query: bytes, radius: int) -> Found | None:
        """The nearest row at most `radius` bits away; of several the one with the lowest id."""
        return nearest_of(self.within(query, radius), self._ids)

    def cost(self, query: bytes, radius: int) -> Cost:
        """What `within` takes for this query."""
        rows = self._candidates(query, radius)
        return Cost(len(self._words), True) if rows is None else Cost(len(rows), False)

    def _candidates(self, query: bytes, radius: int) -> _Rows | None:
        """The rows in all buckets that may hold one near enough; None where comparing all rows is right or cheaper,
        by the same rules as in search.c."""
        count = len(self._words)
        if radius > reach(self._bands):
            return None
        gathered: list[_Rows] = []
        room = count // 8 + _LEAST_WORTH
        hashed, position = np.frombuffer(query, dtype=np.uint8).reshape(1, -1), 0
        hashes = self._words.view(np.uint8).reshape(-1, 32)
        for band, body in zip(self._bands, self._bodies, strict=True):
            keys = _keys(hashed, position, band.bits) ^ _flips(band)
            ranges = body.ranges(keys, partial(_keys_of, hashes, position, band.bits))
            position += band.bits
            if ranges is None:
                return None
            first, lengths = ranges
            room -= int(lengths.sum())
            if room < 0:
                return None
            some = body.rows[_counted_up(first, lengths)]
            if (some >= count).any():
                return None
            gathered.append(some)
        return np.concatenate(gathered)


class _Body(NamedTuple):
    """The arrays of one band: blocks, each of the rows before it and a one for each row and a nought for each bucket;
    and the rows. `width`: buckets of a block."""

    blocks: NDArray[np.uint8]
    rows: _Rows
    width: int

    def ranges(self, keys: _Rows, keys_of: Callable[[_Rows], _Rows]) -> tuple[_Places, _Places] | None:
        """For each bucket the first of its rows and how many there are; None where no index can be like that.
        `keys_of`: of these rows."""
        asked, which = np.unique(keys // self.width, return_inverse=True)
        before, after = (self._before(asked + np.uint32(at)) for at in (0, 1))
        marks = np.unpackbits(self.blocks[asked, BLOCK_BYTES - MARKS // 8 :], axis=1, bitorder="little")
        noughts = MARKS - marks.sum(axis=1, dtype=np.int64)
        crowded = noughts == 0
        if ((noughts != self.width) & ~crowded).any() or (before > after).any() or (after > len(self.rows)).any():
            return None
        # Behind each nought, as many rows lie before as ones stand in front of it.
        bounds = np.zeros((len(asked), self.width + 1), dtype=np.int64)
        places = np.nonzero(marks[~crowded] == 0)[1].reshape(-1, self.width)
        bounds[~crowded, 1:] = places - np.arange(self.width)
        bounds += before[:, None]
        if (bounds[~crowded, -1] != after[~crowded]).any():
            return None
        for at in np.flatnonzero(crowded):
            rows = self.rows[before[at] : after[at]]
            if (rows >= len(self.rows)).any():
                return None
            edges = asked[at] * np.uint32(self.width) + np.arange(self.width + 1)
            bounds[at] = before[at] + np.searchsorted(keys_of(rows), edges)
        start, stop = bounds[which, keys % self.width], bounds[which, keys % self.width + np.uint32(1)]
        return start, stop - start

    def _before(self, blocks: _Rows) -> _Places:
        return self.blocks[blocks, :4].copy().view("<u4").ravel().astype(np.int64)


def build_band(column: memoryview, bands: tuple[Band, ...], band: int, body: memoryview) -> None:
    """Writes one band of an index over `column` into `body`."""
    hashes = np.frombuffer(column, dtype=np.uint8).reshape(-1, 32)
    own, count = bands[band], len(hashes)
    width = buckets_in_block(own, count)
    keys = _keys(hashes, sum(each.bits for each in bands[:band]), own.bits)
    ends = np.cumsum(np.bincount(keys, minlength=1 << own.bits)).reshape(-1, width)
    before = np.concatenate([[0], ends[:, -1]])
    marks = np.ones((len(ends), MARKS), dtype=np.uint8)
    # One that has no room for all of its marks has no nought at all.
    roomy = np.flatnonzero(ends[:, -1] - before[:-1] + width <= MARKS)
    marks[roomy[:, None], ends[roomy] - before[roomy, None] + np.arange(width)] = 0
    blocks = np.zeros((len(ends) + 1, BLOCK_BYTES), dtype=np.uint8)
    blocks[:, :4] = before.astype("<u4").view(np.uint8).reshape(-1, 4)
    blocks[:-1, BLOCK_BYTES - MARKS // 8 :] = np.packbits(marks, axis=1, bitorder="little")
    rows = np.argsort(keys, kind="stable").astype("<u4")
    at = body_size(bands[:band], count)
    for array in (blocks, rows):
        body[at : at + array.nbytes] = array.data.cast("B")
        at += array.nbytes


def _counted_up(first: _Places, lengths: _Places) -> _Places:
    """Ranges one after the other: each counts up from its first number."""
    before = np.cumsum(lengths) - lengths
    return np.asarray(np.repeat(first - before, lengths) + np.arange(int(lengths.sum())))


def _keys(hashes: NDArray[np.uint8], position: int, bits: int) -> _Rows:
    """The `bits` bits of each hash from `position` of the permuted order."""
    keys = np.zeros(len(hashes), dtype=np.uint32)
    for at in range(bits):
        bit = POSITIONS[position + at]
        keys |= (hashes[:, bit // 8] >> np.uint8(bit % 8) & np.uint8(1)).astype(np.uint32) << np.uint32(at)
    return keys


def _keys_of(hashes: NDArray[np.uint8], position: int, bits: int, rows: _Rows) -> _Rows:
    return _keys(hashes[rows], position, bits)


@lru_cache(maxsize=8)
def _flips(band: Band) -> _Rows:
    """What to change in a key for every bucket within the band's radius."""
    ones = [1 << bit for bit in range(band.bits)] if band.radius > 0 else []
    twos = [one | other for one in ones for other in ones if other < one] if band.radius > 1 else []
    return np.array([0, *ones, *twos], dtype=np.uint32)
