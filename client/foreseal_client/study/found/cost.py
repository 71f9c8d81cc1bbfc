"""What a check costs, and what that lets somebody try who holds a client."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from statistics import median
from typing import Final

import numpy as np

from foreseal_client.study.cell import Sample
from foreseal_client.study.found.finding import Finding
from foreseal_client.study.intervals import DRAWS

__all__ = ["STEADY", "costs", "probing"]

STEADY: Final = 0.1
"""Scatter (standard deviation / mean) up to which a time counts as steady."""
_HOUR_MS: Final = 3_600_000


def costs(samples: Sequence[Sample], seed: int) -> Iterator[Finding]:
    """Each stage of each item against each length of list, then sends. A time whose repeats scatter says so."""
    scatter = {_cell(one): one.number for one in samples if one.question == "cost" and one.measure == "scatter"}
    for one in samples:
        if one.question == "cost" and one.measure != "scatter":
            found = scatter.get(_cell(one)) if one.measure.endswith("ms") else None
            note = one.reason if found is None or found <= STEADY else f"unsteady: scatters by {found:.0%}"
            of = f"{one.looks}, {one.measure}"
            yield Finding.exact("cost", one.subject, of, one.number, int(one.variant), one.looks, note)
    sends: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    for one in samples:
        if one.question == "sending":
            sends[one.variant, one.looks, one.measure].append(one.number)
    for (kind, policy, measure), spent in sends.items():
        chance = np.random.default_rng(seed)
        draws = np.median(chance.choice(spent, (DRAWS, len(spent))), axis=1)
        low, high = (float(end) for end in np.percentile(draws, (2.5, 97.5)))
        yield Finding("cost", f"sending a {kind}", measure, median(spent), low, high, len(spent), looks=policy)


def probing(samples: Sequence[Sample]) -> Iterator[Finding]:
    """Guesses an hour, on one core, by the measured speed of a lookup and of a whole check. There is one mode, in which
    the whole list lies on the device."""
    wanted = {
        "lookup": "fingerprints compared with the whole list",
        "quick looks, whole": "pictures checked as a whole",
    }
    for one in samples:
        is_time = one.question == "cost" and one.measure == "wall ms" and one.subject.startswith("JPEG, 2")
        if is_time and one.looks in wanted and one.number > 0:
            rate = _HOUR_MS / one.number
            yield Finding.exact("probing", wanted[one.looks], "an hour", rate, int(one.variant))


def _cell(one: Sample) -> tuple[str, str, str]:
    return one.subject, one.variant, one.looks
