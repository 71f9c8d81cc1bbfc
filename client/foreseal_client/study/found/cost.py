"""What a check costs, and what that lets somebody try who holds a client."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from statistics import median
from typing import Final

import numpy as np

from foreseal_client.study.cell import Sample
from foreseal_client.study.checked import MAIN_PICTURE, WHOLE
from foreseal_client.study.found.finding import Finding
from foreseal_client.study.intervals import DRAWS

__all__ = ["STEADY", "again", "costs", "probing"]

STEADY: Final = 0.1
"""How far the passes of a time may lie from their median, as a share of it, for it to count as steady."""
_HOUR_MS: Final = 3_600_000
_Key = tuple[str, str, str, str]


def costs(samples: Sequence[Sample], seed: int) -> Iterator[Finding]:
    """Each stage of each item against each length of list, then sends. Of passes the median, the least and the most; a
    time whose passes differ says so."""
    for (subject, variant, stage, measure), passes in _passes(samples).items():
        values = [one.number for one in passes]
        note = passes[0].reason or (_verdict(values) if measure.endswith("ms") else "")
        yield Finding(
            "cost", subject, f"{stage}, {measure}", median(values), min(values), max(values), int(variant), looks=stage,
            note=note,
        )  # fmt: skip
    yield from _sends(samples, seed)


def again(samples: Sequence[Sample]) -> set[tuple[str, str]]:
    """Which items against which lengths have a whole check whose CPU time is unsteady: (item, length)."""
    return {
        (subject, variant)
        for (subject, variant, stage, measure), passes in _passes(samples).items()
        if stage in WHOLE and measure == "CPU ms" and not _steady([one.number for one in passes])
    }


def probing(samples: Sequence[Sample]) -> Iterator[Finding]:
    """Guesses an hour, on one core, by the measured speed of a lookup and of a whole check. There is one mode, in which
    the whole list lies on the device."""
    wanted = {
        "lookup": "fingerprints compared with the whole list",
        "quick looks, whole": "pictures checked as a whole",
    }
    for (subject, variant, stage, measure), passes in _passes(samples).items():
        if (subject, measure) == (MAIN_PICTURE, "wall ms") and stage in wanted:
            rates = [_HOUR_MS / one.number for one in passes if one.number > 0]
            if rates:
                ends = median(rates), min(rates), max(rates)
                yield Finding("probing", wanted[stage], "an hour", *ends, int(variant))


def _sends(samples: Sequence[Sample], seed: int) -> Iterator[Finding]:
    sends: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    for one in samples:
        if one.question == "sending":
            sends[one.variant, one.looks, one.measure].append(one.number)
    for (kind, policy, measure), spent in sends.items():
        chance = np.random.default_rng(seed)
        draws = np.median(chance.choice(spent, (DRAWS, len(spent))), axis=1)
        low, high = (float(end) for end in np.percentile(draws, (2.5, 97.5)))
        yield Finding("cost", f"sending a {kind}", measure, median(spent), low, high, len(spent), looks=policy)


def _passes(samples: Sequence[Sample]) -> dict[_Key, list[Sample]]:
    found: dict[_Key, list[Sample]] = defaultdict(list)
    for one in samples:
        if one.question == "cost":
            found[one.subject, one.variant, one.looks, one.measure].append(one)
    return found


def _steady(values: Sequence[float]) -> bool:
    middle = median(values)
    return len(values) > 1 and max(abs(value - middle) for value in values) <= STEADY * middle


def _verdict(values: Sequence[float]) -> str:
    if len(values) == 1:
        return "one pass"
    word = "steady" if _steady(values) else "unsteady"
    middle = median(values)
    apart = max(abs(value - middle) for value in values) / middle if middle else 0.0
    return f"{word}: {len(values)} passes within {apart:.0%}"
