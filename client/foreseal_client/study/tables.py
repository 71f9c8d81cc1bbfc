"""Findings put into the rows of tables, in the words of the report."""

from __future__ import annotations

import math
from collections.abc import Sequence

from foreseal_client.study.found import Finding
from foreseal_client.study.intervals import Interval

__all__ = ["chosen", "number", "one_of", "share", "spread"]


def chosen(found: Sequence[Finding], question: str, **wanted: object) -> list[Finding]:
    """The findings of a question whose fields are as wanted."""
    return [
        one for one in found if one.question == question and all(getattr(one, k) == v for k, v in wanted.items())
    ]  # fmt: skip


def one_of(found: Sequence[Finding], question: str, **wanted: object) -> Finding | None:
    """The first of them, if there is one."""
    return next(iter(chosen(found, question, **wanted)), None)


def share(one: Finding | None) -> str:
    """A share with its interval; where none was found, the bound that leaves. "-" where it was not measured."""
    if one is None:
        return "-"
    if one.value == 0:
        return f"0 (under {one.high:.2g})"
    return f"{one.value:.2f} ({one.low:.2f}-{one.high:.2f})"


def number(value: float) -> str:
    """A count or a time, in as many digits as mean anything."""
    if not math.isfinite(value):
        return "-"
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def spread(interval: Interval) -> str:
    """A figure and its interval."""
    return f"{number(interval.value)} ({number(interval.low)} to {number(interval.high)})"
