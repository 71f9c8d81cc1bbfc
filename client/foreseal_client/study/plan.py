"""What a study measures: the questions that were asked, and the cells of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from foreseal_client.bench.looks import Half
from foreseal_client.study.cell import Cell
from foreseal_client.study.cost import ITEMS, QUICK_ITEMS
from foreseal_client.study.leaks import ALL_KINDS
from foreseal_client.study.photographs import Collection
from foreseal_client.study.strangers import drawn_cells

__all__ = ["QUESTIONS", "Plan"]

QUESTIONS: Final = ("recall", "strangers", "cost", "leaks", "drift", "safeguards")
"""What can be asked, in the order of the report."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Settings of a study; two with the same settings and photographs have the same cells. `lengths`: of random lists
    that cost is measured with, ascending. `entries`: at most so many on the list made of photographs. `drawn`:
    pictures of each kind that is drawn."""

    seed: int = 1
    quick: bool = False
    lengths: tuple[int, ...] = (10_000, 100_000, 1_000_000)
    entries: int = 50_000
    questions: tuple[str, ...] = QUESTIONS
    drawn: int = 100

    def listing(self, photographs: Collection, sources: Mapping[str, Path]) -> Sequence[Cell]:
        """What the large list is made of: the tuning half."""
        if "strangers" not in self.questions:
            return ()
        return [Cell("listing", subject, "", sources[subject]) for subject in photographs.halves[Half.TUNING]]

    def of_photographs(self, photographs: Collection, sources: Mapping[str, Path]) -> Sequence[Cell]:
        """What is measured of photographs and of drawn pictures, in no order."""
        return [*self._of_photographs(photographs, sources)]

    def apart(self) -> Sequence[Cell]:
        """What is measured in a process of its own, one after another."""
        return [*self._apart()]

    def _of_photographs(self, photographs: Collection, sources: Mapping[str, Path]) -> Iterator[Cell]:
        if "strangers" in self.questions:
            for half in (Half.TUNING, Half.JUDGING):
                for subject in photographs.halves[half]:
                    yield Cell("strangers", subject, half.value, sources[subject])
            yield from drawn_cells(self.drawn)
        for question in ("recall", "drift"):
            if question in self.questions:
                # The tuning half has had its part: limits and looks are fixed on it, and judged on the other.
                for subject in photographs.halves[Half.JUDGING]:
                    yield Cell(question, subject, "", sources[subject])

    def _apart(self) -> Iterator[Cell]:
        if "cost" in self.questions:
            middle = self.lengths[len(self.lengths) // 2]
            for item in QUICK_ITEMS if self.quick else ITEMS:
                yield Cell("cost", item, str(middle))
            for length in self.lengths:
                if length != middle:
                    yield Cell("cost", QUICK_ITEMS[0], str(length))
            yield Cell("sending", "both kinds", str(middle))
        if "leaks" in self.questions:
            yield Cell("leaks", ALL_KINDS, "10" if self.quick else "30")
        if "safeguards" in self.questions:
            yield Cell("safeguards", "all scenarios")
