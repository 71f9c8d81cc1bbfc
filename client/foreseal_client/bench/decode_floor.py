"""The least that a check of a picture can take: Pillow decoding it at a reduced scale, with nothing done to it."""

from __future__ import annotations

import io

from PIL import Image

from foreseal_matcher.decode import SIDE

__all__ = ["decode_fully", "decode_reduced"]


def decode_reduced(data: bytes) -> None:
    """As a check does it, without its limits and its care. For a JPEG that is the scale that keeps at least 512
    pixels a side; other formats have no reduced decode."""
    with Image.open(io.BytesIO(data)) as image:
        image.draft("L", (SIDE, SIDE))
        image.load()


def decode_fully(data: bytes) -> Image.Image:
    """As programs do it that fingerprint a picture at its full size."""
    with Image.open(io.BytesIO(data)) as image:
        return image.convert("RGB")
