"""PDQ: a 256-bit fingerprint that stays near itself when a picture is re-saved, resized or made grey.

Written from the published description ("The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm",
Facebook, 2019, chapters 3 and 4; github.com/facebook/threatexchange, hashing/hashing.pdf): a two-pass box filter of
Jarosz, 64x64 samples, a 16x16 corner of their discrete cosine transform without the constant row and column, and one
bit for each coefficient above the median.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "BITS",
    "BYTES",
    "FORMS",
    "MATCH_AT",
    "MAX_SIDE",
    "MIN_QUALITY",
    "SAMPLES",
    "Pdq",
    "Samples",
    "distance",
    "forms",
    "of_samples",
    "pdq",
    "samples",
]

BITS: Final = 256
BYTES: Final = BITS // 8
MATCH_AT: Final = 31
"""Two pictures resemble each other when at most this many bits differ (the description's recommendation)."""
MIN_QUALITY: Final = 50
"""Under this quality a fingerprint says too little to be compared (the description's recommendation)."""
MAX_SIDE: Final = 2048
"""Most rows or columns `pdq` takes."""

SAMPLES: Final = 64
"""Rows and columns of samples that a fingerprint is made from."""
FORMS: Final = (
    "plain",
    "mirrored",
    "flipped",
    "turned 180",
    "transposed",
    "turned 90",
    "turned 270",
    "transposed, turned 180",
)
"""The eight ways to lay a square onto itself. Turns are clockwise; "flipped" is upside down."""

Samples = NDArray[np.float32]
"""64 x 64 samples of a smoothed picture, rows first, 0..255."""

_FREQUENCIES: Final = 16
_WINDOWS: Final = 128
"""The box filter is as wide as a picture's side divided by this, rounded up: two windows to a sample."""
_LARGEST: Final = 16384
"""A side longer than this is treated as this long: what is rounded to whole pixels no longer matters there."""


@dataclass(frozen=True, slots=True)
class Pdq:
    """A fingerprint. `bits`: 32 bytes, so that `bits.hex()` reads as the reference prints it. `quality`: 0..100,
    how much there is in the picture to tell it by."""

    bits: bytes
    quality: int

    @property
    def telling(self) -> bool:
        """Whether the quality is enough for the fingerprint to be compared with others."""
        return self.quality >= MIN_QUALITY


def pdq(luma: NDArray[np.uint8] | NDArray[np.float32], full: tuple[int, int] | None = None) -> Pdq:
    """The fingerprint of a picture given as luma 0..255, rows first, 1..2048 a side.

    A larger picture is reduced first (`decode` does), and `full` then tells its rows and columns before that: the
    fingerprint is the one that the picture has at its full size. Raises `ValueError` for any other shape."""
    return of_samples(samples(luma, full))


def samples(luma: NDArray[np.uint8] | NDArray[np.float32], full: tuple[int, int] | None = None) -> Samples:
    """What `pdq` makes its fingerprint from. Takes and raises the same."""
    if luma.ndim != 2 or not all(1 <= side <= MAX_SIDE for side in luma.shape):
        raise ValueError(f"luma must have 1..{MAX_SIDE} rows and columns, its shape is {luma.shape}")
    rows, columns = full or luma.shape
    down = _sampling(luma.shape[0], max(luma.shape[0], min(rows, _LARGEST)))
    across = _sampling(luma.shape[1], max(luma.shape[1], min(columns, _LARGEST)))
    return across.applied(down.applied(luma).T).T


def of_samples(taken: Samples) -> Pdq:
    """The fingerprint of a picture that was sampled already."""
    return Pdq(_bits(_frequencies(taken)), _quality(taken))


def forms(taken: Samples) -> Iterator[Pdq]:
    """The fingerprints of the picture in each of `FORMS`, in that order, made as they are asked for.

    They take one transform for all: mirroring turns the sign of every other coefficient along its side, and
    transposing the picture transposes them (the description's chapter 4, "dihedral-transform hashes")."""
    block, quality = _frequencies(taken), _quality(taken)
    # The constant is left out, so that the first row and column are of frequency one.
    sign = np.where(np.arange(1, _FREQUENCIES + 1) % 2, np.float32(-1), np.float32(1))
    across, down = sign[None, :], sign[:, None]
    for frequencies in (block, block.T):
        yield Pdq(_bits(frequencies), quality)
        yield Pdq(_bits(frequencies * across), quality)
        yield Pdq(_bits(frequencies * down), quality)
        yield Pdq(_bits(frequencies * across * down), quality)


def distance(one: bytes, other: bytes) -> int:
    """In how many bits two fingerprints differ, 0..256."""
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()


def _frequencies(taken: Samples) -> NDArray[np.float32]:
    cosines = _cosines()
    return np.asarray(cosines @ taken @ cosines.T, dtype=np.float32)


def _bits(frequencies: NDArray[np.float32]) -> bytes:
    flat = frequencies.ravel()
    # The lower median, as the reference takes it: of 256 coefficients the 128th, so that 128 lie above.
    median = np.partition(flat, BITS // 2 - 1)[BITS // 2 - 1]
    # Bit 0 is the lowest frequency, and stands last when the fingerprint is written as hex.
    return np.packbits((flat > median)[::-1]).tobytes()


def _quality(taken: Samples) -> int:
    """Sum of the steps between neighbours, each in whole hundredths of the range, scaled and capped at 100. Counting
    whole steps makes flat noise count as nothing."""
    hundredths = taken * np.float32(100 / 255)
    steps = sum(int(np.abs(np.diff(hundredths, axis=axis)).astype(np.int32).sum()) for axis in (0, 1))
    return min(100, steps // 90)


@dataclass(frozen=True, slots=True, eq=False)
class _Sampling:
    """Filter and sampling along one side: 64 samples, each the weighted sum of the few rows around it. Both are
    linear and the two sides are independent of each other, so a whole picture takes two of these."""

    rows: NDArray[np.intp]
    weights: NDArray[np.float32]

    def applied(self, luma: NDArray[np.uint8] | NDArray[np.float32]) -> NDArray[np.float32]:
        """64 x columns. Many small products on purpose: for one large one BLAS starts threads, and waiting for
        them on a busy machine took 48 ms instead of 1."""
        around = luma[self.rows].astype(np.float32, copy=False)
        return np.asarray(np.matmul(self.weights[:, None, :], around)[:, 0, :], dtype=np.float32)


@lru_cache(maxsize=128)
def _sampling(side: int, full: int) -> _Sampling:
    """The sampling of a side of `side` pixels that had `full` before it was reduced.

    It is made for the `full` side and then gathered onto the reduced one. Where the box is even it leans by
    half a pixel in each pass, and a sample is taken from a whole pixel: computed at the reduced side instead, both
    would shift the picture by up to a pixel, which moved fingerprints by up to 24 bits."""
    window = -(-full // _WINDOWS)
    ahead = (window + 2) // 2
    pixel = np.arange(full)
    start = np.maximum(pixel - (window - ahead), 0)
    stop = np.minimum(pixel + ahead, full)
    picked = ((np.arange(SAMPLES) + 0.5) * full / SAMPLES).astype(np.intp)
    edges = np.linspace(0, full, side + 1)
    matrix = np.empty((SAMPLES, side), dtype=np.float32)
    for row, centre in enumerate(picked):
        first = np.arange(start[centre], stop[centre])
        low, high = start[first[0]], stop[first[-1]]
        # Each pixel under the first pass's box spreads over its own box in the second: marks where those begin and
        # end, summed once for the weights and once more for the weight left of each pixel.
        weight = 1 / (len(first) * (stop[first] - start[first]))
        marks = np.bincount(start[first] - low, weight, high - low + 1)
        marks -= np.bincount(stop[first] - low, weight, high - low + 1)
        left_of = np.concatenate(([0.0], np.cumsum(np.cumsum(marks[:-1]))))
        # A reduced pixel stands for the mean of the pixels it covers, whole and in part.
        matrix[row] = np.diff(np.interp(edges, np.arange(low, high + 1), left_of))
    width = int((matrix > 0).sum(axis=1).max())
    rows = np.minimum((matrix > 0).argmax(axis=1), side - width)[:, None] + np.arange(width)
    return _Sampling(rows, np.take_along_axis(matrix, rows, axis=1))


@lru_cache(maxsize=1)
def _cosines() -> NDArray[np.float32]:
    """The 16 lowest frequencies of the discrete cosine transform of 64 samples, 16 x 64, without the constant one."""
    frequency = np.arange(1, _FREQUENCIES + 1)[:, None]
    sample = np.arange(SAMPLES)[None, :]
    matrix = np.sqrt(2 / SAMPLES) * np.cos(np.pi / 2 / SAMPLES * frequency * (2 * sample + 1))
    return np.asarray(matrix, dtype=np.float32)
