"""What a section of a report is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from foreseal_client.study.found import Finding

__all__ = ["NOT_THE_WORLD", "SHARE_FOUND", "Found", "Section"]

SHARE_FOUND: Final = "share found, 95 % interval"
NOT_THE_WORLD: Final = "These photographs are not the world: another folder gives other figures."
Found = Sequence[Finding]


@dataclass(frozen=True, slots=True)
class Section:
    """`figures`: name -> SVG. `limits`: what the figure cannot show, in sentences."""

    question: str
    answer: str
    figures: dict[str, str]
    head: tuple[str, ...]
    rows: Sequence[Sequence[str]]
    limits: tuple[str, ...]
