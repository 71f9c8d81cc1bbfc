"""What each safeguard stopped, delayed or let pass, and how long it took until that was so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from foreseal_client.study.cell import Sample
from foreseal_client.study.found.finding import Finding
from foreseal_client.study.safeguards import BECAME, DELAYED, STOPPED

__all__ = ["DELAYED_AT", "PASSED_AT", "STOPPED_AT", "compared_safeguards"]

STOPPED_AT, DELAYED_AT, PASSED_AT = 1.0, 0.5, 0.0
"""How a finding that is a number tells them apart."""


def compared_safeguards(samples: Sequence[Sample]) -> Iterator[Finding]:
    """Scene by regime: 1 stopped, 0.5 delayed, 0 passed, with its word as the note; and milliseconds. One play of each,
    no rates."""
    for one in samples:
        if one.question == "safeguards" and one.measure == BECAME:
            value = STOPPED_AT if one.value in STOPPED else DELAYED_AT if one.value in DELAYED else PASSED_AT
            yield Finding.exact("safeguards", one.subject, BECAME, value, 1, one.variant, one.value)
        elif one.question == "safeguards":
            yield Finding.exact("safeguards", one.subject, one.measure, one.number, 1, one.variant)
