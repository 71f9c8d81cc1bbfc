"""Fruit, a jar and a cloth on a table by a window, in the manner of an old painting."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from PIL import Image

from foreseal_client.pictures.canvas import (
    Colour,
    Mask,
    Pixels,
    Size,
    blurred,
    colour,
    grain,
    image,
    lay,
    mesh,
    noise,
    smooth,
    tint,
)

__all__ = ["paint"]

WALLS: Final = (0x5B4A3A, 0x3F4F4A, 0x6B5650, 0x4A4660, 0x7A6B4F)
CLOTHS: Final = ((0xE8DFCB, 0xA8443A), (0xDCE3E6, 0x3D5F8A), (0xE9E2D0, 0x5A7A4A), (0xD8C9A8, 0x6A4A3A))
FRUIT: Final = (0xC8322B, 0xE07B1F, 0xE9B82E, 0x8FA83A, 0x5B2A4A, 0xD9573A, 0xB8C24A, 0x7A1F2B)
JARS: Final = (0x2F5D6B, 0x7A3F2A, 0xC9B48A, 0x3B4A6B)
LIGHT: Final = (-0.55, -0.6, 0.58)
"""Where the window is: left, above and in front, a unit vector."""


class Ball(NamedTuple):
    """One fruit: centre and radius in units of the width, `flat` its height over its breadth."""

    x: float
    y: float
    radius: float
    flat: float
    tone: Colour


def paint(rng: np.random.Generator, size: Size) -> Image.Image:
    """A still life of `size` pixels."""
    width, height = size
    aspect = height / width
    table = aspect * rng.uniform(0.52, 0.62)
    view = _cloth(rng, _wall(rng, size), table)
    for _ in range(int(rng.integers(1, 4))):
        view = _jar(rng, view, rng.uniform(0.12, 0.88), table + rng.uniform(0.0, 0.07))
    for ball in _heap(rng, table, aspect):
        view = _fruit(rng, view, ball)
    x, y = mesh(size)
    vignette = 1.08 - 0.6 * smooth(np.hypot(x - 0.42, (y - aspect * 0.45) * 1.2), 0.3, 0.85)
    return image(grain(rng, (view * vignette[..., None]).astype(np.float32), 0.016))


def _heap(rng: np.random.Generator, table: float, aspect: float) -> list[Ball]:
    """Fruit scattered on the table, the far ones first so that near ones cover them."""
    balls = []
    for _ in range(int(rng.integers(13, 20))):
        radius = rng.uniform(0.035, 0.082)
        tone = colour(FRUIT[rng.integers(len(FRUIT))])
        y = rng.uniform(table + 0.02, aspect * 0.95)
        balls.append(Ball(rng.uniform(0.04, 0.96), y - radius, radius, rng.uniform(0.86, 1.08), tone))
    return sorted(balls, key=lambda ball: ball.y + ball.radius)


def _wall(rng: np.random.Generator, size: Size) -> Pixels:
    width = size[0]
    x, y = mesh(size)
    tone = tint(colour(WALLS[rng.integers(len(WALLS))]))
    plaster = noise(rng, size, 9, octaves=6, gain=0.6)
    light = 0.45 + 0.45 * plaster
    # The window's light on the wall: slanting panes with the shadow of its bars.
    lean = x + y * rng.uniform(0.3, 0.8) - rng.uniform(0.1, 0.7)
    pane_x, pane_y = lean / rng.uniform(0.13, 0.2), (y + x * 0.12) / rng.uniform(0.11, 0.17)
    pane = smooth(np.abs(pane_x % 1 - 0.5), 0.44, 0.4) * smooth(np.abs(pane_y % 1 - 0.5), 0.44, 0.4)
    lit = pane * smooth(np.abs(lean - 0.2), 0.26, 0.25) * smooth(y, 0.42, 0.36)
    shade = (light + 0.75 * blurred(lit, width / 260))[..., None]
    return (tone * shade).astype(np.float32)


def _cloth(rng: np.random.Generator, view: Pixels, table: float) -> Pixels:
    height, width = view.shape[:2]
    x, y = mesh((width, height))
    ground, band = (colour(code) for code in CLOTHS[rng.integers(len(CLOTHS))])
    folds = noise(rng, (width, height), 5, octaves=4, gain=0.42)
    # Seen at a slant: lines of the pattern run to a point far behind the table.
    far = np.clip(y - table + 0.16, 0.05, None)
    across = (x - 0.5 + 0.05 * (folds - 0.5)) / far * rng.uniform(0.8, 1.2) + rng.uniform(0, 1)
    away = 0.55 / far + 0.25 * (folds - 0.5) + rng.uniform(0, 1)
    check = smooth(np.sin(across * 2 * np.pi * 1.4), -0.15, 0.15) + smooth(np.sin(away * 2 * np.pi * 1.7), -0.15, 0.15)
    linen = lay(np.broadcast_to(tint(ground), view.shape), band, (check * 0.42).astype(np.float32))
    slope = np.gradient(folds, axis=1) * width / 14 - np.gradient(folds, axis=0) * height / 16
    linen = linen * np.clip(0.82 + slope, 0.4, 1.25)[..., None]
    edge = table - 0.035 + 0.02 * (folds[height // 2] - 0.5)[None, :]
    return lay(view, linen.astype(np.float32), smooth(y - edge, -0.002, 0.002))


def _fruit(rng: np.random.Generator, view: Pixels, ball: Ball) -> Pixels:
    height, width = view.shape[:2]
    # Only the part of the picture that the fruit and its shadow can touch is painted again.
    reach = 2.3 * ball.radius
    down = slice(max(0, int((ball.y - reach) * width)), min(height, int((ball.y + reach) * width)))
    across = slice(max(0, int((ball.x - reach) * width)), min(width, int((ball.x + reach) * width)))
    x, y = (axis[down, across] for axis in mesh((width, height)))
    painted = view.copy()
    painted[down, across] = _stalk(rng, _skin(rng, view[down, across], x, y, ball), x, y, ball)
    return painted


def _skin(rng: np.random.Generator, below: Pixels, x: Mask, y: Mask, ball: Ball) -> Pixels:
    across, down = (x - ball.x) / ball.radius, (y - ball.y) / (ball.radius * ball.flat)
    away = np.hypot(across, down)
    facing = np.sqrt(np.clip(1 - away**2, 0, 1))
    light = across * LIGHT[0] + down * LIGHT[1] + facing * LIGHT[2]
    speckle = noise(rng, (x.shape[1], x.shape[0]), 5, octaves=3)
    ripe = lay(
        np.broadcast_to(tint(ball.tone), below.shape),
        colour(FRUIT[rng.integers(len(FRUIT))]),
        0.5 * smooth(down + 0.8 * (speckle - 0.5), 0.1, 0.9),
    )
    gloss = np.clip((light - 0.86) / 0.14, 0, 1) ** 3
    shade = 0.24 + 0.95 * np.clip(light, 0, 1) + 0.12 * (speckle - 0.5)
    skin = (ripe * shade[..., None] + 0.65 * gloss[..., None]).astype(np.float32)

    foot = ball.y + ball.radius * ball.flat * 0.86
    puddle = np.hypot((x - ball.x - ball.radius * 0.55) / (ball.radius * 1.5), (y - foot) / (ball.radius * 0.42))
    grounded = lay(below, (0.05, 0.03, 0.04), 0.62 * smooth(puddle, 1.05, 0.25))
    return lay(grounded, skin, smooth(away, 1.01, 0.985))


def _stalk(rng: np.random.Generator, below: Pixels, x: Mask, y: Mask, ball: Ball) -> Pixels:
    top, lean = ball.y - ball.radius * ball.flat * 0.9, rng.uniform(-0.5, 0.5)
    up = (top + ball.radius * 0.12 - y) / (ball.radius * 0.5)
    stalk = smooth(np.abs(x - ball.x - lean * up**2 * ball.radius * 0.5), ball.radius * 0.06, ball.radius * 0.03)
    stalked = lay(below, (0.22, 0.15, 0.08), stalk * (up > 0) * (up < 1))
    if rng.random() >= 0.55:
        return stalked
    turn = rng.uniform(-0.5, 0.5) + rng.choice((0.0, np.pi))
    dx, dy = (x - ball.x) / ball.radius, (y - top) / ball.radius
    along, side = dx * np.cos(turn) + dy * np.sin(turn), dy * np.cos(turn) - dx * np.sin(turn)
    vein = 0.75 + 0.35 * smooth(np.abs(side), 0.0, 0.03) + 0.12 * np.sin(along * 26 - np.abs(side) * 30)
    green = (tint((0.24, 0.4, 0.14)) * vein[..., None]).astype(np.float32)
    return lay(stalked, green, _leaf(along, side))


def _leaf(along: Mask, side: Mask) -> Mask:
    middle = np.clip(along, 0, 1)
    return smooth(np.abs(side) - 0.26 * np.sin(np.pi * middle**0.8), 0.012, -0.012) * (along > 0) * (along < 1)


def _jar(rng: np.random.Generator, view: Pixels, at: float, foot: float) -> Pixels:
    """A turned vessel: its outline is a curve of half widths from the lip to the foot, lit like a cylinder."""
    height, width = view.shape[:2]
    x, y = mesh((width, height))
    tall, broad = rng.uniform(0.2, 0.33), rng.uniform(0.06, 0.105)
    knots = np.array([0.62, 0.5, rng.uniform(0.3, 0.5), rng.uniform(0.75, 1.0), 1.0, rng.uniform(0.75, 0.95), 0.62])
    down = np.clip((y[:, :1] - (foot - tall)) / tall, 0, 1)
    half = (np.interp(down, np.linspace(0, 1, len(knots)), knots) * broad).astype(np.float32)
    across = np.clip((x - at) / half, -1, 1)
    facing = np.sqrt(1 - across**2)
    light = np.clip(across * -0.7 + facing * 0.65, 0, 1)
    glaze = noise(rng, (width, height), 16, octaves=5)
    rings = 0.85 + 0.2 * np.sin(down * rng.uniform(20, 60)) * smooth(np.abs(down - 0.55), 0.3, 0.2)
    tone = tint(colour(JARS[rng.integers(len(JARS))]))
    gloss = np.exp(-(((across + 0.45) / 0.09) ** 2)) * 0.5 * smooth(down, 0.05, 0.3)
    clay = tone * ((0.2 + 0.95 * light) * rings * (0.75 + 0.5 * glaze))[..., None] + gloss[..., None]
    inside = (y > foot - tall) & (y < foot + 0.012 * facing)
    body = smooth(np.abs(x - at) - half, 0.001, -0.001) * inside
    shadow = smooth(np.hypot((x - at - broad * 0.9) / (broad * 2.0), (y - foot) / 0.03), 1.0, 0.2)
    lip = smooth(np.hypot((x - at) / (broad * 0.62), (y - foot + tall) / 0.011), 1.05, 0.95)
    view = lay(lay(view, (0.05, 0.03, 0.04), 0.6 * shadow), clay.astype(np.float32), body.astype(np.float32))
    return lay(view, (0.08, 0.06, 0.06), 0.85 * lip)
