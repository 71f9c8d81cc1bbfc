"""The plain search: every row, in numpy. Nothing to build and nothing to keep."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from foreseal_matcher.index import Cost, Found

__all__ = ["Scan", "nearest_of", "words_of"]

_ROWS_AT_ONCE: Final = 64 * 1024
"""Bounds what a search sets aside (about 4 MiB), whatever the length of the column."""


class Scan:
    """A search over a column of fingerprints, rows x `width` bytes (a multiple of 8); it may be memory-mapped. `ids`:
    8 bytes a row, little-endian; without them the first of several nearest rows is taken."""

    __slots__ = ("_ids", "_words")

    def __init__(self, column: memoryview | NDArray[np.uint8], ids: memoryview | None = None, width: int = 32) -> None:
        self._words = np.frombuffer(column, dtype=np.uint64).reshape(-1, width // 8)
        self._ids = None if ids is None else np.frombuffer(ids, dtype="<u8")

    def within(self, query: bytes, radius: int) -> list[Found]:
        """All rows at most `radius` bits from `query`, in the order of rows."""
        wanted = words_of(query, 8 * self._words.shape[1])
        found: list[Found] = []
        for start in range(0, len(self._words), _ROWS_AT_ONCE):
            some = self._words[start : start + _ROWS_AT_ONCE]
            # Half of the bits differ between strangers, so 128 bits already tell nearly all of them off.
            half = np.bitwise_count(some[:, :2] ^ wanted[:2]).sum(axis=1, dtype=np.uint16)
            likely = np.flatnonzero(half <= radius)
            distances = np.bitwise_count(some[likely] ^ wanted).sum(axis=1, dtype=np.uint16)
            near = np.flatnonzero(distances <= radius)
            found += [Found(start + int(likely[at]), int(distances[at])) for at in near]
        return found

    def nearest(self, query: bytes, radius: int) -> Found | None:
        """The nearest row at most `radius` bits away; of several the one with the lowest id."""
        return nearest_of(self.within(query, radius), self._ids)

    def cost(self, query: bytes, radius: int) -> Cost:
        """Every row, always."""
        return Cost(len(self._words), scanned=True)


def words_of(query: bytes, width: int = 32) -> NDArray[np.uint64]:
    """A query as words of 64 bits. Raises `ValueError` for one that has not `width` bytes."""
    if len(query) != width:
        raise ValueError(f"a query has {width} bytes, not {len(query)}")
    return np.frombuffer(query, dtype=np.uint64)


def nearest_of(found: list[Found], ids: NDArray[np.uint64] | None) -> Found | None:
    """The nearest of these; of several equally near ones that with the lowest id."""
    return min(found, key=lambda at: (at.distance, at.row if ids is None else int(ids[at.row])), default=None)
