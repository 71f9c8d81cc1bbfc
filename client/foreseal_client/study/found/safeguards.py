"""What each safeguard stopped, and how long it took to say so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from foreseal_client.study.cell import Sample
from foreseal_client.study.found.finding import Finding

__all__ = ["compared_safeguards"]


def compared_safeguards(samples: Sequence[Sample]) -> Iterator[Finding]:
    """Scenario by regime: 1 where it was stopped, and milliseconds. One play of each, no rates."""
    for one in samples:
        if one.question == "safeguards":
            yield Finding.exact("safeguards", one.subject, one.measure, one.number, 1, one.variant)
