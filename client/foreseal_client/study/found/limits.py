"""Limits fixed on the tuning half: the largest at which no photograph of it resembles another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from foreseal_client.bench.looks import Half
from foreseal_client.study.cell import Sample
from foreseal_client.study.found.photographs import Halves

__all__ = ["tuned_limits"]


def tuned_limits(samples: Sequence[Sample], halves: Halves) -> Mapping[tuple[str, str], int]:
    """(fingerprint, looks) -> bits; none where strangers were not asked for, or two photographs cannot be told
    apart."""
    tuning = set(halves[Half.TUNING])
    nearest: dict[tuple[str, str], float] = {}
    for one in samples:
        if one.question == "strangers" and one.subject in tuning and one.measure.endswith("others"):
            way = one.fingerprint, one.looks
            nearest[way] = min(nearest.get(way, one.number), one.number)
    return {way: int(bits) - 1 for way, bits in nearest.items() if bits > 0}
