"""Whether a picture has a border: a glance at its bytes, before anything is computed."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import Final

__all__ = ["FLAT", "NEAR", "has_border"]

NEAR: Final = 12
"""Levels of luma, of 255, within which a pixel has the colour of the border."""
FLAT: Final = 0.96
"""Share of a line's pixels that have its colour, in a line of a border."""


def has_border(luma: memoryview) -> bool:
    """Whether any of a picture's four outermost lines is of one colour. `luma`: rows x columns of unsigned bytes."""
    _, columns = luma.shape or (0, 0)
    # A view of the same bytes where that can be had: copying a megabyte takes longer than looking at its edges.
    pixels = luma.cast("B") if luma.c_contiguous else memoryview(luma.tobytes())
    edges = (pixels[:columns], pixels[-columns:], pixels[::columns], pixels[columns - 1 :: columns])
    return any(map(_of_one_colour, edges))


def _of_one_colour(line: memoryview) -> bool:
    ordered = sorted(line)
    middle = (ordered[(len(line) - 1) // 2] + ordered[len(line) // 2]) / 2
    near = bisect_right(ordered, middle + NEAR) - bisect_left(ordered, middle - NEAR)
    return near >= FLAT * len(line)
