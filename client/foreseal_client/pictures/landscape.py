"""Mountains behind a lake: sky, sun, ridges in the haze, their reflection, pines on the near bank."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from PIL import Image

from foreseal_client.pictures.canvas import (
    Colour,
    Mask,
    Pixels,
    Size,
    colour,
    grain,
    image,
    lay,
    mesh,
    noise,
    ridge,
    smooth,
    tint,
    vertical,
)

__all__ = ["paint"]


class Hour(NamedTuple):
    """The colours of one time of day."""

    sky: tuple[Colour, ...]
    sun: Colour
    rock: Colour
    haze: Colour
    bank: Colour


HOURS: Final = (
    Hour(
        (colour(0x2B5FA8), colour(0x6FA6D8), colour(0xD9E9F2)),
        colour(0xFFF6DC),
        colour(0x4A5468),
        colour(0xBFD4E4),
        colour(0x26401F),
    ),
    Hour(
        (colour(0x2A2350), colour(0x9A4A7A), colour(0xFFB46B)),
        colour(0xFFE9B0),
        colour(0x3A2C4E),
        colour(0xE59A7C),
        colour(0x1B1A2C),
    ),
    Hour(
        (colour(0x7FA8B8), colour(0xF2C9B0), colour(0xFCE8D2)),
        colour(0xFFFDF0),
        colour(0x3F5560),
        colour(0xDCC8C0),
        colour(0x2C3A2A),
    ),
    Hour(
        (colour(0x0E1830), colour(0x27406B), colour(0x6E8CAF)),
        colour(0xF4F7FF),
        colour(0x1C2A44),
        colour(0x62809F),
        colour(0x0B1420),
    ),
)
RIDGES: Final = 6


def paint(rng: np.random.Generator, size: Size) -> Image.Image:
    """A landscape of `size` pixels."""
    height = size[1]
    hour = HOURS[rng.integers(len(HOURS))]
    shore = int(height * rng.uniform(0.56, 0.7))
    view = _sky(rng, size, hour)
    for index in range(RIDGES):
        view = _mountains(rng, view, hour, nearness=(index + 1) / RIDGES, shore=shore)
    view = _lake(rng, view, hour, shore)
    return image(grain(rng, _bank(rng, view, hour), 0.012))


def _sky(rng: np.random.Generator, size: Size, hour: Hour) -> Pixels:
    width = size[0]
    x, y = mesh(size)
    sky = vertical(size, (*hour.sky, hour.sky[-1]))
    away = np.hypot(x - rng.uniform(0.12, 0.88), y - rng.uniform(0.08, 0.3)).astype(np.float32)
    sky = lay(sky, hour.sun, 0.75 * np.exp(-away * 7))
    sky = lay(sky, hour.sun, smooth(away, 0.047, 0.043))
    clouds = noise(rng, size, rng.uniform(3, 6), octaves=6, gain=0.55)
    cover = smooth(clouds, 0.5, 0.85) * smooth(y, 0.62, 0.1)
    lit = smooth(np.roll(clouds, width // 60, axis=1) - clouds, -0.06, 0.1)
    return lay(sky, lay(np.broadcast_to(tint(hour.haze), sky.shape), (1.0, 0.98, 0.95), lit), 0.85 * cover)


def _mountains(rng: np.random.Generator, view: Pixels, hour: Hour, nearness: float, shore: int) -> Pixels:
    height, width = view.shape[:2]
    relief = (0.8 - 0.6 * nearness) * shore * rng.uniform(0.85, 1.15)
    outline = shore - relief * (0.2 + 0.8 * ridge(rng, width, 2 + 3 * nearness, gain=0.46))
    rows = np.arange(height, dtype=np.float32)[:, None]
    depth = rows - outline[None, :]
    body = smooth(depth, -0.7, 0.7) * (rows < shore)

    # Light from one side: the slope of a field of noise, as a relief map is shaded.
    field = noise(rng, (width, height), 6 + 6 * nearness, octaves=6, gain=0.47)
    slope = np.gradient(field, axis=1) * width / 17
    light = np.clip(0.85 + slope, 0.35, 1.5)[..., None]
    stone = tint(hour.rock) * light * (0.75 + 0.5 * (1 - nearness))
    if nearness < 0.7:
        snow = smooth(depth + 0.5 * relief * (field - 0.35), 0.5 * relief, 0.2 * relief)
        stone = lay(stone.astype(np.float32), tint((0.93, 0.95, 1.0)) * np.clip(light, 0.55, 1.05), 0.9 * snow)
    else:
        forest = noise(rng, (width, height), 60, octaves=3)
        stone = stone * (0.55 + 0.7 * forest[..., None]) * tint((0.8, 1.05, 0.8))
    valley = np.clip(depth / max(relief, 1.0), 0, 1)
    haze = np.clip(0.72 - 0.62 * nearness + 0.4 * valley, 0, 0.85) * (1 - 0.5 * nearness)
    return lay(view, lay(stone.astype(np.float32), hour.haze, haze.astype(np.float32)), body.astype(np.float32))


def _lake(rng: np.random.Generator, view: Pixels, hour: Hour, shore: int) -> Pixels:
    height, width = view.shape[:2]
    deep = height - shore
    below = np.arange(deep)
    swell = noise(rng, (width, deep), 26, octaves=3)
    ripple = (swell - 0.5) * (4 + 26 * below / deep)[:, None]
    source = np.clip(shore - 1 - below[:, None] * 1.15 + ripple, 0, shore - 1).astype(np.intp)
    mirrored = view[source, np.arange(width)[None, :]]
    shade = np.linspace(0.86, 0.5, deep, dtype=np.float32)[:, None, None]
    water = mirrored * shade + 0.08 * tint(hour.sky[0])
    glitter = smooth(swell, 0.74, 0.9) * np.linspace(0.12, 0.4, deep, dtype=np.float32)[:, None]
    lake = view.copy()
    lake[shore:] = lay(water.astype(np.float32), hour.sky[-1], glitter)
    return lake


def _bank(rng: np.random.Generator, view: Pixels, hour: Hour) -> Pixels:
    height, width = view.shape[:2]
    side = rng.choice((-1, 1))
    slope = np.linspace(0, 1, width)[::side] ** 1.6
    outline = height * (1.02 - 0.17 * slope - 0.04 * ridge(rng, width, 8))
    rows = np.arange(height, dtype=np.float32)[:, None]
    mask = smooth(rows - outline[None, :].astype(np.float32), -1, 1)
    for _ in range(int(rng.integers(9, 18))):
        reach = rng.beta(2.2, 1.0)
        foot_at = int(np.clip((reach if side > 0 else 1 - reach) * width, 0, width - 1))
        tall = height * rng.uniform(0.1, 0.34) * (0.45 + 0.55 * reach)
        mask = np.maximum(mask, _pine(rng, (width, height), foot_at, outline[foot_at] + 4, tall))
    texture = noise(rng, (width, height), 70, octaves=3)[..., None]
    return lay(view, (tint(hour.bank) * (0.45 + 0.95 * texture)).astype(np.float32), mask)


def _pine(rng: np.random.Generator, size: Size, foot_at: int, foot: float, tall: float) -> Mask:
    """A pine as tiers of branches: its half width grows downwards and falls back at the start of each tier."""
    width, height = size
    rows = np.arange(height, dtype=np.float32)
    down = np.clip((rows - (foot - tall)) / tall, 0, 1)
    tiers = rng.uniform(7, 11)
    reach = tall * 0.2 * down * (0.55 + 0.45 * (down * tiers % 1)) + tall * 0.008
    reach += rng.uniform(-0.012, 0.012, height) * tall
    reach = np.where((rows > foot - tall) & (rows < foot), reach, -width)
    return smooth(np.abs(np.arange(width)[None, :] - foot_at) - reach[:, None].astype(np.float32), 0.8, -0.8)
