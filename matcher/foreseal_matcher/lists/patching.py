"""Columns made anew from old ones and what is between: by numbers of rows alone, in blocks, comparing nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from foreseal_matcher.lists.comparing import Numbers
from foreseal_matcher.lists.records import Bytes2D

__all__ = ["Patch", "patched", "woven"]

_ROWS_AT_ONCE: Final = 256 * 1024


class Patch(NamedTuple):
    """How many rows the old column has, which of them go, and at which rows of the new one others come; both
    ascending."""

    length: int
    removed: Numbers
    added: Numbers

    @property
    def new_length(self) -> int:
        """Rows of the new column."""
        return self.length - len(self.removed) + len(self.added)

    @property
    def fits(self) -> bool:
        """Whether the numbers are those of rows that there are, ascending and none twice."""
        return all(
            not len(rows) or (bool((rows[1:] > rows[:-1]).all()) and int(rows[-1]) < length)
            for rows, length in ((self.removed, self.length), (self.added, self.new_length))
        )


def patched(patch: Patch) -> Iterator[tuple[int, Numbers, Numbers, slice]]:
    """Block by block: the first row of the block in the new column; the rows of the old one that stay in it; the
    places in the block where new rows come; and which of the added rows those are."""
    # The n-th row that stays is row n + k of the old column, k being the removed rows in front of it.
    steps = patch.removed - np.arange(len(patch.removed))
    for start in range(0, patch.new_length, _ROWS_AT_ONCE):
        end = min(start + _ROWS_AT_ONCE, patch.new_length)
        first, last = (int(np.searchsorted(patch.added, edge)) for edge in (start, end))
        staying = np.arange(start - first, end - last)
        yield (
            start,
            staying + np.searchsorted(steps, staying, side="right"),
            patch.added[first:last] - start,
            slice(first, last),
        )


def woven(old: Bytes2D, new: Bytes2D, places: Numbers) -> Bytes2D:
    """The rows of a block: `new` at these places, `old` at the others in their order."""
    block = np.empty((len(old) + len(new), old.shape[1]), dtype=np.uint8)
    stays = np.ones(len(block), dtype=np.bool_)
    stays[places] = False
    block[places] = new
    block[stays] = old
    return block
