"""What stands on a hash list: entries, and the hashes of a few kinds by which each is found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from foreseal_matcher.verdict import Entry

__all__ = ["ListedHash", "Purpose"]


class Purpose(StrEnum):
    """What a list is for. Any other purpose is refused: Foreseal ships and connects to no real list."""

    SYNTHETIC = "synthetic"
    RESEARCH = "research"


@dataclass(frozen=True, slots=True)
class ListedHash:
    """One row of a list: a hash and the entry that it stands for. `entry.algorithm` names the kind, one of `KINDS`;
    `value` has its width. Rows of one id are one entry, and say the same of it. `time_ms`: for a film's frame, where
    in the film it stands, 0..2^32-1 milliseconds; 0 for every other kind."""

    entry: Entry
    value: bytes
    time_ms: int = 0
