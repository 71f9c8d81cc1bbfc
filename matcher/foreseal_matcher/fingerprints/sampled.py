"""PDQ's last steps in floating point, on 64 x 64 samples that were taken otherwise than PDQ takes them.

Two ways exist because two things are asked for. Of a picture as it is, and in its eight positions, `pdq` gives in whole
numbers what every machine and every listing program gives. A look that guesses (grown where it may have been cropped,
turned by two degrees) has no such exact answer: it is sampled from a `canvas`, forty times for the cost of a few, and a
bit at the median may fall either way without harm.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from foreseal_matcher.fingerprints.pdq import BITS, Pdq

__all__ = ["SAMPLES", "Samples", "both_ways", "of_samples"]

SAMPLES: Final = 64
"""Rows and columns of samples that a fingerprint is made from."""

Samples = NDArray[np.float32]
"""64 x 64 samples of a smoothed picture, rows first, 0..255."""

_FREQUENCIES: Final = 16


def of_samples(taken: Samples) -> Pdq:
    """The fingerprint of what was sampled."""
    return Pdq(_bits(_frequencies(taken)), _quality(taken))


def both_ways(taken: Samples) -> tuple[Pdq, Pdq]:
    """The fingerprints of what was sampled, as it is and mirrored, from one transform: mirroring turns the sign of
    every other coefficient along the side (the description's chapter 4, "dihedral-transform hashes")."""
    frequencies, quality = _frequencies(taken), _quality(taken)
    # The constant is left out, so that the first column is of frequency one.
    sign = np.where(np.arange(1, _FREQUENCIES + 1) % 2, np.float32(-1), np.float32(1))
    return Pdq(_bits(frequencies), quality), Pdq(_bits(frequencies * sign[None, :]), quality)


def _frequencies(taken: Samples) -> NDArray[np.float32]:
    cosines = _cosines()
    return np.asarray(cosines @ taken @ cosines.T, dtype=np.float32)


def _bits(frequencies: NDArray[np.float32]) -> bytes:
    flat = frequencies.ravel()
    # The lower median and the order of bits, as `plain_pdq` has them.
    median = np.partition(flat, BITS // 2 - 1)[BITS // 2 - 1]
    return np.packbits((flat > median)[::-1]).tobytes()


def _quality(taken: Samples) -> int:
    """As PDQ's: steps between neighbours, each in whole hundredths of the range, summed, scaled and capped at 100."""
    hundredths = taken * np.float32(100 / 255)
    steps = sum(int(np.abs(np.diff(hundredths, axis=axis)).astype(np.int32).sum()) for axis in (0, 1))
    return min(100, steps // 90)


@lru_cache(maxsize=1)
def _cosines() -> NDArray[np.float32]:
    """The 16 lowest frequencies of the discrete cosine transform of 64 samples, 16 x 64, without the constant one."""
    frequency = np.arange(1, _FREQUENCIES + 1)[:, None]
    sample = np.arange(SAMPLES)[None, :]
    matrix = np.sqrt(2 / SAMPLES) * np.cos(np.pi / 2 / SAMPLES * frequency * (2 * sample + 1))
    return np.asarray(matrix, dtype=np.float32)
