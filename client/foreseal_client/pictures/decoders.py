"""Other ways from a file to the pixels that are fingerprinted, as other programs go them."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Final

from PIL import Image

from foreseal_client.pictures.edits import read_upright
from foreseal_matcher.decode import Look

__all__ = ["DECODERS"]

_REDUCED_TO: Final = 512
_MOST: Final = 2048
"""Pixels a side that a fingerprint is taken of."""


def _as_luma(upright: Image.Image) -> Look:
    luma = upright.convert("L")
    luma.thumbnail((_MOST, _MOST), Image.Resampling.BOX)
    rows = memoryview(luma.tobytes()).cast("B", shape=(luma.height, luma.width))
    return Look(rows, (upright.height, upright.width), 0, "plain")


def _whole(encoded: bytes) -> Look:
    return _as_luma(read_upright(encoded))


def _reduced(filter: Image.Resampling, encoded: bytes) -> Look:
    upright = read_upright(encoded)
    upright.thumbnail((_REDUCED_TO, _REDUCED_TO), filter, reducing_gap=None)
    return _as_luma(upright)


def _drafted(side: int, encoded: bytes) -> Look:
    """The decoder's own reduction to at least `side` pixels, as thumbnailers use it; formats but JPEG have none."""
    with Image.open(io.BytesIO(encoded)) as image:
        image.draft("RGB", (side, side))
        image.load()
        file = io.BytesIO()
        image.convert("RGBA").save(file, "PNG", compress_level=1, exif=image.getexif())
    return _as_luma(read_upright(file.getvalue()))


DECODERS: Final[Mapping[str, Callable[[bytes], Look]]] = MappingProxyType(
    {
        "decoded whole": _whole,
        "reduced to 512, nearest": partial(_reduced, Image.Resampling.NEAREST),
        "reduced to 512, box": partial(_reduced, Image.Resampling.BOX),
        "reduced to 512, bilinear": partial(_reduced, Image.Resampling.BILINEAR),
        "reduced to 512, Lanczos": partial(_reduced, Image.Resampling.LANCZOS),
        "decoder's reduction to 256": partial(_drafted, 256),
        "decoder's reduction to 128": partial(_drafted, 128),
    }
)
"""By name. All keep what a picture shows: upright, its transparency on white."""
