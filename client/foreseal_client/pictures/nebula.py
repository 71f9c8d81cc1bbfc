"""Deep space: folded clouds of gas, dark lanes, stars in their thousands, a planet with rings."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from foreseal_client.pictures.canvas import Mask, Pixels, Size, colour, grain, image, lay, mesh, noise, smooth, tint

__all__ = ["paint"]

GASES: Final = (
    (0x0B0618, 0x5B1A6E, 0xE0457B, 0xFFC37A),
    (0x030A1C, 0x0E4C74, 0x2EB5B0, 0xF4F0C0),
    (0x0C0408, 0x6B1D1D, 0xE2712B, 0xFFE39A),
    (0x04060F, 0x2B2C78, 0x7A6AD8, 0xFFD6E8),
)
PLANETS: Final = (0xC98B5A, 0x7FA3B8, 0xB5A27A, 0x9C6B8E)


def paint(rng: np.random.Generator, size: Size) -> Image.Image:
    """A view into space of `size` pixels."""
    view = _gas(rng, size)
    view = _stars(rng, view)
    return image(grain(rng, _planet(rng, view), 0.012))


def _gas(rng: np.random.Generator, size: Size) -> Pixels:
    width, height = size
    tones = [tint(colour(code)) for code in GASES[rng.integers(len(GASES))]]
    # Noise read at places that other noise has moved: it folds like smoke instead of lying like cloud.
    bend = rng.uniform(0.14, 0.26) * width
    push_x, push_y = (noise(rng, size, 4, octaves=4) - 0.5 for _ in range(2))
    rows, columns = np.mgrid[0:height, 0:width]
    folded = (_inside(rows + push_y * bend, height), _inside(columns + push_x * bend, width))
    glow = noise(rng, size, 5, octaves=6, gain=0.52)[folded]
    heart = noise(rng, size, 7, octaves=6, gain=0.55)[folded]
    lanes = noise(rng, size, 8, octaves=6, gain=0.55)[folded]
    view = np.broadcast_to(tones[0], (height, width, 3))
    view = lay(view, (tones[1][0], tones[1][1], tones[1][2]), smooth(glow, 0.25, 0.6))
    view = lay(view, (tones[2][0], tones[2][1], tones[2][2]), smooth(heart, 0.42, 0.75) * smooth(glow, 0.3, 0.65))
    view = lay(view, (tones[3][0], tones[3][1], tones[3][2]), smooth(heart * glow, 0.34, 0.58))
    return lay(view, (0.02, 0.01, 0.03), 0.8 * smooth(lanes, 0.56, 0.78))


def _inside(places: Mask, length: int) -> npt.NDArray[np.intp]:
    """Places as indices below `length`, reflected at both ends: clipping would smear the border."""
    turned = np.abs(np.rint(places)) % (2 * length - 2)
    return np.asarray(np.minimum(turned, 2 * length - 2 - turned), np.intp)


def _stars(rng: np.random.Generator, view: Pixels) -> Pixels:
    height, width = view.shape[:2]
    sky = view.copy()
    x, y = mesh((width, height))
    many = width * height // 260
    brightness = rng.pareto(2.2, many).clip(0, 4) * 0.25
    sky[rng.integers(0, height, many), rng.integers(0, width, many)] += brightness[:, None].astype(np.float32)
    for _ in range(int(rng.integers(14, 26))):
        across, down = x - rng.random(), y - rng.random() * height / width
        size = rng.uniform(0.002, 0.007)
        disc = np.exp(-(across**2 + down**2) / size**2)
        spikes = np.exp(-np.abs(across) / (size * 4) - np.abs(down) / (size * 0.16))
        spikes += np.exp(-np.abs(down) / (size * 4) - np.abs(across) / (size * 0.16))
        starlight = tint((1.0, rng.uniform(0.82, 1), rng.uniform(0.75, 1)))
        sky += (1.2 * disc + 0.8 * spikes)[..., None] * starlight
    return sky


def _planet(rng: np.random.Generator, view: Pixels) -> Pixels:
    height, width = view.shape[:2]
    x, y = mesh((width, height))
    radius = rng.uniform(0.07, 0.15)
    across = (x - rng.uniform(0.15, 0.85)) / radius
    down = (y - rng.uniform(0.15, 0.6)) / radius
    tilt = rng.uniform(-0.6, 0.6)
    along, over = across * np.cos(tilt) + down * np.sin(tilt), down * np.cos(tilt) - across * np.sin(tilt)
    away = np.hypot(along, over)
    toward = np.sqrt(np.clip(1 - away**2, 0, 1))
    light = np.clip(0.1 + 0.95 * (toward * 0.55 - along * 0.6 - over * 0.45), 0.03, 1.1)
    tone = tint(colour(PLANETS[rng.integers(len(PLANETS))]))
    bands = 0.8 + 0.3 * np.sin(over * rng.uniform(8, 14) + 2 * noise(rng, (width, height), 5, octaves=4))
    disc = (tone * (light * bands)[..., None]).astype(np.float32)
    body = smooth(away, 1.0, 0.985)

    flat = np.hypot(along, over / 0.28)
    gaps = 0.55 + 0.45 * np.sin(flat * 19) * np.sin(flat * 7 + 1)
    rings = (smooth(flat, 1.35, 1.4) * smooth(flat, 2.2, 2.12) * gaps).astype(np.float32)
    ring_tone = (float(tone[0]) * 0.5 + 0.45, float(tone[1]) * 0.5 + 0.42, float(tone[2]) * 0.5 + 0.38)
    # The far half of the rings passes behind the disc, the near half before it.
    behind = lay(view, ring_tone, (rings * 0.75 * (over < 0)).astype(np.float32))
    return lay(lay(behind, disc, body), ring_tone, (rings * 0.85 * (over >= 0)).astype(np.float32))
