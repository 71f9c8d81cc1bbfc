"""What a study measures: the questions that were asked, and the cells of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from foreseal_client.bench.looks import Half
from foreseal_client.study.cell import Cell, Sample
from foreseal_client.study.checked import MAIN_PICTURE
from foreseal_client.study.cost import ITEMS, QUICK_ITEMS, START
from foreseal_client.study.found.cost import again
from foreseal_client.study.leaks import ALL_KINDS
from foreseal_client.study.photographs import Collection
from foreseal_client.study.strangers import drawn_cells
from foreseal_client.study.updating import UPDATED

__all__ = ["MOST_PASSES", "PASSES", "QUESTIONS", "Plan"]

QUESTIONS: Final = ("recall", "strangers", "cost", "leaks", "drift", "safeguards")
"""What can be asked, in the order of the report."""
PASSES: Final = 3
"""How often each cost is measured: all of them once, then all of them again, so that no hour of the machine is one
item's alone."""
MOST_PASSES: Final = 7
"""Where a time is unsteady it is measured again, up to so often."""
_UPDATES: Final = (10_000, 100_000)
_QUICK_UPDATES: Final = (2_000,)


@dataclass(frozen=True, slots=True)
class Plan:
    """Settings of a study; two with the same settings and photographs have the same cells. `lengths`: of random lists
    that cost is measured with, ascending. `entries`: at most so many on the list made of photographs. `drawn`:
    pictures of each kind that is drawn. `decoders`: the names of other programs that drift is measured with. `sample`:
    at most so many of the files; None for all."""

    seed: int = 1
    quick: bool = False
    lengths: tuple[int, ...] = (10_000, 100_000, 1_000_000)
    entries: int = 50_000
    questions: tuple[str, ...] = QUESTIONS
    drawn: int = 100
    decoders: tuple[str, ...] = ()
    sample: int | None = None

    def listing(self, photographs: Collection, sources: Mapping[str, Path]) -> Sequence[Cell]:
        """What the large list is made of: the tuning half."""
        if "strangers" not in self.questions:
            return ()
        return [Cell("listing", subject, "", sources[subject]) for subject in photographs.halves[Half.TUNING]]

    def of_photographs(self, photographs: Collection, sources: Mapping[str, Path]) -> Sequence[Cell]:
        """What is measured of photographs and of drawn pictures, in no order."""
        return [*self._of_photographs(photographs, sources)]

    def lists(self) -> Sequence[Cell]:
        """The random lists that cost is measured with, each made once."""
        return [Cell("making", "random list", str(length)) for length in self.lengths] if self._asks_cost else []

    def again(self, samples: Sequence[Sample], done: int) -> Sequence[Cell]:
        """One more pass, after `done`, of what was unsteady so far; none after `MOST_PASSES`."""
        if self.quick or done >= MOST_PASSES:
            return []
        return [Cell("cost", item, _pass(int(length), done)) for item, length in sorted(again(samples))]

    def apart(self) -> Sequence[Cell]:
        """What is measured in a process of its own, one after another."""
        return [*self._apart()]

    def _of_photographs(self, photographs: Collection, sources: Mapping[str, Path]) -> Iterator[Cell]:
        if "strangers" in self.questions:
            for half in (Half.TUNING, Half.JUDGING):
                for subject in photographs.halves[half]:
                    yield Cell("strangers", subject, half.value, sources[subject])
            yield from drawn_cells(self.drawn)
        # The tuning half has had its part: limits and looks are fixed on it, and judged on the other. A photograph at a
        # time, so that a run that is cut short has some of each.
        for subject in photographs.halves[Half.JUDGING]:
            for question in ("recall", "drift"):
                if question in self.questions:
                    yield Cell(question, subject, "", sources[subject])

    def _apart(self) -> Iterator[Cell]:
        # First what is soon done and hardly minds other work.
        if self._asks_cost:
            for entries in _QUICK_UPDATES if self.quick else _UPDATES:
                yield Cell("updating", UPDATED, str(entries))
        if "safeguards" in self.questions:
            yield Cell("safeguards", "all scenarios")
        if "leaks" in self.questions:
            yield Cell("leaks", ALL_KINDS, "10" if self.quick else "30")
        if self._asks_cost:
            yield Cell("sending", "both kinds", str(self._middle))
            for number in range(1 if self.quick else PASSES):
                yield from self._one_pass(number)

    def _one_pass(self, number: int) -> Iterator[Cell]:
        for item in QUICK_ITEMS if self.quick else ITEMS:
            # What may grow with the list is measured with each, the rest with one of them.
            lengths = self.lengths if item in (MAIN_PICTURE, START) else (self._middle,)
            yield from (Cell("cost", item, _pass(length, number)) for length in lengths)

    @property
    def _asks_cost(self) -> bool:
        return "cost" in self.questions

    @property
    def _middle(self) -> int:
        return self.lengths[len(self.lengths) // 2]


def _pass(length: int, number: int) -> str:
    return f"{length} pass {number + 1}"
