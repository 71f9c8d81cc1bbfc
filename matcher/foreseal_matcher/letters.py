"""White letters with a black outline, as memes have them, painted over with what stands around them.

Found by their edges: white within a hundredth of a side of black. A picture's own such edges are painted over as well,
which only costs a look.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["painted_over"]

Cells = NDArray[np.float32]

_WHITE: Final = 233
_BLACK: Final = 22
"""Levels of luma from which and up to which a cell counts as a letter's inside or its outline: a cell holds some of
either where they meet."""
_APART: Final = 3
"""Cells that lie between white and black at most."""
_EDGE: Final = 1
"""Cells beyond, which hold a little of the outline."""
_AROUND: Final = 7
"""Cells to either side, twice, whose mean is painted over a letter."""
_MOST: Final = 0.5
"""Share of a picture that may be letters: beyond that there is nothing left to tell it by."""


def painted_over(cells: Cells) -> Cells | None:
    """The cells (luma 0..255, rows first) without letters; None where there are none, or little else."""
    white, black = cells >= _WHITE, cells <= _BLACK
    if not (white.any() and black.any()):
        return None
    letters = _widened(_widened(white, _APART) & _widened(black, _APART), _EDGE)
    if not 0 < letters.mean() <= _MOST:
        return None
    kept = np.asarray(~letters, dtype=np.float32)
    weights = _around(kept)
    around = _around(cells * kept) / np.maximum(weights, np.float32(1e-4))
    reached = letters & (weights > np.float32(1e-3))
    return np.asarray(np.where(reached, around, cells), dtype=np.float32)


def _widened(cells: NDArray[np.bool_], reach: int) -> NDArray[np.bool_]:
    """True wherever a cell within `reach` rows and columns is."""
    return np.asarray(_spread(cells.astype(np.float32), reach) > 0.5)


def _around(cells: Cells) -> Cells:
    return _spread(_spread(cells, _AROUND), _AROUND)


def _spread(cells: Cells, reach: int) -> Cells:
    """For each cell the sum of those within `reach` rows and columns of it."""
    return _summed(_summed(cells, reach).T, reach).T


def _summed(cells: Cells, reach: int) -> Cells:
    """For each row the sum of the rows within `reach` of it: of sums of 1, 2, 4 and more rows, put end to end. Whole
    rows are added, in whichever order they lie in memory: a running sum took twenty times as long."""
    run = np.pad(cells, ((reach, reach), (0, 0)))
    total, left, at, width = np.zeros_like(cells), 2 * reach + 1, 0, 1
    while True:
        if left & width:
            total += run[at : at + len(cells)]
            at += width
            left -= width
        if not left:
            return total
        run = run[:-width] + run[width:]
        width *= 2
