"""An abstract poster: circles, bars, arcs, steps and dots on a grid, printed in a few inks on rough paper."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from PIL import Image, ImageDraw

from foreseal_client.pictures.canvas import (
    OVERSAMPLING,
    Pixels,
    Size,
    colour,
    grain,
    image,
    noise,
    pixels,
    rgb,
    sheet,
)

__all__ = ["paint"]

INKS: Final = (
    (0xF2E8D5, 0x1D1D1B, 0xD7352B, 0x1F4E9C, 0xF2B705),
    (0xF4EFE6, 0x23395B, 0xE4572E, 0x76B041, 0xFFC914),
    (0xEFE6DD, 0x2B2D42, 0xBF1363, 0x0E79B2, 0xF39237),
    (0xF6EEDF, 0x14213D, 0x9B2915, 0x50A2A7, 0xE9B44C),
)
Ink = tuple[int, int, int]
Box = tuple[float, float, float, float]
Shape = Callable[[np.random.Generator, ImageDraw.ImageDraw, Box, Ink], None]


def paint(rng: np.random.Generator, size: Size) -> Image.Image:
    """A poster of `size` pixels."""
    paper, *inks = (colour(code) for code in INKS[rng.integers(len(INKS))])
    drawn = sheet(size, paper)
    pen = ImageDraw.Draw(drawn)
    columns = int(rng.integers(5, 8))
    side = drawn.width / columns
    for row in range(int(drawn.height / side) + 1):
        for column in range(columns):
            box = (column * side, row * side, (column + 1) * side, (row + 1) * side)
            ground, ink = rng.choice(len(inks) + 1, 2, replace=False)
            pen.rectangle(box, fill=rgb((paper, *inks)[ground]))
            SHAPES[rng.integers(len(SHAPES))](rng, pen, box, rgb((paper, *inks)[ink]))
    _large(rng, pen, drawn.size, [rgb(ink) for ink in inks])
    return image(_printed(rng, pixels(drawn.reduce(OVERSAMPLING))))


def _large(rng: np.random.Generator, pen: ImageDraw.ImageDraw, size: Size, inks: list[Ink]) -> None:
    """A few big forms across the grid, which give each poster a gesture of its own."""
    width, height = size
    for _ in range(int(rng.integers(2, 5))):
        ink = inks[rng.integers(len(inks))]
        x, y, reach = rng.random() * width, rng.random() * height, width * rng.uniform(0.1, 0.2)
        kind = rng.integers(3)
        if kind == 0:
            for ring, share in enumerate(np.linspace(1, 0.15, int(rng.integers(4, 8)))):
                r = reach * float(share)
                pen.ellipse((x - r, y - r, x + r, y + r), fill=ink if ring % 2 == 0 else (242, 234, 218))
        elif kind == 1:
            turn = rng.uniform(0, np.pi)
            dx, dy = np.cos(turn) * width, np.sin(turn) * width
            pen.line((x - dx, y - dy, x + dx, y + dy), fill=ink, width=int(reach * rng.uniform(0.1, 0.35)))
        else:
            corners = np.arange(3) * 2 * np.pi / 3 + rng.uniform(0, 2 * np.pi) + rng.uniform(-0.4, 0.4, 3)
            pen.polygon([(x + reach * 1.3 * np.cos(c), y + reach * 1.3 * np.sin(c)) for c in corners], fill=ink)


def _printed(rng: np.random.Generator, drawn: Pixels) -> Pixels:
    """Ink that did not take everywhere, and paper that has aged."""
    height, width = drawn.shape[:2]
    wear = noise(rng, (width, height), 90, octaves=4, gain=0.7)
    age = noise(rng, (width, height), 3, octaves=5)
    printed = drawn * (0.9 + 0.16 * wear)[..., None] * (0.86 + 0.18 * age)[..., None]
    return grain(rng, printed.astype(np.float32), 0.02)


def _disc(rng: np.random.Generator, pen: ImageDraw.ImageDraw, box: Box, ink: Ink) -> None:
    inset = (box[2] - box[0]) * rng.uniform(0.02, 0.25)
    pen.ellipse((box[0] + inset, box[1] + inset, box[2] - inset, box[3] - inset), fill=ink)


def _quarter(rng: np.random.Generator, pen: ImageDraw.ImageDraw, box: Box, ink: Ink) -> None:
    corner = int(rng.integers(4))
    side = box[2] - box[0]
    x, y = box[0] + side * (corner in (1, 2)), box[1] + side * (corner in (2, 3))
    pen.pieslice((x - side, y - side, x + side, y + side), corner * 90, corner * 90 + 90, fill=ink)


def _half(rng: np.random.Generator, pen: ImageDraw.ImageDraw, box: Box, ink: Ink) -> None:
    start = int(rng.integers(4)) * 90
    pen.pieslice(box, start, start + 180, fill=ink)


def _bars(rng: np.random.Generator, pen: ImageDraw.ImageDraw, box: Box, ink: Ink) -> None:
    left, top, right, bottom = box
    count = int(rng.integers(2, 6))
    step = (right - left) / (2 * count)
    upright = rng.random() < 0.5
    for index in range(count):
        at = (2 * index + 0.5) * step
        bar = (left + at, top, left + at + step, bottom) if upright else (left, top + at, right, top + at + step)
        pen.rectangle(bar, fill=ink)


def _triangle(rng: np.random.Generator, pen: ImageDraw.ImageDraw, box: Box, ink: Ink) -> None:
    left, top, right, bottom = box
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    del corners[rng.integers(4)]
    pen.polygon(corners, fill=ink)


def _dots(rng: np.random.Generator, pen: ImageDraw.ImageDraw, box: Box, ink: Ink) -> None:
    count = int(rng.integers(3, 6))
    step = (box[2] - box[0]) / count
    r = step * rng.uniform(0.2, 0.4)
    for row in range(count):
        for column in range(count):
            x, y = box[0] + (column + 0.5) * step, box[1] + (row + 0.5) * step
            pen.ellipse((x - r, y - r, x + r, y + r), fill=ink)


def _steps(rng: np.random.Generator, pen: ImageDraw.ImageDraw, box: Box, ink: Ink) -> None:
    left, top, right, bottom = box
    count = int(rng.integers(3, 6))
    flip = rng.random() < 0.5
    for index in range(count):
        edge = (right - left) * (index + 1) / count
        side = (right - edge, right) if flip else (left, left + edge)
        pen.rectangle((side[0], top + (bottom - top) * index / count, side[1], bottom), fill=ink)


def _arcs(rng: np.random.Generator, pen: ImageDraw.ImageDraw, box: Box, ink: Ink) -> None:
    side, count = box[2] - box[0], int(rng.integers(3, 6))
    for index in range(count):
        r = side * (index + 0.7) / count
        pen.arc((box[0] - r, box[1] - r, box[0] + r, box[1] + r), 0, 90, fill=ink, width=round(side / count / 2.2))


SHAPES: Final[tuple[Shape, ...]] = (_disc, _quarter, _half, _bars, _triangle, _dots, _steps, _arcs)
