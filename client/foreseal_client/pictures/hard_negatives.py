"""Pictures that nobody lists and that look alike by their making: pages of text, screens, memes, darkness, skies.

What a check must not stop. Each is drawn from the given randomness; no two show the same thing.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from foreseal_client.pictures import frames
from foreseal_client.pictures.canvas import Size, colour, grain, image, lay, noise, smooth, vertical

__all__ = ["DRAWN", "OVER_PHOTOGRAPHS", "Draw", "Over"]

Draw = Callable[[random.Random], Image.Image]
Over = Callable[[Image.Image, random.Random], Image.Image]

_PAGE: Final[Size] = (850, 1200)
_PHONE: Final[Size] = (540, 1170)
_VIEW: Final[Size] = (960, 720)
_LETTERS: Final = "eeeeeaaaatttiiinnnooosssrrrhhllddccuummffppggwwyybvk"
_SKIES: Final = (
    (0x2B5FA8, 0xD9E9F2),
    (0x6FA6D8, 0xF2F6FA),
    (0x7C8794, 0xC6CCD2),
    (0x9A4A7A, 0xFFB46B),
    (0x0E1830, 0x6E8CAF),
)


def _document(chance: random.Random) -> Image.Image:
    """A page: a heading or none, one column or two, paragraphs of made-up words."""
    page = Image.new("L", _PAGE, 255)
    pen = ImageDraw.Draw(page)
    size, margin = chance.randint(13, 19), chance.randint(60, 110)
    columns, top = chance.choice((1, 1, 2)), margin
    if chance.random() < 0.7:
        pen.text((margin, top), _words(chance, chance.randint(3, 6)).title(), 0, _font(size * 2))
        top += size * 4
    gap = 30
    wide = (_PAGE[0] - 2 * margin - gap * (columns - 1)) // columns
    for column in range(columns):
        y = float(top)
        while y < _PAGE[1] - margin:
            left = chance.randint(2, 9)
            for line in range(left):
                if y >= _PAGE[1] - margin:
                    break
                share = chance.uniform(0.2, 0.9) if line == left - 1 else 1.0
                pen.text((margin + column * (wide + gap), y), _line(chance, wide * share, size), 20, _font(size))
                y += size * 1.45
            y += size
    return page


def _chat(chance: random.Random) -> Image.Image:
    """A telephone's screen with a conversation: bubbles of text on either side."""
    dark = chance.random() < 0.5
    ground, ink = ((18, 20, 24), (235, 235, 235)) if dark else ((245, 243, 238), (20, 20, 20))
    theirs, own = ((40, 44, 52), (20, 90, 80)) if dark else ((255, 255, 255), (215, 248, 200))
    screen = Image.new("RGB", _PHONE, ground)
    pen, size = ImageDraw.Draw(screen), 17
    _bars(pen, chance, theirs, ink)
    y = 130.0
    while y < 1040:
        lines, mine = chance.randint(1, 5), chance.random() < 0.5
        wide = chance.uniform(0.3, 0.72) * _PHONE[0]
        left = _PHONE[0] - 20 - wide if mine else 20
        pen.rounded_rectangle((left, y, left + wide, y + lines * 24 + 18), 14, fill=own if mine else theirs)
        for line in range(lines):
            share = chance.uniform(0.3, 0.9) if line == lines - 1 else 0.9
            pen.text((left + 12, y + 9 + line * 24), _line(chance, wide * share, size), ink, _font(size))
        y += lines * 24 + 18 + chance.choice((8, 8, 26))
    return screen


def _settings(chance: random.Random) -> Image.Image:
    """A telephone's screen with a list of things: signs, titles, switches."""
    dark = chance.random() < 0.5
    ground, ink, faint = ((16, 16, 18), (235, 235, 235), (52, 52, 58)) if dark else ((255,) * 3, (15,) * 3, (228,) * 3)
    screen = Image.new("RGB", _PHONE, ground)
    pen = ImageDraw.Draw(screen)
    _bars(pen, chance, faint, ink)
    y, high = 130, chance.choice((62, 76, 92))
    while y < 1090:
        tint = tuple(chance.randrange(60, 230) for _ in range(3))
        pen.ellipse((20, y + 8, high - 4, y + high - 16), fill=tint)
        pen.text((high + 10, y + 8), _words(chance, chance.randint(1, 4)), ink, _font(18))
        if chance.random() < 0.6:
            pen.text((high + 10, y + 34), _words(chance, chance.randint(3, 6)), (128, 128, 128), _font(13))
        if chance.random() < 0.4:
            pen.rounded_rectangle((_PHONE[0] - 70, y + 16, _PHONE[0] - 22, y + 42), 13, fill=tint)
        pen.line((high + 10, y + high - 4, _PHONE[0], y + high - 4), fill=faint)
        y += high
    return screen


def _dark(chance: random.Random) -> Image.Image:
    """A room or a street at night: nearly black, some lamps and their glow, the noise of a sensor."""
    rng = np.random.default_rng(chance.randrange(2**32))
    width, height = _VIEW
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    light = np.float32(chance.uniform(0.01, 0.05)) * (0.4 + noise(rng, _VIEW, chance.uniform(2, 5), octaves=4))
    for _ in range(chance.randint(0, 4)):
        away = np.hypot(columns - chance.uniform(0, width), rows - chance.uniform(0, height))
        light = light + np.float32(chance.uniform(0.1, 0.8)) * np.exp(-away / chance.uniform(15, 120))
    painted = np.repeat(np.asarray(light, np.float32)[..., None], 3, axis=2)
    return image(grain(rng, painted, chance.uniform(0.01, 0.04)))


def _sky(chance: random.Random) -> Image.Image:
    """From its height to the horizon, clear or with clouds."""
    rng = np.random.default_rng(chance.randrange(2**32))
    high, low = (colour(code) for code in chance.choice(_SKIES))
    clouds = noise(rng, _VIEW, chance.uniform(1.5, 7), octaves=6, gain=chance.uniform(0.45, 0.6))
    cover = smooth(clouds, chance.uniform(0.35, 0.75), 0.9)
    painted = lay(vertical(_VIEW, (high, low)), (1.0, 0.99, 0.97), np.asarray(0.85 * cover, np.float32))
    return image(grain(rng, painted, 0.006))


def _meme(picture: Image.Image, chance: random.Random) -> Image.Image:
    return frames.meme_bar(frames.caption(picture, chance), chance)


DRAWN: Final[Mapping[str, Draw]] = MappingProxyType(
    {"documents": _document, "chats": _chat, "settings": _settings, "dark frames": _dark, "skies": _sky}
)
"""Kinds that are drawn from nothing, by name."""

OVER_PHOTOGRAPHS: Final[Mapping[str, Over]] = MappingProxyType({"memes": _meme, "screenshots": frames.screenshot})
"""Kinds that show a photograph, by name."""


def _bars(pen: ImageDraw.ImageDraw, chance: random.Random, fill: tuple[int, ...], ink: tuple[int, ...]) -> None:
    pen.rectangle((0, 40, _PHONE[0], 112), fill=fill)
    pen.text((30, 10), f"{chance.randrange(24)}:{chance.randrange(60):02}", ink, _font(20))
    pen.text((90, 62), _words(chance, 2).title(), ink, _font(24))
    pen.ellipse((24, 52, 72, 100), fill=ink)
    pen.rounded_rectangle((16, 1100, 460, 1156), 28, fill=fill)


def _words(chance: random.Random, count: int) -> str:
    return " ".join("".join(chance.choices(_LETTERS, k=chance.randint(2, 9))) for _ in range(count))


def _line(chance: random.Random, wide: float, size: int) -> str:
    """As many words as fit: a letter is about half as wide as it is high."""
    line = _words(chance, 30)[: max(3, int(wide / (size * 0.52)))]
    return line.rstrip()


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
