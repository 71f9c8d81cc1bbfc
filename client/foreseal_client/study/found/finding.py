"""One figure that a study found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from foreseal_client.study.intervals import Interval

__all__ = ["ENOUGH", "TOO_FEW", "Finding", "note_for"]

ENOUGH: Final = 30
"""Photographs, or trials, that a share takes at the least. With fewer, not even 3 / n says much: 0 of 30 leaves a
tenth open."""
TOO_FEW: Final = f"too few for a claim: under {ENOUGH}"


@dataclass(frozen=True, slots=True)
class Finding:
    """`name`: what it is about, an edit or a kind; `of`: what of it. `fingerprint`, `looks`, `limit`: "" and -1 where
    they have no part in it. `low` and `high`: the 95 % interval, both the value where it is a count or a setting. `n`:
    photographs or trials, not pairs. `note`: what has to be said with it."""

    question: str
    name: str
    of: str
    value: float
    low: float
    high: float
    n: int
    fingerprint: str = ""
    looks: str = ""
    limit: int = -1
    note: str = ""

    @classmethod
    def exact(cls, question: str, name: str, of: str, value: float, n: int, looks: str = "", note: str = "") -> Finding:
        """A figure without an interval."""
        return cls(question, name, of, value, value, value, n, looks=looks, note=note)

    @property
    def interval(self) -> Interval:
        """Value and ends."""
        return Interval(self.value, self.low, self.high)


def note_for(n: int) -> str:
    """`TOO_FEW`, or nothing."""
    return TOO_FEW if n < ENOUGH else ""
