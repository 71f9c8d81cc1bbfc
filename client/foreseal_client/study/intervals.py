"""Intervals, all of 95 %: of shares, of means over photographs, and what zero in n leaves open."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["DRAWS", "Interval", "bootstrap", "drawn", "upper_of_none", "wilson"]

DRAWS: Final = 2000
"""How often photographs are drawn anew."""
_Z: Final = NormalDist().inv_cdf(0.975)


class Interval(NamedTuple):
    """A figure and the ends of its interval."""

    value: float
    low: float
    high: float


def wilson(hits: int, of: int) -> Interval:
    """A share, by the score interval (E. B. Wilson, 1927): it does not shrink to nothing where all or none are hits.
    Raises `ValueError` for a share of nothing."""
    if of < 1 or not 0 <= hits <= of:
        raise ValueError(f"{hits} of {of} is no share")
    share, weight = hits / of, _Z**2 / of
    middle = (share + weight / 2) / (1 + weight)
    half = _Z / (1 + weight) * math.sqrt(share * (1 - share) / of + weight / (4 * of))
    return Interval(share, 0.0 if hits == 0 else middle - half, 1.0 if hits == of else middle + half)


def upper_of_none(of: int) -> float:
    """What share nothing in `of` does not rule out, at 95 %: 3 / of, and at most 1 (J. A. Hanley and A.
    Lippman-Hand, If nothing goes wrong, is everything all right?, JAMA 1983)."""
    return min(1.0, 3 / of) if of else 1.0


def drawn(count: int, seed: int) -> NDArray[np.int64]:
    """`DRAWS` rows of `count` photographs, drawn anew with repetition."""
    return np.random.default_rng(seed).integers(count, size=(DRAWS, count))


def bootstrap(values: Sequence[float], seed: int) -> Interval:
    """The mean of one value a photograph, by drawing photographs anew (percentiles). Pairs share photographs, so that
    their values are summed up for each photograph first. Raises `ValueError` for none."""
    if not values:
        raise ValueError("there is nothing to draw from")
    each = np.array(values, float)
    low, high = np.percentile(each[drawn(len(each), seed)].mean(axis=1), (2.5, 97.5))
    return Interval(float(each.mean()), float(low), float(high))
