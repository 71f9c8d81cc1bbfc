"""The mean hue of a picture of our own."""

from __future__ import annotations

import colorsys
import io

import numpy as np
from PIL import Image

__all__ = ["mean_hue"]


def mean_hue(picture: bytes) -> float:
    """The hue of the mean colour, in degrees 0..360; 0 for grey."""
    with Image.open(io.BytesIO(picture)) as opened:
        red, green, blue = np.asarray(opened.convert("RGB"), np.float64).mean(axis=(0, 1)) / 255
    return colorsys.rgb_to_hsv(red, green, blue)[0] * 360
