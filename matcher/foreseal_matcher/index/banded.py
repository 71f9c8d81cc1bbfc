"""The plain search through the buckets of an index, in numpy: the twin of search.c and build.c."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from foreseal_matcher.index import Cost, Found
from foreseal_matcher.index.bands import POSITIONS, Band, reach, rows_bytes, starts_bytes
from foreseal_matcher.index.scan import Scan, nearest_of, words_of

__all__ = ["BandedSearch", "build_band"]

_Rows = NDArray[np.uint32]
_LEAST_WORTH: Final = 64


class BandedSearch:
    """A search over `column` (rows x 32 bytes) whose rows have these `ids` (8 bytes each, little-endian), through the
    `body` of an index with these `bands`."""

    __slots__ = ("_bands", "_ids", "_scan", "_starts_and_rows", "_words")

    def __init__(self, column: memoryview, ids: memoryview, bands: tuple[Band, ...], body: memoryview) -> None:
        self._scan = Scan(column, ids)
        self._words = np.frombuffer(column, dtype=np.uint64).reshape(-1, 4)
        self._ids = np.frombuffer(ids, dtype="<u8")
        self._bands = bands
        count, at = len(self._words), 0
        self._starts_and_rows: list[tuple[_Rows, _Rows]] = []
        for band in bands:
            starts = np.frombuffer(body, dtype="<u4", count=(1 << band.bits) + 1, offset=at)
            at += starts_bytes(band)
            self._starts_and_rows.append((starts, np.frombuffer(body, dtype="<u4", count=count, offset=at)))
            at += rows_bytes(count)

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
        for band, (starts, rows) in zip(self._bands, self._starts_and_rows, strict=True):
            buckets = _keys(hashed, position, band.bits) ^ _flips(band)
            position += band.bits
            first = starts[buckets].astype(np.int64)
            lengths = starts[buckets + np.uint32(1)] - first
            if (lengths < 0).any() or (first + lengths > count).any():
                return None
            room -= int(lengths.sum())
            if room < 0:
                return None
            # The ranges one after the other: each counts up from its first row.
            before = np.cumsum(lengths) - lengths
            some = rows[np.repeat(first - before, lengths) + np.arange(int(lengths.sum()))]
            if (some >= count).any():
                return None
            gathered.append(some)
        return np.concatenate(gathered)


def build_band(column: memoryview, bands: tuple[Band, ...], band: int, body: memoryview) -> None:
    """Writes one band of an index over `column` into `body`."""
    hashes = np.frombuffer(column, dtype=np.uint8).reshape(-1, 32)
    before, own = bands[:band], bands[band]
    at = sum(starts_bytes(each) + rows_bytes(len(hashes)) for each in before)
    keys = _keys(hashes, sum(each.bits for each in before), own.bits)
    starts = np.zeros((1 << own.bits) + 1, dtype="<u4")
    np.cumsum(np.bincount(keys, minlength=1 << own.bits), out=starts[1:])
    body[at : at + starts.nbytes] = starts.data.cast("B")
    rows = np.argsort(keys, kind="stable").astype("<u4")
    at += starts_bytes(own)
    body[at : at + rows.nbytes] = rows.data.cast("B")


def _keys(hashes: NDArray[np.uint8], position: int, bits: int) -> _Rows:
    """The `bits` bits of each hash from `position` of the permuted order."""
    keys = np.zeros(len(hashes), dtype=np.uint32)
    for at in range(bits):
        bit = POSITIONS[position + at]
        keys |= (hashes[:, bit // 8] >> np.uint8(bit % 8) & np.uint8(1)).astype(np.uint32) << np.uint32(at)
    return keys


@lru_cache(maxsize=8)
def _flips(band: Band) -> _Rows:
    """What to change in a key for every bucket within the band's radius."""
    ones = [1 << bit for bit in range(band.bits)] if band.radius > 0 else []
    twos = [one | other for one in ones for other in ones if other < one] if band.radius > 1 else []
    return np.array([0, *ones, *twos], dtype=np.uint32)
