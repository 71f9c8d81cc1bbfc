"""What the desk can say in numbers, for a study: how many of what, and how long each step took. No content, nobody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from foreseal_client.desk.room import Desk

__all__ = ["counts"]


def counts(desk: Desk) -> dict[str, object]:
    """`cases`: by kind, category and state; `refused`: submissions that began no case, by reason; `seconds`: from
    arrival to decision and to proposal, and from arrival to withdrawal: how many, the median and the longest."""
    told = list(desk.tables.times())
    return {
        "cases": {
            "kind": dict(Counter(kind for kind, *_ in told)),
            "category": dict(Counter(one[1] for one in told)),
            "state": dict(Counter(one[2] for one in told)),
        },
        "refused": desk.tables.refused(),
        "seconds": {
            "to_decision": _span(told, lambda one: one[4]),
            "to_proposal": _span(told, lambda one: one[5]),
            "to_withdrawal": _span(told, lambda one: one[6]),
        },
    }


_Times = tuple[str, str, str, int, int | None, int | None, int | None]


def _span(told: list[_Times], until: Callable[[_Times], int | None]) -> dict[str, int | None]:
    spans = sorted(end - one[3] for one in told if (end := until(one)) is not None)
    return {
        "cases": len(spans),
        "median": spans[len(spans) // 2] if spans else None,
        "longest": spans[-1] if spans else None,
    }
