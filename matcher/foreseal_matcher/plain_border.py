"""Finding a border in numpy: the twin of core/border.c, line by line from each edge inwards."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from foreseal_matcher.border import FLAT, NEAR

__all__ = ["plain_border"]

Lines = NDArray[np.uint8]

_GAP: Final = 3
"""Lines of other colours that a border may hold in one place; in a side of more than 256, so many 256ths of it."""


def plain_border(luma: memoryview) -> tuple[int, int, int, int] | None:
    """What lies inside the border of rows x columns of luma, as top, left, bottom, right; None where there is no
    border, or nothing else."""
    lines = np.asarray(luma)
    rows, columns = lines.shape
    top, left, bottom, right = 0, 0, rows, columns
    # Twice, since a frame may stand around another.
    for _ in range(2):
        above, below = _border_lines(lines[top:bottom, left:right], rows)
        if above + below >= bottom - top:
            return None
        top, bottom = top + above, bottom - below
        before, after = _border_lines(lines[top:bottom, left:right].T, columns)
        if before + after >= right - left:
            return None
        left, right = left + before, right - after
    if (top, left, bottom, right) == (0, 0, rows, columns):
        return None
    top, bottom = _stepped_in(top, bottom, rows)
    left, right = _stepped_in(left, right, columns)
    return top, left, bottom, right


def _border_lines(inside: Lines, side: int) -> tuple[int, int]:
    """How many lines belong to a border at either end: up to the last flat one before a gap that is too wide."""
    gap = max(_GAP, side * _GAP // 256)
    return _from_one_end(inside, gap), _from_one_end(inside[::-1], gap)


def _from_one_end(inside: Lines, gap: int) -> int:
    flat = _flatness(inside)
    if not flat[0]:
        return 0
    found = np.flatnonzero(flat)
    too_far = np.flatnonzero(np.diff(found) > gap + 1)
    return int(found[too_far[0]] if len(too_far) else found[-1]) + 1


def _flatness(inside: Lines) -> NDArray[np.bool_]:
    """For each line whether nearly all of its pixels have the colour of the first one."""
    near = np.abs(inside - np.median(inside[0])) <= NEAR
    return np.asarray(near.sum(axis=1) * 100 >= FLAT * inside.shape[1])


def _stepped_in(start: int, stop: int, side: int) -> tuple[int, int]:
    """One line more where anything came off: the border may end within it."""
    before, after = int(start > 0), int(stop < side)
    return (start + before, stop - after) if stop - start > before + after else (start, stop)
