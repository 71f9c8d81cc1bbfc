"""What people's programs put around a picture, or on it: borders, bars, captions, a whole screen."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final

from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps

__all__ = ["blurred_bars", "border", "caption", "instant_photo", "meme_bar", "screenshot"]

_WORDS: Final = ("when", "you", "only", "came", "for", "the", "view", "but", "it", "was", "closed", "that")
_THEMES: Final = (((250, 250, 250), (20, 20, 20), (230, 235, 240)), ((18, 20, 24), (235, 235, 235), (36, 40, 48)))
"""Ground, ink and bars of a light and a dark screen."""


def border(share: float) -> Callable[[Image.Image, random.Random], Image.Image]:
    """A border of one colour, `share` of the shorter side wide."""

    def change(image: Image.Image, chance: random.Random) -> Image.Image:
        colour = chance.choice(((0, 0, 0), (255, 255, 255), (198, 40, 40)))
        return ImageOps.expand(image, max(1, round(min(image.size) * share)), fill=colour)

    return change


def caption(image: Image.Image, chance: random.Random) -> Image.Image:
    """A line of white, outlined letters across the picture, near its lower edge."""
    written = image.copy()
    size = max(12, image.width // 16)
    place = (image.width / 2, image.height * 0.9)
    ImageDraw.Draw(written).text(
        place, _line(chance, 4), "white", _font(size), "mm", stroke_width=max(1, size // 12), stroke_fill="black"
    )
    return written


def meme_bar(image: Image.Image, chance: random.Random) -> Image.Image:
    """A white bar above with two lines of text."""
    bar = round(image.height * 0.2)
    whole = Image.new("RGB", (image.width, image.height + bar), "white")
    whole.paste(image, (0, bar))
    pen, size = ImageDraw.Draw(whole), max(12, round(bar * 0.3))
    for row in range(2):
        pen.text((image.width * 0.04, bar * (0.12 + 0.42 * row)), _line(chance, 5), "black", _font(size))
    return whole


def blurred_bars(image: Image.Image, _: random.Random) -> Image.Image:
    """Fitted into an upright screen (a picture already upright: into a wide one) over a blurred enlargement."""
    across = image.width >= image.height * 0.8
    long = 16 / 9
    size = (image.width, round(image.width * long)) if across else (round(image.height * long), image.height)
    behind = ImageOps.fit(image, size).filter(ImageFilter.GaussianBlur(max(size) / 40))
    behind.paste(image, ((size[0] - image.width) // 2, (size[1] - image.height) // 2))
    return behind


def screenshot(image: Image.Image, chance: random.Random) -> Image.Image:
    """The whole screen of a telephone that shows the picture: status line, title, picture, a field to write in."""
    ground, ink, bars = chance.choice(_THEMES)
    screen = Image.new("RGB", (1080, 2340), ground)
    shown = ImageOps.contain(image, (1080, 1700), Image.Resampling.LANCZOS)
    screen.paste(shown, ((1080 - shown.width) // 2, 250 + (1780 - shown.height) // 2))
    pen = ImageDraw.Draw(screen)
    pen.rectangle((0, 80, 1080, 230), fill=bars)
    pen.text((60, 20), f"{chance.randrange(24)}:{chance.randrange(60):02}", ink, _font(44))
    pen.rectangle((950, 26, 1030, 60), outline=ink, width=4)
    pen.ellipse((50, 105, 150, 205), fill=ink)
    pen.text((180, 120), _line(chance, 2), ink, _font(52))
    pen.rounded_rectangle((40, 2180, 900, 2300), 60, fill=bars)
    pen.ellipse((930, 2180, 1050, 2300), fill=ink)
    return screen


def instant_photo(image: Image.Image, chance: random.Random) -> Image.Image:
    """A paper frame, wider below, with a few words on it."""
    edge, foot = round(image.width * 0.05), round(image.height * 0.18)
    whole = Image.new("RGB", (image.width + 2 * edge, image.height + edge + foot), (245, 243, 236))
    whole.paste(image, (edge, edge))
    place = (whole.width / 2, whole.height - foot / 2)
    ImageDraw.Draw(whole).text(place, _line(chance, 3), (60, 60, 90), _font(max(12, foot // 3)), "mm")
    return whole


def _line(chance: random.Random, words: int) -> str:
    at = chance.randrange(len(_WORDS) - words)
    return " ".join(_WORDS[at : at + words])


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
