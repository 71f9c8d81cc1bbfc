"""What is said wherever a fingerprint of 64 bits can match: how often it does so by nothing but chance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from foreseal_matcher import HashList
from foreseal_matcher.fingerprints.fingerprint import by_chance
from foreseal_matcher.fingerprints.known import FINGERPRINTS, LISTABLE

__all__ = ["by_chance_in", "chance_warning"]


def by_chance_in(lists: Iterable[HashList], names: Collection[str] = LISTABLE) -> dict[str, float]:
    """For each of these fingerprints that some list has rows of: how many of the rows one look at a picture would meet
    by chance, on average, if they were random."""
    rows: Counter[str] = Counter()
    for one in lists:
        rows.update({kind: count for kind, count in one.counts.items() if kind in names and count})
    return {name: by_chance(FINGERPRINTS[name].bits, FINGERPRINTS[name].limit, count) for name, count in rows.items()}


def chance_warning(expected: Mapping[str, float], of: str) -> str:
    """The warning, with the numbers. `of`: what they were counted for."""
    numbers = ", ".join(
        f"{name} {count:.1g} (at {FINGERPRINTS[name].limit} of {FINGERPRINTS[name].bits} bits)"
        for name, count in expected.items()
    )
    return (
        f"Short fingerprints match by chance. Of {of} one look would meet, were they random: {numbers}. "
        "Pictures are not random and meet more often (docs/measuring.md)."
    )
