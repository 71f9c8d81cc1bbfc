"""What is measured, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Cell", "Ground", "Sample"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One thing to measure. `question`: one of `measuring.MEASURES`. `subject`: a photograph, by the first 12 hex
    digits of its SHA-256, or what stands in its place. `source`: its file, which is no part of what the cell is."""

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
    edits and fewer repeats. `decoders`: name -> the command of another program (`elsewhere`)."""

    work: Path
    seed: int
    quick: bool
    decoders: Mapping[str, str] = field(default_factory=dict)


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
        try:
            return float(self.value)
        except ValueError as fault:
            raise ValueError(f"{self.question}/{self.subject}: {self.measure} is {self.value!r}, no number") from fault
