"""PDQ in numpy: the twin of core/pdq.c, and the place where its steps are explained.

A two-pass box filter of Jarosz, 64x64 samples, a 16x16 corner of their discrete cosine transform without the
constant row and column, and one bit for each coefficient above the median. All of it in whole numbers, so that both
twins give the same bits on every machine; where whole numbers are held as float64 here (its products are quicker),
they stay under 2**53 and so are exact in whatever order they are added.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["plain_pdq"]

_SAMPLES: Final = 64
_FREQUENCIES: Final = 16
_WINDOWS: Final = 128
"""The box filter is as wide as a picture's side divided by this, rounded up: two windows to a sample."""
_LARGEST: Final = 16384
"""A side longer than this is treated as this long: what is rounded to whole pixels no longer matters there."""
_WEIGHT_BITS: Final = 22
"""The weights under one sample sum up to 2**22 a side."""
_SAMPLE_BITS: Final = 16
"""A sample is luma times 2**16."""
_COSINE_BITS: Final = 24

_Whole = NDArray[np.int64]


def plain_pdq(
    luma: memoryview, full: tuple[int, int], part: tuple[int, int, int, int], positions: int
) -> list[tuple[bytes, int]]:
    """Hash and quality of a part (top, left, bottom, right) of rows and columns of luma, in the first 1, 2 or 8 of
    `fingerprints.pdq.POSITIONS`; the part had the size `full` before it was reduced.

    Each way round is sampled for itself. Negating the odd frequencies of one transform instead is cheaper and not the
    same: the box leans by half a pixel and samples stand on whole ones, which moved photographs by up to 58 bits."""
    top, left, bottom, right = part
    whole = np.asarray(luma)
    if not (0 <= top < bottom <= whole.shape[0] and 0 <= left < right <= whole.shape[1]):
        raise ValueError("a part of the luma")
    pixels = whole[top:bottom, left:right]
    ways = (pixels, pixels[:, ::-1], pixels[::-1], pixels[::-1, ::-1])[:positions]
    sampled = [_samples(way, full) for way in ways]
    upright = [(_transformed(samples), _quality(samples)) for samples in sampled]
    # With rows and columns exchanged the picture gives the same frequencies, exchanged.
    exchanged = [(frequencies.T, quality) for frequencies, quality in upright]
    return [(_hash(frequencies), quality) for frequencies, quality in (*upright, *exchanged)[:positions]]


def _samples(luma: NDArray[np.uint8], full: tuple[int, int]) -> _Whole:
    down, across = (
        _sampling(side, max(side, min(before, _LARGEST))) for side, before in zip(luma.shape, full, strict=True)
    )
    weighted = across.applied(down.applied(luma).T).T
    unused = 2 * _WEIGHT_BITS - _SAMPLE_BITS
    return weighted.astype(np.int64) + (1 << (unused - 1)) >> unused


def _transformed(samples: _Whole) -> _Whole:
    cosines = _cosines()
    rows = cosines @ samples + (1 << (_COSINE_BITS - 1)) >> _COSINE_BITS
    return np.asarray(rows @ cosines.T)


def _hash(frequencies: _Whole) -> bytes:
    flat = frequencies.ravel()
    # The lower median, as the reference takes it: of 256 coefficients the 128th, so that 128 lie above.
    median = np.partition(flat, flat.size // 2 - 1)[flat.size // 2 - 1]
    # Bit 0 is the lowest frequency, and stands last when the fingerprint is written as hex.
    return np.packbits((flat > median)[::-1]).tobytes()


def _quality(samples: _Whole) -> int:
    """Sum of the steps between neighbours, each in whole hundredths of the range, scaled and capped at 100. Counting
    whole steps makes flat noise count as nothing."""
    steps = (np.abs(np.diff(samples, axis=axis)) * 100 // (255 << _SAMPLE_BITS) for axis in (0, 1))
    return min(100, sum(int(each.sum()) for each in steps) // 90)


@dataclass(frozen=True, slots=True, eq=False)
class _Sampling:
    """Filter and sampling along one side: 64 samples, each the weighted sum of the few rows around it. Both are
    linear and the two sides are independent of each other, so a whole picture takes two of these."""

    rows: NDArray[np.intp]
    weights: NDArray[np.float64]

    def applied(self, luma: NDArray[np.uint8] | NDArray[np.float64]) -> NDArray[np.float64]:
        """64 x columns. Many small products on purpose: for one large one BLAS starts threads, and waiting for
        them on a busy machine took 48 ms instead of 1."""
        around = luma[self.rows].astype(np.float64, copy=False)
        return np.asarray(np.matmul(self.weights[:, None, :], around)[:, 0, :])


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
    # Lengths are counted in 1/side of a full pixel, so that the ends of both kinds of pixel are whole numbers.
    edges = np.arange(side + 1) * full
    matrix = np.zeros((_SAMPLES, side), dtype=np.int64)
    for row in range(_SAMPLES):
        centre = (2 * row + 1) * full // (2 * _SAMPLES)
        # Each pixel under the first pass's box spreads over its own box in the second.
        under = slice(start[centre], stop[centre])
        low, high = start[under] * side, stop[under] * side
        near = slice(low[0] // full, -(-high[-1] // full))
        left, right = edges[:-1][near], edges[1:][near]
        # A reduced pixel stands for the mean of the pixels it covers, whole and in part.
        covered = np.minimum(right, high[:, None]) - np.maximum(left, low[:, None])
        share = (1 << 60) // (len(low) * (high - low))
        sums = (np.maximum(covered, 0) * share[:, None]).sum(axis=0)
        matrix[row, near] = sums + (1 << (59 - _WEIGHT_BITS)) >> (60 - _WEIGHT_BITS)
    width = int((matrix > 0).sum(axis=1).max())
    rows = np.minimum((matrix > 0).argmax(axis=1), side - width)[:, None] + np.arange(width)
    return _Sampling(rows, np.take_along_axis(matrix, rows, axis=1).astype(np.float64))


@lru_cache(maxsize=1)
def _cosines() -> _Whole:
    """The 16 lowest frequencies of the discrete cosine transform of 64 samples, 16 x 64, without the constant one."""
    quarter = [round(math.cos(math.pi * k / 128) * (1 << _COSINE_BITS)) for k in range(65)]
    half = [*quarter, *(-value for value in quarter[-2::-1])]
    circle = np.array([*half, *half[-2:0:-1]])
    frequency, sample = np.ogrid[1 : _FREQUENCIES + 1, 0:_SAMPLES]
    return np.asarray(circle[frequency * (2 * sample + 1) % 256], dtype=np.int64)
