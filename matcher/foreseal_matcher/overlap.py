"""What a film that is checked and a listed one have in common, and how much of that makes a match."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["ENOUGH", "MATCH_SHARE", "PART", "Overlap"]

MATCH_SHARE: Final = 0.8
"""So much of a film found in another is a match (the description's example)."""
ENOUGH: Final = 3
"""So many parts in common tell by themselves; with fewer each film has to be found in the other."""
PART: Final = 1000
"""Milliseconds of a part, which is found if one of its frames is. Films that were sampled more thinly are cut into
parts as long as the time between two samples."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """What two films have in common: `matched` of the `parts` of the one that is checked are in the listed one, and
    `covered` of the `listed` parts of the listed one are in the one that is checked. Parts without a frame that counts
    are not among them."""

    matched: int
    parts: int
    covered: int
    listed: int

    def __str__(self) -> str:
        return f"{self.matched} of {self.parts} parts of this film, {self.covered} of {self.listed} of the listed one"

    @property
    def share(self) -> float:
        """How much of the checked film is in the listed one, 0..1."""
        return self.matched / self.parts if self.parts else 0.0

    @property
    def listed_share(self) -> float:
        """How much of the listed film is in the checked one, 0..1."""
        return self.covered / self.listed if self.listed else 0.0

    @property
    def resembles(self) -> bool:
        """Whether that is a match: either film is nearly all in the other, by `ENOUGH` parts; or, with fewer in common,
        each in the other, so that one title or one black-and-white card shared by two films does not make them one."""
        shares = (self.share >= MATCH_SHARE, self.listed_share >= MATCH_SHARE)
        return any(shares) if min(self.matched, self.covered) >= ENOUGH else all(shares)
