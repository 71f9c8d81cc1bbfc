"""Recall: of the judging half, what share of edited copies is still within a limit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from foreseal_client.bench.looks import Half
from foreseal_client.study.catches import DISTANCE, LISTED
from foreseal_client.study.cell import Sample
from foreseal_client.study.found.finding import Finding, note_for
from foreseal_client.study.found.limits import tuned_limits
from foreseal_client.study.found.photographs import Halves
from foreseal_client.study.intervals import bootstrap, wilson
from foreseal_client.study.ways import PARTS
from foreseal_matcher.fingerprints.known import FINGERPRINTS

__all__ = ["ALL_EDITS", "LENGTH", "recalled"]

ALL_EDITS: Final = "all edits, each as often"
LENGTH: Final = "length of the list"
Distances = Mapping[tuple[str, str, str], Mapping[str, float]]
"""(edit, fingerprint, looks) -> photograph -> bits."""


def recalled(samples: Sequence[Sample], halves: Halves, seed: int) -> Iterator[Finding]:
    """By edit, fingerprint and looks, at the published limit and at the one fixed on the tuning half."""
    judged = set(halves[Half.JUDGING])
    asked = [one for one in samples if one.question == "recall" and one.subject in judged]
    distances = _distances([one for one in asked if one.measure == DISTANCE])
    yield from _list_side([one.number for one in asked if one.measure == LISTED], seed)
    tuned = tuned_limits(samples, halves)
    ways = sorted({(fingerprint, looks) for _, fingerprint, looks in distances})
    for fingerprint, looks in ways:
        limits = {FINGERPRINTS[fingerprint].limit: "published limit"}
        if (fingerprint, looks) in tuned:
            limits.setdefault(tuned[fingerprint, looks], "limit fixed on the tuning half")
        edits = [edit for edit, *way in distances if tuple(way) == (fingerprint, looks)]
        for limit, of in limits.items():
            for edit in edits:
                apart = distances[edit, fingerprint, looks]
                share = wilson(sum(bits <= limit for bits in apart.values()), len(apart))
                n = len(apart)
                yield Finding("recall", edit, of, *share, n, fingerprint, looks, limit, note_for(n))
            each = [
                sum(distances[edit, fingerprint, looks][one] <= limit for edit in edits) / len(edits)
                for one in sorted(distances[edits[0], fingerprint, looks])
            ]
            mean = bootstrap(each, seed)
            yield Finding("recall", ALL_EDITS, of, *mean, len(each), fingerprint, looks, limit, note_for(len(each)))


def _list_side(listed: Sequence[float], seed: int) -> Iterator[Finding]:
    """How long a list becomes that holds parts of each picture too: fingerprints for one of a picture."""
    if listed:
        mean = bootstrap(listed, seed)
        yield Finding("recall", LENGTH, LISTED, *mean, len(listed), "pdq", PARTS, note=note_for(len(listed)))


def _distances(samples: Sequence[Sample]) -> Distances:
    found: dict[tuple[str, str, str], dict[str, float]] = defaultdict(dict)
    ways = {(one.fingerprint, one.looks) for one in samples if one.fingerprint}
    for one in samples:
        # A copy that could not be made or read is missed in every way of looking.
        for fingerprint, looks in [(one.fingerprint, one.looks)] if one.fingerprint else ways:
            found[one.variant, fingerprint, looks][one.subject] = one.number
    return found
