"""What is measured, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Final

__all__ = ["MODULES", "Cell", "Ground", "Sample", "measured"]

MODULES: Final = {
    "reading": "photographs",
    "listing": "listing",
    "recall": "catches",
    "strangers": "strangers",
    "drift": "drift",
    "cost": "cost",
    "sending": "sending",
    "leaks": "leaks",
    "safeguards": "safeguards",
}
"""Question -> the module of this package whose `measure` takes its cells."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One thing to measure. `question`: one of `MODULES`. `subject`: a photograph, by the first 12 hex digits of its
    SHA-256, or what stands in its place. `source`: the photograph's file, which is no part of what the cell is."""

    question: str
    subject: str
    variant: str = ""
    source: Path | None = field(default=None, compare=False)

    @property
    def key(self) -> str:
        """What tells it from all others."""
        return f"{self.question}/{self.subject}/{self.variant}"


@dataclass(frozen=True, slots=True)
class Ground:
    """What all cells of a study stand on. `work`: a folder for what earlier cells made for later ones. `quick`: fewer
    edits and fewer repeats."""

    work: Path
    seed: int
    quick: bool


@dataclass(frozen=True, slots=True)
class Sample:
    """One figure, or the reason why there is none. `variant`: the edit, kind or circumstance. `fingerprint` and
    `looks`: "" where they have no part in it."""

    question: str
    subject: str
    variant: str
    fingerprint: str
    looks: str
    measure: str
    value: str
    reason: str = ""

    @property
    def number(self) -> float:
        """The value as a number. Raises `ValueError` where it is none."""
        return float(self.value)


def measured(cell: Cell, ground: Ground) -> tuple[Sample, ...]:
    """What a cell's module makes of it. What cannot be measured is a sample with a reason."""
    # Imported here so that a worker loads what its cells need and nothing else.
    module = import_module(f"foreseal_client.study.{MODULES[cell.question]}")
    return tuple(module.measure(cell, ground))
