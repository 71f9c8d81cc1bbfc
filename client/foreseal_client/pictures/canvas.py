"""What every painter shares: noise, gradients, layers, and a sheet drawn at twice the size for smooth edges.

Pixels are float32 arrays of rows x columns x 3, each channel 0..1; a *mask* is rows x columns, 0..1. A `Size` is
(width, height) as Pillow has it. All chance comes from the generator handed in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

__all__ = [
    "Colour",
    "Mask",
    "Pixels",
    "Size",
    "blurred",
    "colour",
    "enlarged",
    "grain",
    "image",
    "lay",
    "mesh",
    "noise",
    "pixels",
    "points",
    "rgb",
    "ridge",
    "shaded",
    "sheet",
    "smooth",
    "tint",
    "vertical",
]

Size = tuple[int, int]
Colour = tuple[float, float, float]
Pixels = npt.NDArray[np.float32]
Mask = npt.NDArray[np.float32]

OVERSAMPLING: Final = 2
"""A sheet is drawn at this many times the size in both directions: ImageDraw itself does not smooth edges."""


def colour(code: int) -> Colour:
    """A colour from 0xRRGGBB, as three floats 0..1."""
    return ((code >> 16) / 255, (code >> 8 & 255) / 255, (code & 255) / 255)


def tint(tone: Colour) -> Pixels:
    """A colour as an array of three that multiplies and adds to pixels."""
    return np.asarray(tone, np.float32)


def rgb(tone: Colour) -> tuple[int, int, int]:
    """A colour as ImageDraw wants it: three integers 0..255, clipped."""
    red, green, blue = (round(255 * min(max(channel, 0.0), 1.0)) for channel in tone)
    return red, green, blue


def shaded(tone: Colour, factor: float) -> Colour:
    """A colour made darker (factor under 1) or lighter (over 1)."""
    red, green, blue = tone
    return red * factor, green * factor, blue * factor


def noise(rng: np.random.Generator, size: Size, cells: float, octaves: int = 5, gain: float = 0.5) -> Mask:
    """Fractal value noise, stretched to 0..1. `cells`: features across the width in the coarsest of `octaves`."""
    width, height = size
    total = np.zeros((height, width), np.float32)
    weight = 1.0
    for octave in range(octaves):
        columns = min(width, max(2, round(cells * 2**octave)))
        rows = max(2, round(columns * height / width))
        lattice = Image.fromarray(rng.random((rows, columns), np.float32))
        total += np.float32(weight) * np.asarray(lattice.resize(size, Image.Resampling.BICUBIC))
        weight *= gain
    low, high = total.min(), total.max()
    return np.asarray((total - low) / max(high - low, np.float32(1e-6)), np.float32)


def ridge(rng: np.random.Generator, width: int, cells: float, octaves: int = 7, gain: float = 0.5) -> Mask:
    """A fractal line of `width` values 0..1: the outline of hills."""
    line = np.zeros(width, np.float64)
    along = np.arange(width)
    for octave in range(octaves):
        knots = max(2, round(cells * 2**octave)) + 1
        line += gain**octave * np.interp(along, np.linspace(0, width - 1, knots), rng.random(knots))
    return np.asarray((line - line.min()) / max(float(np.ptp(line)), 1e-6), np.float32)


def mesh(size: Size) -> tuple[Mask, Mask]:
    """The coordinates of every pixel in units of the width: x in 0..1, y in 0..height/width."""
    width, height = size
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    return (columns + 0.5) / width, (rows + 0.5) / width


def vertical(size: Size, stops: Sequence[Colour]) -> Pixels:
    """A gradient from top to bottom through colours at equal steps."""
    width, height = size
    where = np.linspace(0, len(stops) - 1, height)
    channels = [np.interp(where, np.arange(len(stops)), [stop[channel] for stop in stops]) for channel in range(3)]
    return np.repeat(np.stack(channels, axis=-1)[:, None, :], width, axis=1).astype(np.float32)


def smooth(values: Mask, low: float, high: float) -> Mask:
    """0 at `low` or before, 1 at `high` or after, a smooth step between; `low` may be the larger of the two."""
    t = np.clip((values - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def lay(below: Pixels, above: Pixels | Colour, mask: Mask) -> Pixels:
    """`above` laid over `below` where the mask is 1."""
    opacity = mask[..., None]
    return (below + (np.asarray(above, np.float32) - below) * opacity).astype(np.float32)


def blurred(mask: Mask, radius: float) -> Mask:
    """A mask with soft edges. `radius` in pixels."""
    soft = Image.fromarray(np.uint8(np.clip(mask, 0, 1) * 255)).filter(ImageFilter.GaussianBlur(radius))
    return np.asarray(soft, np.float32) / np.float32(255)


def grain(rng: np.random.Generator, painted: Pixels, strength: float = 0.02) -> Pixels:
    """A little noise of film or paper. `strength`: its standard deviation in units of full scale."""
    return painted + rng.standard_normal(painted.shape[:2], np.float32)[..., None] * np.float32(strength)


def pixels(drawn: Image.Image) -> Pixels:
    """A drawing as pixels."""
    return np.asarray(drawn.convert("RGB"), np.float32) / np.float32(255)


def image(painted: Pixels) -> Image.Image:
    """Pixels as an 8-bit RGB image, clipped."""
    return Image.fromarray(np.uint8(np.clip(painted, 0, 1) * 255 + 0.5))


def sheet(size: Size, ground: Colour) -> Image.Image:
    """An empty drawing, `OVERSAMPLING` times `size`; `Image.reduce(OVERSAMPLING)` brings it back."""
    width, height = size
    return Image.new("RGB", (width * OVERSAMPLING, height * OVERSAMPLING), rgb(ground))


def enlarged(painted: Pixels) -> Image.Image:
    """A drawing as large as a `sheet`, over what is painted already."""
    height, width = painted.shape[:2]
    return image(painted).resize((width * OVERSAMPLING, height * OVERSAMPLING), Image.Resampling.BICUBIC)


def points(x: Iterable[float], y: Iterable[float]) -> list[tuple[float, float]]:
    """Coordinates as ImageDraw wants them."""
    return [(float(a), float(b)) for a, b in zip(x, y, strict=True)]
