"""Ordinary edits: what happens to a picture when somebody saves it, sends it on, or shrinks it to fit.

A fixed menu by name, the same for everyone. Nothing here searches for an edit that passes a check, or that collides.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from PIL import Image, ImageOps

__all__ = ["EDITS", "Edit", "edit", "edited", "read_upright"]

SavedAs = Literal["JPEG", "PNG", "WEBP"]
READABLE: Final = ("JPEG", "PNG", "WEBP", "GIF", "AVIF")


@dataclass(frozen=True, slots=True)
class Edit:
    """A re-save: `scale` times as wide and high, in `to_format` at `quality` 1..100 (PNG has none)."""

    description: str
    scale: float = 1.0
    quality: int = 80
    to_format: SavedAs = "JPEG"


EDITS: Final[Mapping[str, Edit]] = {
    "resaved": Edit("saved again as JPEG at quality 60", quality=60),
    "half-size": Edit("half as wide and high, JPEG at quality 80", scale=0.5),
    "thumbnail": Edit("a third as wide and high, JPEG at quality 70", scale=1 / 3, quality=70),
    "enlarged": Edit("half as wide and high again, JPEG at quality 85", scale=1.5, quality=85),
    "as-webp": Edit("converted to WebP at quality 75", quality=75, to_format="WEBP"),
    "as-png": Edit("converted to PNG", to_format="PNG"),
    "sent-on": Edit("six tenths as wide and high, converted to WebP at quality 70", 0.6, 70, "WEBP"),
}
"""The menu. `sent-on` is the one that the demo shows: re-saved, resized and converted in one go."""


def edit(picture: bytes, *, scale: float = 1.0, quality: int = 80, to_format: SavedAs = "JPEG") -> bytes:
    """`picture` (a file of one of `READABLE`; of an animation the first frame) as a new file, turned upright, without
    its metadata, transparency on white. `scale` in 0.05..4, `quality` in 1..100.

    For our own pictures and those a presenter chose: what was received goes through the matcher's decoder instead.
    Raises `ValueError` for a number outside its range and for a file that cannot be read.
    """
    if not 0.05 <= scale <= 4:
        raise ValueError(f"scale is {scale} and must lie in 0.05..4")
    if not 1 <= quality <= 100:
        raise ValueError(f"quality is {quality} and must lie in 1..100")
    upright = read_upright(picture)
    width, height = (max(1, round(side * scale)) for side in upright.size)
    resized = upright if scale == 1.0 else upright.resize((width, height), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    resized.save(file, to_format, quality=quality)
    return file.getvalue()


def edited(picture: bytes, name: str) -> bytes:
    """`picture` after the edit of that name in `EDITS`. Raises `ValueError` as `edit` does, and for other names."""
    chosen = EDITS.get(name)
    if chosen is None:
        raise ValueError(f"there is no edit named {name!r}; there are {', '.join(EDITS)}")
    return edit(picture, scale=chosen.scale, quality=chosen.quality, to_format=chosen.to_format)


def read_upright(picture: bytes) -> Image.Image:
    """The picture, upright, in RGB, with nothing attached, transparency on white. Raises `ValueError`."""
    try:
        with Image.open(io.BytesIO(picture), formats=READABLE) as opened:
            upright = ImageOps.exif_transpose(opened).convert("RGBA")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ValueError("this file could not be read as a picture") from error
    ground = Image.new("RGB", upright.size, "white")
    ground.paste(upright, mask=upright.getchannel("A"))
    return ground
