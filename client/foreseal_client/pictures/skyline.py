"""A city at dusk across the water: four rows of towers, lit windows, long reflections."""

from __future__ import annotations

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
    tint,
    vertical,
)

__all__ = ["paint"]

SKIES: Final = (
    (colour(0x1B1F4B), colour(0x7A3B78), colour(0xF58A5B), colour(0xFFD08A)),
    (colour(0x0F2A4A), colour(0x2F6A8C), colour(0xE7A77C), colour(0xFBE0B4)),
    (colour(0x241433), colour(0x5A2450), colour(0xC8455A), colour(0xFFB26B)),
    (colour(0x0A1022), colour(0x1B2E55), colour(0x4A5C92), colour(0xB78FA8)),
)
WINDOWS: Final = (colour(0xFFE2A0), colour(0xFFC766), colour(0xFFF4D8), colour(0xBFE3FF))
ROWS: Final = 4


def paint(rng: np.random.Generator, size: Size) -> Image.Image:
    """A skyline of `size` pixels."""
    height = size[1]
    tones = SKIES[rng.integers(len(SKIES))]
    shore = int(height * rng.uniform(0.66, 0.76))
    view = _sky(rng, size, tones, shore)
    drawn = enlarged(view)
    for row in range(ROWS):
        _towers(rng, drawn, tones, nearness=row / (ROWS - 1), foot=shore * OVERSAMPLING)
    return image(grain(rng, _river(rng, pixels(drawn.reduce(OVERSAMPLING)), shore), 0.01))


def _sky(rng: np.random.Generator, size: Size, tones: tuple[Colour, ...], shore: int) -> Pixels:
    width, height = size
    sky = np.concatenate([vertical((width, shore), tones), np.zeros((height - shore, width, 3), np.float32)])
    x, y = mesh(size)
    away = np.hypot(x - rng.uniform(0.15, 0.85), y - shore / width * rng.uniform(0.6, 0.95)).astype(np.float32)
    sky = lay(sky, colour(0xFFE7B8), 0.7 * np.exp(-away * 5))
    sky = lay(sky, colour(0xFFF3D6), smooth(away, 0.06, 0.055))
    tall = noise(rng, (width, height * 4), 3, octaves=6, gain=0.55)
    streaks = np.asarray(Image.fromarray(tall).resize(size, Image.Resampling.BOX))
    return lay(sky, shaded(tones[2], 0.95), smooth(streaks, 0.48, 0.8) * 0.7)


def _towers(
    rng: np.random.Generator, drawn: Image.Image, tones: tuple[Colour, ...], nearness: float, foot: int
) -> None:
    pen = ImageDraw.Draw(drawn)
    width = drawn.width
    left = -rng.uniform(0, 0.05) * width
    while left < width:
        broad = width * rng.uniform(0.035, 0.085) * (0.7 + 0.6 * nearness)
        tall = foot * (rng.uniform(0.3, 0.78) - 0.28 * nearness)
        wall = tuple(
            float(far * (1 - nearness) * 0.55 + near * (0.45 + 0.55 * nearness) * rng.uniform(0.75, 1.25))
            for far, near in zip(tones[1], (0.09, 0.09, 0.15), strict=True)
        )
        _tower(rng, pen, (left, foot - tall, left + broad, foot), (wall[0], wall[1], wall[2]), nearness)
        left += broad * rng.uniform(0.85, 1.25)


def _tower(
    rng: np.random.Generator,
    pen: ImageDraw.ImageDraw,
    box: tuple[float, float, float, float],
    wall: Colour,
    nearness: float,
) -> None:
    left, top, right, foot = box
    broad = right - left
    pen.rectangle(box, fill=rgb(wall))
    pen.rectangle((right - broad * 0.24, top, right, foot), fill=rgb(shaded(wall, 0.72)))
    crown = rng.integers(4)
    middle = (left + right) / 2
    if crown == 0:
        pen.polygon(
            [(left, top), (middle, top - broad * rng.uniform(0.4, 1.1)), (right, top)], fill=rgb(shaded(wall, 0.9))
        )
    elif crown == 1:
        inset, step = broad * 0.2, broad * rng.uniform(0.3, 0.7)
        pen.rectangle((left + inset, top - step, right - inset, top), fill=rgb(wall))
        pen.line((middle, top - step * 2.4, middle, top - step), fill=rgb(wall), width=OVERSAMPLING * 2)
    elif crown == 2:
        pen.pieslice((left, top - broad / 2, right, top + broad / 2), 180, 360, fill=rgb(wall))
    _windows(rng, pen, (left, top, right, foot), wall, nearness)


def _windows(
    rng: np.random.Generator,
    pen: ImageDraw.ImageDraw,
    box: tuple[float, float, float, float],
    wall: Colour,
    nearness: float,
) -> None:
    left, top, right, foot = box
    pitch = 8.0 * OVERSAMPLING * (0.65 + 0.5 * nearness)
    lamp = WINDOWS[rng.integers(len(WINDOWS))]
    share = rng.uniform(0.15, 0.65)
    whole_floors = rng.random() < 0.35
    for y in np.arange(top + pitch * 0.7, foot - pitch * 0.5, pitch * 1.25):
        floor_lit = rng.random() < share
        for x in np.arange(left + pitch * 0.5, right - pitch * 0.7, pitch):
            lit = floor_lit if whole_floors else rng.random() < share
            tone = shaded(lamp, (0.45 + 0.5 * nearness) * rng.uniform(0.7, 1.1)) if lit else shaded(wall, 0.7)
            pen.rectangle((x, y, x + pitch * 0.5, y + pitch * 0.62), fill=rgb(tone))


def _river(rng: np.random.Generator, view: Pixels, shore: int) -> Pixels:
    """The city upside down, smeared along the waves: each pixel takes its colour from a row nearby."""
    height, width = view.shape[:2]
    deep = height - shore
    below = np.arange(deep)[:, None]
    swell = noise(rng, (width, deep), 40, octaves=3)
    source = (shore - 2 - below * 1.9 + (swell - 0.5) * (6 + 0.5 * below)).astype(np.intp)
    across = np.clip(np.arange(width)[None, :] + ((swell - 0.5) * 0.18 * below).astype(np.intp), 0, width - 1)
    smeared = np.mean([view[np.clip(source + step, 0, shore - 1), across] for step in range(-9, 10, 3)], axis=0)
    crest = smooth(swell, 0.62, 0.9) * 0.35
    river = view.copy()
    water = (smeared * 0.62 + tint((0.01, 0.02, 0.05))).astype(np.float32)
    river[shore:] = lay(water, view[shore // 2].mean(axis=0), crest)
    river[shore : shore + max(2, height // 180)] = (0.04, 0.04, 0.07)
    return river
