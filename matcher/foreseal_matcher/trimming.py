"""Where a picture may begin inside its bars, or inside the screen that shows it. (Borders: see `border`.)

Guesses, each of which only costs a look: a screen shows lines of one colour around the picture, a bar ends at a line
across the whole picture where nearly everything changes at once. On a picture with neither they rarely find anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from foreseal_matcher.border import FLAT, LEAST, NEAR
from foreseal_matcher.canvas import WHOLE, Canvas, Window

__all__ = ["TRIMMED", "trimmed"]

Cells = NDArray[np.float32]

_LOOSELY_FLAT: Final = 90
"""Percent, as `border.FLAT`."""
_CHANGE: Final = 10
"""Levels of luma that a pixel changes by where a bar ends."""
_ACROSS: Final = 0.2
"""Least share of the pixels across that change there, at a line stronger than all others."""
_REACH: Final = 0.45
"""How far into a picture its bars may reach, as a share of the side."""


def trimmed(canvas: Canvas) -> Iterator[tuple[str, Window]]:
    """What may be left of the picture without bars or a screen around it, by the names in `TRIMMED`; none twice."""
    tried = {WHOLE}
    for name, guess in TRIMMED.items():
        window = guess(canvas)
        if window not in tried and min(window.bottom - window.top, window.right - window.left) >= LEAST:
            tried.add(window)
            yield name, window


def _screen(canvas: Canvas) -> Window:
    """All that lies outside of the innermost flat lines, whatever stands between them: titles, buttons, letters."""
    return _without_flat_lines(canvas.cells, FLAT, _REACH)


def _busy_screen(canvas: Canvas) -> Window:
    return _without_flat_lines(canvas.cells, _LOOSELY_FLAT, _REACH * 2 / 3)


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
        "bar above off": _bar_above,
        "bar below off": _bar_below,
        "bars above and below off": _bars_above_and_below,
        "bars beside off": _bars_beside,
        "screen off": _screen,
        "busy screen off": _busy_screen,
    }
)


def _without_flat_lines(cells: Cells, flat: int, reach: float) -> Window:
    """Rows off, then columns, and both once more: the frame of a screen lies around the border of what it shows. One
    cell more where anything came off, since the border may end within it."""
    top, left, (bottom, right) = 0, 0, cells.shape
    for _ in range(2):
        for _ in range(2):
            inside = cells[top:bottom, left:right]
            above, below = (_flat_lines(lines, flat, reach) for lines in (inside, inside[::-1]))
            if above + below >= len(inside):
                return WHOLE
            top, bottom = top + above, bottom - below
            # Turned over its diagonal, so that what was done to the rows is done to the columns.
            cells, top, left, bottom, right = cells.T, left, top, right, bottom
    rows, columns = cells.shape
    top, left = top + (top > 0), left + (left > 0)
    bottom, right = bottom - (bottom < rows), right - (right < columns)
    return Window(top / rows, left / columns, bottom / rows, right / columns)


def _flat_lines(lines: Cells, flat: int, reach: float) -> int:
    """How many lines lie before the innermost flat one within reach, and with it."""
    found = np.flatnonzero(_flatness(lines[: max(1, int(len(lines) * reach))]) * 100 >= flat)
    return int(found[-1]) + 1 if len(found) else 0


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
