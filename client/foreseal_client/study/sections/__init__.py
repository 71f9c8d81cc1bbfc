"""The sections of a report: one question each, with its answer, its figure, its table and what it cannot show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from foreseal_client.study.cell import Sample
from foreseal_client.study.sections.catches import what_it_catches, what_looks_bring
from foreseal_client.study.sections.costs import what_it_costs
from foreseal_client.study.sections.drift import what_other_decoders_move
from foreseal_client.study.sections.gives_away import what_leaks, what_probing_finds
from foreseal_client.study.sections.hurts import whom_it_hurts
from foreseal_client.study.sections.safeguards import what_safeguards_do
from foreseal_client.study.sections.section import Found, Section

__all__ = ["SECTIONS", "Section"]

SECTIONS: Final[Sequence[Callable[[Found, Sequence[Sample]], Section | None]]] = (
    what_it_catches, what_looks_bring, whom_it_hurts, what_leaks, what_probing_finds, what_it_costs,
    what_other_decoders_move, what_safeguards_do,
)  # fmt: skip
"""In the order of the report; each is None where its question was not asked."""
