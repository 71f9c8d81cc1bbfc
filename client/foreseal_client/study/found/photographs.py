"""What became of the files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from foreseal_client.bench.looks import Half
from foreseal_client.study.cell import Sample
from foreseal_client.study.found.finding import Finding, note_for
from foreseal_client.study.photographs import BECAME, FEATURELESS, MERGED, UNREADABLE

__all__ = ["Halves", "halves_in", "looked_through"]

Halves = Mapping[Half, Sequence[str]]


def halves_in(samples: Sequence[Sample]) -> Halves:
    """The photographs of each half, in the order of their names, as the run drew them."""
    became = sorted((one.subject, one.value) for one in samples if one.measure == BECAME)
    return {half: [subject for subject, what in became if what == half] for half in (Half.TUNING, Half.JUDGING)}


def looked_through(samples: Sequence[Sample]) -> Iterator[Finding]:
    """How many photographs there are, and how many files of another kind."""
    became = Counter(one.value for one in samples if one.measure == BECAME)
    counts = {
        "measured": became[Half.TUNING] + became[Half.JUDGING],
        "of them tuning": became[Half.TUNING],
        "of them judging": became[Half.JUDGING],
        **{left_out: became[left_out] for left_out in (UNREADABLE, FEATURELESS, MERGED)},
    }
    for name, count in counts.items():
        note = note_for(count) if name == "of them judging" else ""
        yield Finding("photographs", name, "count", count, count, count, count, note=note)
