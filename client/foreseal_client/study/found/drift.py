"""How far other decoders move a fingerprint, and the misses that makes at each limit."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from statistics import median
from typing import Final

from foreseal_client.study.cell import Sample
from foreseal_client.study.drift import COPY, MOVED
from foreseal_client.study.found.finding import Finding, note_for
from foreseal_client.study.intervals import bootstrap, wilson

__all__ = ["LIMITS", "MISSED", "drifted"]

LIMITS: Final = (7, 15, 23, 31)
"""Bits. The last is PDQ's usual one."""
MISSED: Final = "share of copies missed"


def drifted(samples: Sequence[Sample], seed: int) -> Iterator[Finding]:
    """By decoder: bits moved on average and at most, and of small copies the share missed at each limit where the list
    is of that decoder."""
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    for one in samples:
        if one.question == "drift":
            found[one.variant, one.measure].append(one.number)
    for (decoder, measure), bits in found.items():
        n = len(bits)
        if measure == MOVED:
            yield _moved(decoder, [each for each in bits if math.isfinite(each)], n, seed)
        elif measure == COPY:
            for limit in LIMITS:
                share = wilson(sum(each > limit for each in bits), n)
                yield Finding("drift", decoder, MISSED, *share, n, "pdq", "plain", limit, note_for(n))


def _moved(decoder: str, bits: Sequence[float], tried: int, seed: int) -> Finding:
    """Of those that the decoder could read; how many it could not is said."""
    of, unread = "bits moved, mean", tried - len(bits)
    lacking = f"{unread} of {tried} not read by it" if unread else ""
    if not bits:
        return Finding("drift", decoder, of, math.nan, math.nan, math.nan, 0, "pdq", "plain", note=lacking)
    said = f"median {median(bits):g}, at most {max(bits):g}"
    note = "; ".join(part for part in (note_for(len(bits)), said, lacking) if part)
    return Finding("drift", decoder, of, *bootstrap(bits, seed), len(bits), "pdq", "plain", note=note)
