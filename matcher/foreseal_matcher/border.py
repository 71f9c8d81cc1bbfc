"""The border of one colour around a picture, and what may be left without it.

A border begins with a line of one colour at the very edge, and goes on inwards as far as lines are of that colour,
letters or noise in one place of it let pass. Its inside is looked at to the letter, as if it had been cut out: for a
canvas of even parts (`trimming`) numpy has to be loaded and the picture copied, which took twice as long as decoding.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from foreseal_matcher.core import compiled
from foreseal_matcher.fingerprints.pdq import Part, bytes_of

__all__ = ["FLAT", "LEAST", "NEAR", "inside_border", "without_border"]

NEAR: Final = 12
"""Levels of luma, of 255, within which a pixel has the colour of the border."""
FLAT: Final = 96
"""Percent of a line's pixels that have its colour, in a line of a border."""
LEAST: Final = 0.2
"""What is left must have at least this share of either side."""


def without_border(luma: memoryview, full: tuple[int, int]) -> Iterator[tuple[str, Part]]:
    """The parts that may be left of a picture whose edge is of one colour, by the names that verdicts use; none twice.
    `luma`: rows x columns of unsigned bytes; `full`: rows and columns before it was reduced."""
    inside = inside_border(luma)
    if inside is None:
        return
    rows, columns = luma.shape or (0, 0)
    for name, part in (("border off", inside), ("even border off", _evened(inside, (rows, columns), full))):
        large = part.bottom - part.top >= LEAST * rows and part.right - part.left >= LEAST * columns
        if large and part != (0, 0, rows, columns) and (name == "border off" or part != inside):
            yield name, part


def inside_border(luma: memoryview) -> Part | None:
    """What lies inside the border, or None where there is none, or nothing else."""
    rows, columns = luma.shape or (0, 0)
    core = compiled()
    if core is not None:
        found = core.border(bytes_of(luma), rows, columns)
    else:
        # Imported here because only the plain twin needs numpy.
        from foreseal_matcher.plain_border import plain_border

        found = plain_border(luma)
    return None if found is None else Part(*found)


def _evened(inside: Part, shape: tuple[int, int], full: tuple[int, int]) -> Part:
    """As wide on every side as where it is narrowest: the picture itself may begin with a flat sky."""
    (rows, columns), (full_rows, full_columns) = shape, full
    down, across = full_rows / rows, full_columns / columns
    widths = (inside.top * down, (rows - inside.bottom) * down, inside.left * across, (columns - inside.right) * across)
    above, beside = round(min(widths) / down), round(min(widths) / across)
    return Part(above, beside, rows - above, columns - beside)
