"""A picture laid out so that many looks at it cost little: reduced and smoothed once, then sampled where a look wants.

Sampling a look takes about a twentieth of what decoding a small picture does. The fingerprint of the picture as it
is never comes from here: that one is made to the letter (`fingerprints.pdq`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from foreseal_matcher.fingerprints.sampled import SAMPLES, Samples

__all__ = ["WHOLE", "Canvas", "Window"]

Places = NDArray[np.float64]
"""Where samples lie, in shares of a side."""

CELLS: Final = 256
"""Most cells a side: four to a sample, so that half of a picture's side still has two."""

LEAN: Final = 0.00125
"""PDQ samples a little to the lower right of a picture's parts: by 1.5 pixels at a side of 1024 (see `_sampling`
in `fingerprints.plain_pdq`), and how long the side was that a listed picture had is not known."""


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a picture, in shares of its height and width from the upper left corner. It may reach beyond the
    picture, whose outermost pixels then go on: for copies that were cropped by 10 % that brought 0.65 of them back,
    continuing as in a mirror 0.45."""

    top: float
    left: float
    bottom: float
    right: float


WHOLE: Final = Window(0, 0, 1, 1)


@dataclass(frozen=True, slots=True, eq=False)
class Canvas:
    """`cells`: mean luma of at most 256 x 256 even parts, 0..255. `smooth`: the same, each mixed with its neighbours
    about as wide as PDQ's own filter. `aspect`: width by height of the picture."""

    cells: NDArray[np.float32]
    smooth: NDArray[np.float32]
    aspect: float

    @classmethod
    def of(cls, luma: memoryview, full: tuple[int, int]) -> Canvas:
        """The canvas of a picture given as luma 0..255 in unsigned bytes, rows first; `full`: its rows and columns
        before it was reduced."""
        rows = _reduced(np.asarray(luma, dtype=np.float32))
        cells = np.ascontiguousarray(_reduced(np.ascontiguousarray(rows.T)).T)
        return cls(cells, _smoothed(cells), full[1] / full[0])

    def sampled(self, window: Window = WHOLE, degrees: float = 0, *, fading: bool = False) -> Samples:
        """The samples of a part, seen turned clockwise by so many degrees around its middle. `fading`: what lies
        beyond the picture fades into its mean, where the part is not turned."""
        steps: Places = (np.arange(SAMPLES) + 0.5) / SAMPLES + LEAN
        down = window.top + steps * (window.bottom - window.top)
        across = window.left + steps * (window.right - window.left)
        if not degrees:
            rows = _between(self.smooth, down)
            taken = np.ascontiguousarray(_between(rows.T, across).T)
            return self._faded(taken, down, across) if fading else taken
        return self._turned(down, across, degrees)

    def with_cells(self, cells: NDArray[np.float32]) -> Canvas:
        """The same picture after something was done to its cells."""
        return Canvas(cells, _smoothed(cells), self.aspect)

    def _faded(self, taken: Samples, down: Places, across: Places) -> Samples:
        kept = np.outer(_kept(down), _kept(across))
        return np.asarray(taken * kept + self.smooth.mean() * (1 - kept), dtype=np.float32)

    def _turned(self, down: Places, across: Places, degrees: float) -> Samples:
        middle_y, middle_x = (down[0] + down[-1]) / 2, (across[0] + across[-1]) / 2
        y, x = (down - middle_y)[:, None], (across - middle_x)[None, :] * self.aspect
        cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
        rows, row_share = _places(middle_y + y * cos - x * sin, self.smooth.shape[0])
        columns, share = _places(middle_x + (x * cos + y * sin) / self.aspect, self.smooth.shape[1])
        upper = self.smooth[rows, columns] * (1 - share) + self.smooth[rows, columns + 1] * share
        lower = self.smooth[rows + 1, columns] * (1 - share) + self.smooth[rows + 1, columns + 1] * share
        return np.asarray(upper * (1 - row_share) + lower * row_share, dtype=np.float32)


def _reduced(luma: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows averaged into at most `CELLS`, those that straddle an edge by their shares."""
    while len(luma) >= 2 * CELLS and len(luma) % 2 == 0:
        luma = _halved(luma)
    side = len(luma)
    if side <= CELLS:
        return luma
    # Each cell takes the rows it covers one after the other, so that whole rows of memory are added: a running sum,
    # differenced at the edges, took nine times as long. Shares are multiples of 1/256, so that up to the last division
    # nothing is rounded, and what is even stays even.
    edges = np.linspace(0, side, CELLS + 1)
    first = edges[:-1].astype(np.intp)
    summed = np.zeros((CELLS, luma.shape[1]), dtype=np.float32)
    for tap in range(math.ceil(side / CELLS) + 1):
        row = first + tap
        covered = np.clip(np.minimum(edges[1:], row + 1) - np.maximum(edges[:-1], row), 0, 1).astype(np.float32)
        summed += luma[np.minimum(row, side - 1)] * covered[:, None]
    return np.asarray(summed / np.float32(side / CELLS), dtype=np.float32)


def _halved(cells: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows averaged in pairs; one left over is dropped."""
    even = len(cells) // 2 * 2
    return np.asarray((cells[:even:2] + cells[1:even:2]) / 2, dtype=np.float32)


def _smoothed(cells: NDArray[np.float32]) -> NDArray[np.float32]:
    down = cells.copy()
    down[1:-1] = (cells[:-2] + 2 * cells[1:-1] + cells[2:]) / 4
    smooth = down.copy()
    smooth[:, 1:-1] = (down[:, :-2] + 2 * down[:, 1:-1] + down[:, 2:]) / 4
    return smooth


def _between(cells: NDArray[np.float32], at: Places) -> NDArray[np.float32]:
    rows, share = _places(at, len(cells))
    share = share[:, None]
    return np.asarray(cells[rows] * (1 - share) + cells[rows + 1] * share, dtype=np.float32)


def _places(at: Places, side: int) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """For places in shares of a side: the cell before each, and how far it lies towards the next."""
    exact = np.clip(at * side - 0.5, 0, side - 1.001)
    before = exact.astype(np.intp)
    return before, (exact - before).astype(np.float32)


def _kept(at: Places) -> Places:
    """1 for places inside, falling to 0 for those farthest outside."""
    outside = np.maximum(0, np.maximum(-at, at - 1))
    return np.asarray(1 - outside / max(float(outside.max()), 1e-6))
