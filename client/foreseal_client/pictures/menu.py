"""The menu of ordinary edits that looks are measured against: what people and their programs do to a picture.

Fixed and numbered, the same for everyone, and reported in the aggregate only. Nothing here searches for an edit that
passes a check. Where an edit has a side or an angle, it is drawn from the given randomness, so that no look can be
fitted to one side.
"""

from __future__ import annotations

import io
import math
import random
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from foreseal_client.pictures import frames
from foreseal_client.pictures.edits import read_upright

__all__ = ["MENU", "MENU_VERSION", "NOT_TUNED_FOR", "SIDE", "changed", "prepared", "served"]

MENU_VERSION: Final = 2
"""Counts up with any change of an edit: figures of two versions are not to be compared."""
SIDE: Final = 1024
"""Pictures are reduced to at most this many pixels a side before they are edited, as messengers do."""
_QUALITY: Final = 85

Change = Callable[[Image.Image, random.Random], Image.Image]


def _same(image: Image.Image, _: random.Random) -> Image.Image:
    return image


def _quarter(image: Image.Image, _: random.Random) -> Image.Image:
    return image.resize((max(16, image.width // 4), max(16, image.height // 4)), Image.Resampling.LANCZOS)


def _grey(image: Image.Image, _: random.Random) -> Image.Image:
    return image.convert("L").convert("RGB")


def _blurred(image: Image.Image, _: random.Random) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(max(image.size) / 300))


def _brighter(image: Image.Image, _: random.Random) -> Image.Image:
    return ImageEnhance.Brightness(image).enhance(1.3)


def _less_contrast(image: Image.Image, _: random.Random) -> Image.Image:
    return ImageEnhance.Contrast(image).enhance(0.6)


def _mirrored(image: Image.Image, _: random.Random) -> Image.Image:
    return ImageOps.mirror(image)


def _on_its_side(image: Image.Image, chance: random.Random) -> Image.Image:
    return image.transpose(chance.choice((Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_270)))


def _cropped(share: float) -> Change:
    """`share` of each side's length, half at either end."""

    def change(image: Image.Image, _: random.Random) -> Image.Image:
        across, down = image.width * share / 2, image.height * share / 2
        return image.crop((round(across), round(down), round(image.width - across), round(image.height - down)))

    return change


def _cropped_at_one_side(share: float) -> Change:
    """`share` of the width or of the height, all at one end."""

    def change(image: Image.Image, chance: random.Random) -> Image.Image:
        left, top, right, bottom = 0, 0, image.width, image.height
        match chance.randrange(4):
            case 0:
                left = round(image.width * share)
            case 1:
                right = round(image.width * (1 - share))
            case 2:
                top = round(image.height * share)
            case _:
                bottom = round(image.height * (1 - share))
        return image.crop((left, top, right, bottom))

    return change


def _cropped_at_a_corner(share: float) -> Change:
    """`share` of the width and of the height, each all at one end."""

    def change(image: Image.Image, chance: random.Random) -> Image.Image:
        across, down = round(image.width * share), round(image.height * share)
        left, top = chance.choice((0, across)), chance.choice((0, down))
        return image.crop((left, top, left + image.width - across, top + image.height - down))

    return change


def _cropped_at_will(image: Image.Image, chance: random.Random) -> Image.Image:
    """Each end by itself, by up to 5 % of the side."""
    left, top, right, bottom = (chance.uniform(0, 0.05) for _ in range(4))
    width, height = image.size
    return image.crop(
        (round(width * left), round(height * top), round(width * (1 - right)), round(height * (1 - bottom)))
    )


def _turned(degrees: float) -> Change:
    """Either way; the frame stays, its corners are filled with black or white."""

    def change(image: Image.Image, chance: random.Random) -> Image.Image:
        fill = chance.choice(((0, 0, 0), (255, 255, 255)))
        return image.rotate(chance.choice((-degrees, degrees)), Image.Resampling.BICUBIC, fillcolor=fill)

    return change


def _turned_and_cropped(degrees: float) -> Change:
    """Either way, then cropped with its proportions until no corner is empty, as photo editors do."""

    def change(image: Image.Image, chance: random.Random) -> Image.Image:
        turned = image.rotate(chance.choice((-degrees, degrees)), Image.Resampling.BICUBIC)
        long, short = max(image.size), min(image.size)
        angle = math.radians(degrees)
        share = 1 / (math.cos(angle) + long / short * math.sin(angle))
        return _cropped(1 - share)(turned, chance)

    return change


def _mirrored_and_cropped(image: Image.Image, chance: random.Random) -> Image.Image:
    return _cropped(0.05)(ImageOps.mirror(image), chance)


MENU: Final[Mapping[str, Change]] = MappingProxyType(
    {
        "re-saved at 30": _same,
        "resized to a quarter": _quarter,
        "grey": _grey,
        "blurred": _blurred,
        "brighter": _brighter,
        "less contrast": _less_contrast,
        "cropped 2 %": _cropped(0.02),
        "cropped 5 %": _cropped(0.05),
        "cropped 10 %": _cropped(0.10),
        "cropped 2 %, one side": _cropped_at_one_side(0.02),
        "cropped 5 %, one side": _cropped_at_one_side(0.05),
        "cropped 10 %, one side": _cropped_at_one_side(0.10),
        "cropped 2 %, a corner": _cropped_at_a_corner(0.02),
        "cropped 5 %, a corner": _cropped_at_a_corner(0.05),
        "cropped 10 %, a corner": _cropped_at_a_corner(0.10),
        "cropped at will": _cropped_at_will,
        "mirrored": _mirrored,
        "turned 90": _on_its_side,
        "turned 1": _turned(1),
        "turned 2": _turned(2),
        "turned 3": _turned(3),
        "turned 2, cropped to fit": _turned_and_cropped(2),
        "border 2 %": frames.border(0.02),
        "border 5 %": frames.border(0.05),
        "caption": frames.caption,
        "meme bar": frames.meme_bar,
        "blurred bars": frames.blurred_bars,
        "screenshot": frames.screenshot,
    }
)
"""The edits by name."""

NOT_TUNED_FOR: Final[Mapping[str, Change]] = MappingProxyType(
    {"instant-photo frame": frames.instant_photo, "mirrored, cropped 5 %": _mirrored_and_cropped}
)
"""Edits that no look was chosen by: how far the menu's figures carry beyond the menu."""


def prepared(picture: bytes) -> Image.Image:
    """A file as the picture to be edited: upright, RGB, at most `SIDE` a side. Raises `ValueError`."""
    upright = read_upright(picture)
    upright.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    return upright


def served(image: Image.Image, name: str, chance: random.Random) -> bytes:
    """`image` after the edit of that name, as a JPEG at quality 85 (30 where the name says so). Raises `KeyError`."""
    change = MENU[name] if name in MENU else NOT_TUNED_FOR[name]
    file = io.BytesIO()
    change(image, chance).save(file, "JPEG", quality=30 if name == "re-saved at 30" else _QUALITY)
    return file.getvalue()


def changed(picture: bytes, name: str, seed: int) -> bytes:
    """A file after the edit of that name, as `served` gives it. Raises `KeyError`, or `ValueError` where the file
    cannot be read."""
    return served(prepared(picture), name, random.Random(f"{seed} {name}"))
