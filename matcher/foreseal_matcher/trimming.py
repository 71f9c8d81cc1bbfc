"""Where a picture may begin inside its border, its bars, or the screen that shows it.

Guesses, each of which only costs a look: a border is lines of one colour, a bar ends at a line across the whole
picture where nearly everything changes at once. On a picture with neither they rarely find anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from foreseal_matcher.border import FLAT, NEAR
from foreseal_matcher.canvas import WHOLE, Canvas, Window

__all__ = ["TRIMMED", "trimmed"]

Cells = NDArray[np.float32]

_LOOSELY_FLAT: Final = 0.9
_CHANGE: Final = 10
"""Levels of luma that a pixel changes by where a bar ends."""
_ACROSS: Final = 0.2
"""Least share of the pixels across that change there, at a line stronger than all others."""
_GAP: Final = 3
"""Cells of other lines (letters, noise) that a border may hold in one place: about 1 % of a side."""
_REACH: Final = 0.45
"""How far into a picture its bars may reach, as a share of the side."""
_BORDERS: Final = 2
"""How many of `TRIMMED`, from the first on, are about borders alone."""
_LEAST: Final = 0.2
"""What is left must have at least this share of either side."""


def trimmed(canvas: Canvas, *, thorough: bool) -> Iterator[tuple[str, Window]]:
    """What may be left of the picture without a border and, if `thorough`, without bars or a screen around it, by the
    names in `TRIMMED`; none twice."""
    tried = {WHOLE}
    for name, guess in islice(TRIMMED.items(), None if thorough else _BORDERS):
        window = guess(canvas)
        if window not in tried and min(window.bottom - window.top, window.right - window.left) >= _LEAST:
            tried.add(window)
            yield name, window


def _border(canvas: Canvas) -> Window:
    return _without_flat_lines(canvas.cells, FLAT, _GAP, 1)


def _even_border(canvas: Canvas) -> Window:
    """As wide on every side as where it is narrowest: the picture itself may begin with a flat sky."""
    found = _border(canvas)
    above = min(found.top, 1 - found.bottom, found.left * canvas.aspect, (1 - found.right) * canvas.aspect)
    beside = above / canvas.aspect
    return Window(above, beside, 1 - above, 1 - beside)


def _screen(canvas: Canvas) -> Window:
    """All that lies outside of the innermost flat lines, whatever stands between them: titles, buttons, letters."""
    return _without_flat_lines(canvas.cells, FLAT, len(canvas.cells), _REACH)


def _busy_screen(canvas: Canvas) -> Window:
    return _without_flat_lines(canvas.cells, _LOOSELY_FLAT, len(canvas.cells), _REACH * 2 / 3)


def _bar_above(canvas: Canvas) -> Window:
    return Window(_cut(_changes(canvas.cells)), 0, 1, 1)


def _bar_below(canvas: Canvas) -> Window:
    return Window(0, 0, 1 - _cut(_changes(canvas.cells)[::-1]), 1)


def _bars_above_and_below(canvas: Canvas) -> Window:
    """Equally wide ones, also where they show the picture itself enlarged and blurred."""
    changes = _changes(canvas.cells)
    cut = _cut(np.minimum(changes, changes[::-1]))
    return Window(cut, 0, 1 - cut, 1)


def _bars_beside(canvas: Canvas) -> Window:
    changes = _changes(canvas.cells.T)
    cut = _cut(np.minimum(changes, changes[::-1]))
    return Window(0, cut, 1, 1 - cut)


TRIMMED: Final[Mapping[str, Callable[[Canvas], Window]]] = MappingProxyType(
    {
        "border off": _border,
        "even border off": _even_border,
        "bar above off": _bar_above,
        "bar below off": _bar_below,
        "bars above and below off": _bars_above_and_below,
        "bars beside off": _bars_beside,
        "screen off": _screen,
        "busy screen off": _busy_screen,
    }
)


def _without_flat_lines(cells: Cells, flat: float, gap: int, reach: float) -> Window:
    """Rows off, then columns, and both once more: the frame of a screen lies around the border of what it shows. One
    cell more where anything came off, since the border may end within it."""
    top, left, (bottom, right) = 0, 0, cells.shape
    for _ in range(2):
        for _ in range(2):
            inside = cells[top:bottom, left:right]
            above, below = (_flat_lines(lines, flat, gap, reach) for lines in (inside, inside[::-1]))
            if above + below >= len(inside):
                return WHOLE
            top, bottom = top + above, bottom - below
            # Turned over its diagonal, so that what was done to the rows is done to the columns.
            cells, top, left, bottom, right = cells.T, left, top, right, bottom
    rows, columns = cells.shape
    top, left = top + (top > 0), left + (left > 0)
    bottom, right = bottom - (bottom < rows), right - (right < columns)
    return Window(top / rows, left / columns, bottom / rows, right / columns)


def _flat_lines(lines: Cells, flat: float, gap: int, reach: float) -> int:
    """How many lines from the first on belong to a border: up to the last flat one before a gap that is too wide."""
    found = np.flatnonzero(_flatness(lines[: max(1, int(len(lines) * reach))]) >= flat)
    too_far = np.flatnonzero(np.diff(found, prepend=-1) > gap + 1)
    reached = found[: too_far[0]] if len(too_far) else found
    return int(reached[-1]) + 1 if len(reached) else 0


def _flatness(lines: Cells) -> NDArray[np.float32]:
    """For each line the share of pixels that have the colour of the first one."""
    return np.asarray((np.abs(lines - np.median(lines[0])) <= NEAR).mean(axis=1), dtype=np.float32)


def _changes(cells: Cells) -> NDArray[np.float32]:
    """For each row but the first and last the share of pixels that differ between the rows around it."""
    return np.asarray((np.abs(cells[2:] - cells[:-2]) > _CHANGE).mean(axis=1), dtype=np.float32)


def _cut(changes: NDArray[np.float32]) -> float:
    """The share of the side that lies before the strongest change within reach, 0 where none is strong enough."""
    rows = len(changes) + 2
    near = changes[: int(rows * _REACH)]
    at = int(near.argmax()) if len(near) else 0
    return (at + 2) / rows if len(near) and near[at] >= _ACROSS else 0.0
