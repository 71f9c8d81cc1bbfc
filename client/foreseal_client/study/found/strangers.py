"""False matches: pictures that resemble what they are not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from foreseal_client.bench.looks import Half
from foreseal_client.study.cell import Sample
from foreseal_client.study.found.finding import Finding, note_for
from foreseal_client.study.found.limits import tuned_limits
from foreseal_client.study.found.photographs import Halves
from foreseal_client.study.intervals import drawn, upper_of_none, wilson
from foreseal_client.study.photographs import COMPARED
from foreseal_client.study.strangers import ALIKE
from foreseal_matcher.fingerprints.known import FINGERPRINTS

__all__ = ["NEAREST", "PAIRS", "RESEMBLES", "stopped_strangers"]

PAIRS: Final = "pairs of photographs"
RESEMBLES: Final = "photographs that resemble another"
NEAREST: Final = "nearest, in bits"
_PUBLISHED: Final = "published limit"
_TUNED: Final = "limit fixed on the tuning half"


def stopped_strangers(samples: Sequence[Sample], halves: Halves, seed: int) -> Iterator[Finding]:
    """Of the judging half: pairs, photographs that resemble another, and all kinds against the list."""
    asked = [one for one in samples if one.question == "strangers"]
    if not asked:
        return
    for name in COMPARED:
        yield _pairs(name, [one for one in asked if one.measure == ALIKE and one.fingerprint == name], halves, seed)
    yield from _resembling(asked, halves)
    yield from _listed(asked)


def _pairs(name: str, alike: Sequence[Sample], halves: Halves, seed: int) -> Finding:
    """The share of pairs that match, and its interval by drawing photographs anew."""
    subjects, limit = halves[Half.JUDGING], FINGERPRINTS[name].limit
    place = {subject: at for at, subject in enumerate(subjects)}
    matches = np.zeros((len(subjects), len(subjects)), bool)
    for one in alike:
        matches[place[one.subject], [place[other] for other in one.value.split()]] = True
    count = len(subjects) * (len(subjects) - 1)
    if not count:
        return Finding("strangers", PAIRS, _PUBLISHED, 0, 0, 1, len(subjects), name, "plain", limit, note_for(0))
    value, n = float(matches.sum() / count), len(subjects)
    if matches.any():
        weights = np.stack([np.bincount(row, minlength=n) for row in drawn(n, seed)]).astype(float)
        # A photograph that is drawn twice is no pair with itself.
        other = 1 - np.eye(n)
        shares = ((weights @ matches) * weights).sum(axis=1) / np.maximum(((weights @ other) * weights).sum(axis=1), 1)
        low, high = (float(end) for end in np.percentile(shares, (2.5, 97.5)))
    else:
        # Photographs share pairs: as many are independent as can be made without using one twice.
        low, high = 0.0, upper_of_none(n // 2)
    note = note_for(n) or f"{count // 2} pairs"
    return Finding("strangers", PAIRS, _PUBLISHED, value, low, high, n, name, "plain", limit, note)


def _resembling(samples: Sequence[Sample], halves: Halves) -> Iterator[Finding]:
    tuned = tuned_limits(samples, halves)
    nearest: dict[tuple[str, str], list[float]] = defaultdict(list)
    for one in samples:
        if one.variant == Half.JUDGING and one.measure.endswith("others"):
            nearest[one.fingerprint, one.looks].append(one.number)
    for (name, looks), bits in sorted(nearest.items()):
        limits = {FINGERPRINTS[name].limit: _PUBLISHED}
        if (name, looks) in tuned:
            limits.setdefault(tuned[name, looks], _TUNED)
        for limit, of in limits.items():
            yield _share(RESEMBLES, of, bits, name, looks, limit)
        yield _least(RESEMBLES, bits, name, looks)


def _listed(samples: Sequence[Sample]) -> Iterator[Finding]:
    nearest: dict[tuple[str, str, int], list[float]] = defaultdict(list)
    against = [(one, int(one.measure.split()[2])) for one in samples if one.measure.endswith("entries")]
    lengths = {length for _, length in against}
    for one, length in against:
        # What has too little in it to be compared is stopped by no list, however long.
        for each in lengths if one.reason else (length,):
            nearest[one.variant, one.looks, each].append(one.number)
    limit = FINGERPRINTS["pdq"].limit
    longest = max(lengths, default=0)
    for (kind, looks, length), bits in sorted(nearest.items()):
        yield _share(kind, f"stopped by {length} entries", bits, "pdq", looks, limit)
        if length == longest:
            yield _least(kind, bits, "pdq", looks)


def _share(name: str, of: str, bits: Sequence[float], fingerprint: str, looks: str, limit: int) -> Finding:
    hits, n = sum(each <= limit for each in bits), len(bits)
    found = wilson(hits, n)
    high = found.high if hits else upper_of_none(n)
    return Finding("strangers", name, of, found.value, found.low, high, n, fingerprint, looks, limit, note_for(n))


def _least(name: str, bits: Sequence[float], fingerprint: str, looks: str) -> Finding:
    least = min(bits)
    return Finding("strangers", name, NEAREST, least, least, least, len(bits), fingerprint, looks)
