"""What became of the files."""

from __future__ import annotations

from collections.abc import Iterator

from foreseal_client.bench.looks import Half
from foreseal_client.study.found.finding import Finding, note_for
from foreseal_client.study.photographs import Collection

__all__ = ["looked_through"]


def looked_through(photographs: Collection) -> Iterator[Finding]:
    """How many photographs there are, and how many files of another kind."""
    counts = {
        "measured": len(photographs.subjects),
        "of them tuning": len(photographs.halves[Half.TUNING]),
        "of them judging": len(photographs.halves[Half.JUDGING]),
        "unreadable": len(photographs.unreadable),
        "too little in them": len(photographs.featureless),
        "near-duplicates": len(photographs.merged),
    }
    for name, count in counts.items():
        note = note_for(count) if name == "of them judging" else ""
        yield Finding("photographs", name, "count", count, count, count, count, note=note)
