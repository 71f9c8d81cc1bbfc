"""The same shapes printed in two inks that are equally bright: harmless pictures with one fingerprint.

A fingerprint such as PDQ is made of brightness alone (luma, ITU-R BT.601), so two pictures that differ in nothing but
hue have the same one. Nothing was searched for: each ink is a fixed step from grey along which luma does not change.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
from PIL import Image

from foreseal_client.pictures.canvas import Size
from foreseal_client.pictures.families import generate

__all__ = ["INKS", "print_in"]

_LUMA: Final = (0.299, 0.587, 0.114)
_DARKEST, _LIGHTEST = 80.0, 175.0
"""Of 0..255, so that no channel is clipped when the ink is added, which would change the brightness."""


def _ink(red: float, blue: float) -> tuple[float, float, float]:
    return red, -(_LUMA[0] * red + _LUMA[2] * blue) / _LUMA[1], blue


INKS: Final[Mapping[str, tuple[float, float, float]]] = MappingProxyType(
    {"ochre": _ink(45.0, -70.0), "blue": _ink(-45.0, 70.0)}
)
"""What is added to grey in red, green and blue, 0..255."""


def print_in(ink: str, seed: int, size: Size) -> bytes:
    """The print of this seed in one of `INKS`, as PNG: a file that loses nothing. `size` as in `generate`."""
    with Image.open(io.BytesIO(generate("poster", seed, size, "PNG"))) as painted:
        grey = np.asarray(painted.convert("L"), np.float32)
    levelled = _DARKEST + grey * np.float32((_LIGHTEST - _DARKEST) / 255)
    inked = levelled[:, :, None] + np.asarray(INKS[ink], np.float32)
    file = io.BytesIO()
    Image.fromarray(np.rint(inked).astype(np.uint8), "RGB").save(file, "PNG")
    return file.getvalue()
