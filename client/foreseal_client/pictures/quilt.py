"""A patchwork quilt: every patch its own cloth (stripes, checks, dots, stars, waves), woven and stitched."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from PIL import Image

from foreseal_client.pictures.canvas import Colour, Mask, Pixels, Size, colour, grain, image, lay, noise, smooth, tint

__all__ = ["paint"]

CLOTHS: Final = (
    (0x1F3A5F, 0xE9D8A6, 0xBB3E03, 0x94D2BD, 0xEE9B00, 0x9B2226, 0x005F73),
    (0x3D2645, 0xF0EFF4, 0x832161, 0xDA4167, 0xF2B134, 0x3F7D6E, 0x89A7C2),
    (0x283618, 0xFEFAE0, 0xBC6C25, 0xDDA15E, 0x606C38, 0x7F2F2B, 0x2F4B66),
    (0x22223B, 0xF2E9E4, 0xC9ADA7, 0x9A8C98, 0xB5483A, 0x4A7C8C, 0xE0A458),
)

Cloth = Callable[[np.random.Generator, Mask, Mask], Mask]
"""A pattern over the patch's coordinates (each 0..1): which of two colours, 0..1."""


def paint(rng: np.random.Generator, size: Size) -> Image.Image:
    """A quilt of `size` pixels."""
    width, height = size
    colours = [colour(code) for code in CLOTHS[rng.integers(len(CLOTHS))]]
    columns = int(rng.integers(5, 8))
    rows = max(2, round(columns * height / width))
    quilt = np.zeros((height, width, 3), np.float32)
    for row in range(rows):
        for column in range(columns):
            top, bottom = row * height // rows, (row + 1) * height // rows
            left, right = column * width // columns, (column + 1) * width // columns
            quilt[top:bottom, left:right] = _patch(rng, colours, (right - left, bottom - top))
    return image(grain(rng, _draped(rng, quilt), 0.015))


def _patch(rng: np.random.Generator, colours: list[Colour], size: Size) -> Pixels:
    width, height = size
    first, second, thread = (colours[index] for index in rng.choice(len(colours), 3, replace=False))
    across, down = np.meshgrid(np.linspace(0, 1, width, dtype=np.float32), np.linspace(0, 1, height, dtype=np.float32))
    cloth = PATTERNS[rng.integers(len(PATTERNS))]
    patch = lay(np.broadcast_to(tint(first), (height, width, 3)), second, cloth(rng, across, down))

    # Cushioned towards the seam, and a running stitch just inside it.
    to_seam = np.minimum(np.minimum(across, 1 - across) * width, np.minimum(down, 1 - down) * height)
    patch = patch * (0.55 + 0.45 * smooth(to_seam, 0, width * 0.12))[..., None]
    dashes = np.sin((across * width + down * height) * (2 * np.pi / 11)) > -0.1
    stitch = smooth(np.abs(to_seam - width * 0.055), 1.9, 0.9) * dashes
    return lay(patch.astype(np.float32), thread, (0.9 * stitch).astype(np.float32))


def _draped(rng: np.random.Generator, quilt: Pixels) -> Pixels:
    """The weave's fine grid and the soft folds of cloth that lies on something."""
    height, width = quilt.shape[:2]
    weave = 0.94 + 0.06 * np.sin(np.arange(width) * 2.1)[None, :] * np.sin(np.arange(height) * 2.1)[:, None]
    folds = noise(rng, (width, height), 2.5, octaves=3, gain=0.4)
    slope = np.gradient(folds, axis=1) * width / 7 + np.gradient(folds, axis=0) * height / 9
    light = np.clip(0.98 + slope, 0.45, 1.4) * weave
    return np.asarray(quilt * light[..., None], np.float32)


def _stripes(rng: np.random.Generator, x: Mask, y: Mask) -> Mask:
    along = (x, y, (x + y) / 2, (x - y) / 2)[rng.integers(4)]
    return _soft(np.sin(along * 2 * np.pi * rng.uniform(3, 8)))


def _checks(rng: np.random.Generator, x: Mask, y: Mask) -> Mask:
    count = rng.integers(2, 5)
    return ((_soft(np.sin(x * 2 * np.pi * count)) + _soft(np.sin(y * 2 * np.pi * count))) / 2).astype(np.float32)


def _board(rng: np.random.Generator, x: Mask, y: Mask) -> Mask:
    count = rng.integers(1, 4)
    return _soft(np.sin(x * 2 * np.pi * count) * np.sin(y * 2 * np.pi * count) * 3)


def _dots(rng: np.random.Generator, x: Mask, y: Mask) -> Mask:
    count = rng.integers(3, 6)
    return smooth(np.hypot(x * count % 1 - 0.5, y * count % 1 - 0.5).astype(np.float32), 0.33, 0.27)


def _star(rng: np.random.Generator, x: Mask, y: Mask) -> Mask:
    tips = rng.choice((4, 6, 8))
    radius, angle = np.hypot(x - 0.5, y - 0.5), np.arctan2(y - 0.5, x - 0.5) + rng.uniform(0, np.pi)
    reach = 0.22 + 0.2 * np.abs((angle * tips / (2 * np.pi)) % 1 - 0.5) * 2
    return smooth((radius - reach).astype(np.float32), 0.012, -0.012)


def _rings(rng: np.random.Generator, x: Mask, y: Mask) -> Mask:
    corner = rng.integers(0, 2, 2)
    return _soft(np.sin(np.hypot(x - corner[0], y - corner[1]) * 2 * np.pi * rng.uniform(3, 6)))


def _waves(rng: np.random.Generator, x: Mask, y: Mask) -> Mask:
    return _soft(np.sin((y * rng.uniform(4, 7) + 0.3 * np.sin(x * 2 * np.pi * rng.integers(2, 5))) * 2 * np.pi))


def _triangles(rng: np.random.Generator, x: Mask, y: Mask) -> Mask:
    count = rng.integers(1, 4)
    lean = (x * count % 1) - (y * count % 1) if rng.random() < 0.5 else (x * count % 1) + (y * count % 1) - 1
    return smooth(lean.astype(np.float32), -0.02, 0.02)


def _soft(wave: Mask) -> Mask:
    """A square wave with edges a pixel or two wide."""
    return smooth(np.asarray(wave, np.float32), -0.12, 0.12)


PATTERNS: Final[tuple[Cloth, ...]] = (_stripes, _checks, _board, _dots, _star, _rings, _waves, _triangles)
