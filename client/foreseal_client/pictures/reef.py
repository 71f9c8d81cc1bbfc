"""Under water: light from above, corals of several kinds on a sea floor, small fish between them."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from PIL import Image, ImageDraw

from foreseal_client.pictures.canvas import (
    OVERSAMPLING,
    Colour,
    Pixels,
    Size,
    colour,
    enlarged,
    grain,
    image,
    lay,
    mesh,
    noise,
    pixels,
    rgb,
    shaded,
    smooth,
    vertical,
)

__all__ = ["paint"]

SEAS: Final = ((0x8FE3E0, 0x1F8FB0, 0x0A3A63), (0x9CE0C8, 0x2A9A8C, 0x0B3F4A), (0xB5D8F2, 0x3E7CC2, 0x141F55))
CORALS: Final = (0xF2647C, 0xF79A4B, 0xE8C547, 0xB45CC9, 0xEF8FB5, 0x6FD08C, 0xD9483B, 0xF3DDB3, 0x7C8CF0)


def paint(rng: np.random.Generator, size: Size) -> Image.Image:
    """A reef of `size` pixels."""
    height = size[1]
    water = _water(rng, size)
    view = enlarged(water)
    sea = tuple(float(channel) for channel in water[height // 2].mean(axis=0))
    for depth in range(3):
        clearness = (depth + 1) / 3
        floor = view.height * (0.68 + 0.12 * depth)
        _floor(rng, view, floor, sea, clearness)
        for _ in range(int(rng.integers(7, 12))):
            _coral(rng, view, rng.random() * view.width, floor + rng.uniform(0, 0.06) * view.height, sea, clearness)
        for _ in range(int(rng.integers(3, 8))):
            _fish(rng, view, sea, clearness)
    return image(grain(rng, _caustics(rng, pixels(view.reduce(OVERSAMPLING))), 0.01))


def _water(rng: np.random.Generator, size: Size) -> Pixels:
    x, y = mesh(size)
    sea = vertical(size, [colour(code) for code in SEAS[rng.integers(len(SEAS))]])
    source, slant = rng.uniform(0.1, 0.9), rng.uniform(0.9, 1.4)
    angle = np.arctan2(x - source, y + 0.25) * slant
    shafts = np.zeros_like(x)
    for _ in range(9):
        shafts += np.exp(-(((angle - rng.uniform(-0.9, 0.9)) / rng.uniform(0.015, 0.06)) ** 2)) * rng.uniform(0.3, 1)
    murk = noise(rng, size, 4, octaves=5)
    sea = sea * (0.8 + 0.4 * murk)[..., None]
    return lay(sea.astype(np.float32), (0.95, 1.0, 0.95), np.clip(shafts, 0, 1) * 0.38 * smooth(y, 0.7, 0.0))


def _far(tone: Colour, sea: tuple[float, ...], clearness: float) -> Colour:
    """A colour seen through water: the farther, the nearer to the sea's own."""
    keep = 0.25 + 0.75 * clearness
    red, green, blue = (near * keep + far * (1 - keep) for near, far in zip(tone, sea, strict=True))
    return red, green, blue


def _floor(rng: np.random.Generator, view: Image.Image, floor: float, sea: tuple[float, ...], clearness: float) -> None:
    pen = ImageDraw.Draw(view)
    sand = _far(colour(0x8C7A66), sea, clearness * 0.8)
    steps = np.linspace(0, view.width, 60)
    bumps = sum(np.sin(steps / view.width * rng.uniform(4, 30) + rng.uniform(0, 6)) for _ in range(5))
    top = [
        (float(x), float(floor + bump * view.height * 0.009)) for x, bump in zip(steps, np.asarray(bumps), strict=True)
    ]
    pen.polygon([*top, (view.width, view.height), (0, view.height)], fill=rgb(sand))
    for _ in range(420):
        x, y = rng.random() * view.width, floor + rng.beta(1, 1.6) * (view.height - floor)
        r = view.width * rng.uniform(0.001, 0.007)
        pen.ellipse((x - r, y - r * 0.6, x + r, y + r * 0.6), fill=rgb(shaded(sand, rng.uniform(0.55, 1.35))))


def _coral(
    rng: np.random.Generator, view: Image.Image, x: float, y: float, sea: tuple[float, ...], clearness: float
) -> None:
    pen = ImageDraw.Draw(view)
    tone = _far(colour(CORALS[rng.integers(len(CORALS))]), sea, clearness)
    size = view.height * rng.uniform(0.07, 0.15) * (0.7 + 0.6 * clearness)
    kind = rng.integers(4)
    if kind == 0:
        _branch(rng, pen, (x, y), -math.pi / 2, size * 0.42, size * 0.13, tone, forks=6)
    elif kind == 1:
        _brain(rng, pen, x, y, size * 0.75, tone)
    elif kind == 2:
        _fan(rng, pen, x, y, size * 1.3, tone)
    else:
        _tubes(rng, pen, x, y, size, tone)


def _branch(
    rng: np.random.Generator,
    pen: ImageDraw.ImageDraw,
    foot: tuple[float, float],
    heading: float,
    length: float,
    thick: float,
    tone: Colour,
    forks: int,
) -> None:
    tip = (foot[0] + math.cos(heading) * length, foot[1] + math.sin(heading) * length)
    pen.line((*foot, *tip), fill=rgb(shaded(tone, 0.62)), width=max(1, round(thick)))
    pen.line(
        (foot[0] - thick * 0.2, foot[1], tip[0] - thick * 0.2, tip[1]), fill=rgb(tone), width=max(1, round(thick * 0.5))
    )
    knob = thick * 0.5
    pen.ellipse((tip[0] - knob, tip[1] - knob, tip[0] + knob, tip[1] + knob), fill=rgb(shaded(tone, 1.2)))
    if forks:
        for side in (-1, 1):
            turn = heading + side * rng.uniform(0.2, 0.6)
            _branch(rng, pen, tip, turn, length * rng.uniform(0.68, 0.88), thick * 0.76, tone, forks - 1)


def _brain(rng: np.random.Generator, pen: ImageDraw.ImageDraw, x: float, y: float, r: float, tone: Colour) -> None:
    pen.ellipse((x - r, y - r * 0.85, x + r, y + r * 0.85), fill=rgb(shaded(tone, 0.55)))
    pen.ellipse((x - r * 0.95, y - r * 0.82, x + r * 0.8, y + r * 0.5), fill=rgb(shaded(tone, 0.85)))
    for _ in range(150):
        angle, away = rng.uniform(0, 2 * math.pi), math.sqrt(rng.random()) * 0.86
        px, py = x + math.cos(angle) * away * r, y + math.sin(angle) * away * r * 0.82
        dot = r * rng.uniform(0.04, 0.1) * (1.05 - away * 0.5)
        light = 1.25 - 0.4 * (math.cos(angle - 0.9) * away + 0.3)
        pen.ellipse((px - dot, py - dot, px + dot, py + dot), fill=rgb(shaded(tone, light)))


def _fan(rng: np.random.Generator, pen: ImageDraw.ImageDraw, x: float, y: float, size: float, tone: Colour) -> None:
    spread, ribs = rng.uniform(0.7, 1.15), 17
    headings = np.linspace(-spread, spread, ribs) - math.pi / 2
    reach = size * (0.8 + 0.2 * rng.random(ribs))
    for share in np.linspace(0.15, 1, 9):
        arc = [(x + math.cos(h) * r * share, y + math.sin(h) * r * share) for h, r in zip(headings, reach, strict=True)]
        pen.line(arc, fill=rgb(shaded(tone, 0.55 + 0.4 * share)), width=max(1, round(size * 0.018)))
    for heading, r in zip(headings, reach, strict=True):
        tip = (x + math.cos(heading) * r, y + math.sin(heading) * r)
        pen.line((x, y, *tip), fill=rgb(tone), width=max(1, round(size * 0.028)))


def _tubes(rng: np.random.Generator, pen: ImageDraw.ImageDraw, x: float, y: float, size: float, tone: Colour) -> None:
    for _ in range(int(rng.integers(4, 8))):
        foot, tall, half = (
            x + rng.uniform(-0.5, 0.5) * size,
            size * rng.uniform(0.5, 1.25),
            size * rng.uniform(0.08, 0.14),
        )
        top = y - tall
        pen.rectangle((foot - half, top, foot + half, y), fill=rgb(shaded(tone, 0.7)))
        pen.rectangle((foot - half, top, foot - half * 0.1, y), fill=rgb(tone))
        for mark in np.arange(top + half, y, half * 0.9):
            pen.line(
                (foot - half, mark, foot + half, mark), fill=rgb(shaded(tone, 0.82)), width=max(1, round(half * 0.16))
            )
        pen.ellipse((foot - half, top - half * 0.5, foot + half, top + half * 0.5), fill=rgb(shaded(tone, 1.2)))
        mouth = half * 0.66
        pen.ellipse((foot - mouth, top - mouth * 0.5, foot + mouth, top + mouth * 0.5), fill=rgb(shaded(tone, 0.25)))


def _fish(rng: np.random.Generator, view: Image.Image, sea: tuple[float, ...], clearness: float) -> None:
    pen = ImageDraw.Draw(view)
    size = view.width * rng.uniform(0.018, 0.04) * (0.5 + 0.8 * clearness)
    x, y = rng.random() * view.width, rng.uniform(0.08, 0.7) * view.height
    way = int(rng.choice((-1, 1)))
    tone, bars = (_far(colour(CORALS[index]), sea, clearness) for index in rng.choice(len(CORALS), 2, replace=False))
    tail = x - way * size
    pen.polygon(
        [(tail, y), (tail - way * size * 0.6, y - size * 0.45), (tail - way * size * 0.6, y + size * 0.45)], rgb(bars)
    )
    pen.polygon([(x - size * 0.5, y - size * 0.3), (x, y - size * 0.85), (x + size * 0.5, y - size * 0.3)], rgb(bars))
    pen.ellipse((x - size, y - size * 0.52, x + size, y + size * 0.52), fill=rgb(tone))
    for part in (-0.35, 0.1):
        half = size * 0.48 * math.sqrt(1 - part**2)
        pen.line(
            (x + way * part * size, y - half, x + way * part * size, y + half), rgb(bars), max(1, round(size * 0.16))
        )
    eye, dot = x + way * size * 0.62, size * 0.11
    pen.ellipse((eye - dot, y - dot * 2, eye + dot, y), fill=(250, 250, 250))
    pen.ellipse((eye - dot * 0.5, y - dot * 1.5, eye + dot * 0.5, y - dot * 0.5), fill=(15, 15, 25))


def _caustics(rng: np.random.Generator, view: Pixels) -> Pixels:
    """The net of light that waves throw on everything: bright where smooth noise crosses its middle."""
    height, width = view.shape[:2]
    net = sum(smooth(np.abs(noise(rng, (width, height), 11, octaves=2) - 0.5), 0.06, 0.0) for _ in range(2))
    texture = 0.86 + 0.28 * noise(rng, (width, height), 40, octaves=4)
    return (view * (texture + 0.16 * np.asarray(net, np.float32))[..., None]).astype(np.float32)
