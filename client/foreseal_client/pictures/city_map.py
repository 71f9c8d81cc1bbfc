"""A street map: a river, parks, blocks of houses between streets, two great roads and a railway."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from foreseal_client.pictures.canvas import (
    OVERSAMPLING,
    Colour,
    Size,
    colour,
    grain,
    image,
    noise,
    pixels,
    points,
    rgb,
    shaded,
    sheet,
)

__all__ = ["paint"]


class Print(NamedTuple):
    """The colours of one map."""

    ground: Colour
    house: Colour
    street: Colour
    road: Colour
    water: Colour
    park: Colour


PRINTS: Final = tuple(
    Print(*(colour(code) for code in codes))
    for codes in (
        (0xE6DFD0, 0xB9A48C, 0xFFFFFF, 0xF2A33A, 0x5F9FC4, 0x8DB56A),
        (0x22303C, 0x3F5566, 0x6F8796, 0xE8B04A, 0x0F4C75, 0x2F6B4F),
        (0xF1E3C4, 0xC08A5E, 0xFFF9EA, 0xB5392E, 0x6FA8A0, 0x9DB06A),
    )
)
Point = tuple[float, float]
Corners = np.ndarray[tuple[int, int, int], np.dtype[np.float64]]


def paint(rng: np.random.Generator, size: Size) -> Image.Image:
    """A map of `size` pixels."""
    inks = PRINTS[rng.integers(len(PRINTS))]
    drawn = sheet(size, inks.street)
    pen = ImageDraw.Draw(drawn)
    corners = _streets(rng, drawn.size)
    districts = noise(rng, (corners.shape[1], corners.shape[0]), 7, octaves=2)
    for row in range(corners.shape[0] - 1):
        for column in range(corners.shape[1] - 1):
            around = ((row, column), (row, column + 1), (row + 1, column + 1), (row + 1, column))
            density = float(districts[row, column])
            _block(rng, pen, np.array([corners[place] for place in around]), inks, density)
    _river(rng, pen, drawn.size, inks)
    for _ in range(2):
        _road(rng, pen, drawn.size, inks)
    _railway(rng, pen, drawn.size)
    aged = pixels(drawn.reduce(OVERSAMPLING)) * (0.82 + 0.24 * noise(rng, size, 3, octaves=6))[..., None]
    return image(grain(rng, aged.astype(np.float32), 0.012))


def _streets(rng: np.random.Generator, size: Size) -> Corners:
    """Crossings of a bent grid, rows x columns x (x, y): every town has its own grain."""
    width, height = size
    pitch = width / rng.uniform(11, 15)
    turn, bend = rng.uniform(-0.5, 0.5), rng.uniform(0.5, 1.3) * pitch
    steps = np.arange(-14, 15) * pitch
    x, y = np.meshgrid(steps, steps * rng.uniform(0.7, 1.0))
    waves = rng.uniform(1.5, 4, 2) / width
    x = x + bend * np.sin(y * waves[0] * 2 + rng.uniform(0, 6)) + rng.normal(0, 0.1 * pitch, x.shape)
    y = y + bend * np.sin(x * waves[1] * 2 + rng.uniform(0, 6)) + rng.normal(0, 0.1 * pitch, y.shape)
    across = x * np.cos(turn) - y * np.sin(turn) + width / 2
    down = x * np.sin(turn) + y * np.cos(turn) + height / 2
    return np.stack([across, down], axis=-1)


def _block(rng: np.random.Generator, pen: ImageDraw.ImageDraw, corners: Corners, inks: Print, density: float) -> None:
    """One block between four crossings. `density` 0..1: leafy and thinly built, to dark and close."""
    middle = corners.mean(axis=0)
    inner = middle + (corners - middle) * 0.86
    kind = rng.random()
    if kind < 0.4 * (1 - density) ** 1.5:
        pen.polygon(points(*inner.T), fill=rgb(shaded(inks.park, rng.uniform(0.85, 1.1))))
        for _ in range(14):
            x, y = middle + (corners - middle)[rng.integers(4)] * rng.uniform(0, 0.7)
            r = rng.uniform(2, 5) * OVERSAMPLING
            pen.ellipse((x - r, y - r, x + r, y + r), fill=rgb(shaded(inks.park, rng.uniform(0.6, 0.85))))
        return
    if kind < 0.4 * (1 - density) ** 1.5 + 0.06:
        pen.polygon(points(*inner.T), fill=rgb(shaded(inks.ground, 1.04)))
        return
    pen.polygon(points(*inner.T), fill=rgb(shaded(inks.ground, 1.08 - 0.3 * density)))
    tone = shaded(inks.house, (1.35 - 0.95 * density) * rng.uniform(0.9, 1.1))
    columns, rows = (int(count) for count in rng.integers(2, 5, 2))
    plan = inner.tolist()
    for row in range(rows):
        for column in range(columns):
            if rng.random() < 0.5 + 0.6 * density:
                house = _inside(plan, (column, column + 1), (row, row + 1), (columns, rows), rng.uniform(0.06, 0.16))
                pen.polygon(house, fill=rgb(shaded(tone, rng.uniform(0.85, 1.15))))


def _inside(
    corners: Sequence[Point], across: tuple[int, int], down: tuple[int, int], parts: tuple[int, int], gap: float
) -> list[Point]:
    """The corners of one plot of a block that is cut into `parts`, leaving `gap` of it free all round. On numbers and
    not on arrays: a map has thousands of plots, and arrays of two are slow to make."""
    left, right = (across[0] + gap) / parts[0], (across[1] - gap) / parts[0]
    top, bottom = (down[0] + gap) / parts[1], (down[1] - gap) / parts[1]
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = corners
    return [
        (
            (1 - v) * ((1 - u) * ax + u * bx) + v * ((1 - u) * dx + u * cx),
            (1 - v) * ((1 - u) * ay + u * by) + v * ((1 - u) * dy + u * cy),
        )
        for u, v in ((left, top), (right, top), (right, bottom), (left, bottom))
    ]


def _way(rng: np.random.Generator, size: Size, swing: float) -> list[tuple[float, float]]:
    """A winding line from one side of the map to the other."""
    width, height = size
    along = np.linspace(-0.05, 1.05, 120)
    offset = rng.uniform(0.2, 0.8) + rng.uniform(-0.5, 0.5) * (along - 0.5)
    for turns in (1.0, 2.3, 4.1):
        offset = offset + swing / turns * np.sin(along * 2 * np.pi * turns * rng.uniform(0.6, 1.2) + rng.uniform(0, 6))
    if rng.random() < 0.5:
        return points(along * width, offset * height)
    return points(offset * width, along * height)


def _stroke(pen: ImageDraw.ImageDraw, course: list[tuple[float, float]], ink: tuple[int, int, int], broad: int) -> None:
    """A wide line with round joints; those that ImageDraw makes leave whiskers where segments are short."""
    pen.line(course, fill=ink, width=broad)
    for x, y in course:
        pen.ellipse((x - broad / 2, y - broad / 2, x + broad / 2, y + broad / 2), fill=ink)


def _river(rng: np.random.Generator, pen: ImageDraw.ImageDraw, size: Size, inks: Print) -> None:
    course = _way(rng, size, 0.12)
    broad = size[0] * rng.uniform(0.04, 0.085)
    for share, tone in ((1.25, shaded(inks.park, 0.9)), (1.0, shaded(inks.water, 0.85)), (0.86, inks.water)):
        _stroke(pen, course, rgb(tone), round(broad * share))
    for depth in (0.5, 0.2):
        _stroke(pen, course, rgb(shaded(inks.water, 1.1 - depth * 0.1)), round(broad * depth))


def _road(rng: np.random.Generator, pen: ImageDraw.ImageDraw, size: Size, inks: Print) -> None:
    course = _way(rng, size, 0.05)
    broad = size[0] * rng.uniform(0.012, 0.018)
    _stroke(pen, course, rgb(shaded(inks.road, 0.55)), round(broad * 1.45))
    _stroke(pen, course, rgb(inks.road), round(broad))


def _railway(rng: np.random.Generator, pen: ImageDraw.ImageDraw, size: Size) -> None:
    course = _way(rng, size, 0.07)
    broad = max(2, round(size[0] * 0.006))
    _stroke(pen, course, (45, 45, 50), broad)
    for start, end in zip(course[::2], course[1::2], strict=True):
        pen.line((*start, *end), fill=(240, 240, 240), width=max(1, broad // 2))
