"""A picture small enough to be drawn in a terminal, clear or blurred."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from foreseal_matcher.decode import thumbnail, upright_size

__all__ = ["Colour", "Preview", "preview"]

Colour = tuple[int, int, int]
"""Red, green and blue, each 0..255."""
_Rgb = NDArray[np.uint8]
Preview = tuple[tuple[Colour, ...], ...]
"""Rows of pixels, from the top."""

BLURRED_SIDE: Final = 6
"""A blurred picture keeps this many pixels a side: enough to be a picture, too few to be that picture."""


def preview(data: bytes, columns: int, rows: int, *, blurred: bool = False) -> Preview:
    """The first frame, fitted with its proportions into `columns` x `rows` terminal cells, each showing two square
    pixels one above the other (half blocks): at most `columns` pixels a row, and an even number of rows up to
    `2 * rows`. What shines through is shown on black. `blurred`: shrunk to 6x6 and enlarged again.

    Raises `Undecodable`, under the same limits as a check, and `ValueError` for less than one cell."""
    if columns < 1 or rows < 1:
        raise ValueError(f"a preview needs at least one cell, not {columns} x {rows}")
    width, height = upright_size(data)
    scale = min(columns / width, 2 * rows / height)
    wide = max(1, min(columns, round(width * scale)))
    high = max(1, min(rows, round(height * scale / 2))) * 2
    side = (BLURRED_SIDE, BLURRED_SIDE)
    pixels = _enlarged(_shrunk(data, *side), wide, high) if blurred else _shrunk(data, wide, high)
    return tuple(tuple((r, g, b) for r, g, b in row) for row in pixels.tolist())


def _shrunk(data: bytes, width: int, height: int) -> _Rgb:
    return np.frombuffer(thumbnail(data, width, height), dtype=np.uint8).reshape(height, width, 3)


def _enlarged(pixels: _Rgb, width: int, height: int) -> _Rgb:
    """Smoothly, so that the blur shows no squares."""
    down, across = _between(height), _between(width)
    smooth = np.einsum("yr,rcp,xc->yxp", down, pixels.astype(np.float32), across)
    return np.asarray(np.rint(smooth).clip(0, 255), dtype=np.uint8)


def _between(side: int) -> NDArray[np.float32]:
    """Linear interpolation from `BLURRED_SIDE` pixels to `side`, as a matrix."""
    at = ((np.arange(side) + 0.5) * BLURRED_SIDE / side - 0.5).clip(0, BLURRED_SIDE - 1)
    return np.asarray(np.maximum(0, 1 - np.abs(at[:, None] - np.arange(BLURRED_SIDE))), dtype=np.float32)
