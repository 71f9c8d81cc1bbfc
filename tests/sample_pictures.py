"""Pictures for the tests of the matcher: sums of waves and blocks from a seed, alike on every platform."""

from __future__ import annotations

import functools
import hashlib
import io
import struct
import zlib

import numpy as np
from numpy.typing import NDArray
from PIL import Image

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF")


@functools.cache
def pixels(seed: int, width: int = 320, height: int = 240) -> NDArray[np.uint8]:
    """Rows of columns of RGB: rich enough for a quality near 100, and unlike every other seed."""
    numbers = np.frombuffer(hashlib.shake_128(b"picture %d" % seed).digest(4 * 3 * 20), dtype=np.uint8)
    y, x = np.mgrid[0:height, 0:width]
    y, x = (y + 0.5) / height, (x + 0.5) / width
    layers = []
    for channel in numbers.reshape(3, 20, 4) / 255.0:
        layer = np.zeros((height, width))
        for across, down, phase, strength in channel:
            layer += (0.3 + strength) * np.sin(2 * np.pi * (across * 9 * x + (down * 18 - 9) * y + phase))
        layers.append(np.floor(layer * 2) / 2)
    stacked = np.stack(layers, axis=-1)
    low, high = stacked.min(), stacked.max()
    return np.asarray((stacked - low) * (255 / (high - low)), dtype=np.uint8)


def picture(seed: int, width: int = 320, height: int = 240) -> Image.Image:
    """The same as a picture."""
    return Image.fromarray(pixels(seed, width, height))


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    """A picture's file."""
    if kind == "GIF" and image.mode == "RGB":
        image = image.convert("P", palette=Image.Palette.ADAPTIVE)
    if kind == "AVIF":
        options = {"speed": 10} | options
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def animated(frames: list[Image.Image], kind: str, **options: object) -> bytes:
    """An animation's file."""
    return encoded(frames[0], kind, save_all=True, append_images=frames[1:], **options)


def png_claiming(width: int, height: int) -> bytes:
    """A PNG of a hundred bytes that says it is this large."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )


def gif_repeating(image: Image.Image, times: int) -> bytes:
    """A GIF whose one frame stands in it many times, made byte by byte."""
    one = encoded(image, "GIF")
    frame = one.index(b"," + struct.pack("<HHHH", 0, 0, *image.size))
    return one[:frame] + one[frame:-1] * times + b";"
