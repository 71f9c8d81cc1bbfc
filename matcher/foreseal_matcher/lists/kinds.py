"""The kinds of hash that a list may hold, and how each is matched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from foreseal_matcher.fingerprints.pdq import MATCH_AT
from foreseal_matcher.fingerprints.perceptual import FAMILY

__all__ = ["EXACT_KINDS", "KINDS", "PARTS", "Kind", "Matching", "parts_of"]

PARTS: Final = ("bin", "ids", "tags")
"""The files that every column has: the hashes, the ids of their entries, and what is said of each."""


class Matching(StrEnum):
    """How hashes of a kind are compared with what is checked."""

    EXACT = "exact"
    """Bit for bit: copies of a file, links."""
    NEAR = "near"
    """By the number of bits that differ: one fingerprint for one picture."""
    FILM = "film"
    """Frame by frame, each as `NEAR`; how many frames make a match is for whoever matches films."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of hash. `width`: bytes. `limit`: bits that may differ in a match by custom, 0 for exact ones. `number`:
    its place in the records of withdrawn entries (0..15), never given to another kind."""

    name: str
    number: int
    width: int
    matching: Matching
    limit: int = 0

    @property
    def bits(self) -> int:
        """Bits a hash has."""
        return 8 * self.width

    @property
    def indexable(self) -> bool:
        """Whether a long column of it gets an index: fingerprints as wide as a PDQ do."""
        return self.matching is not Matching.EXACT and self.width == 32

    @property
    def parts(self) -> tuple[str, ...]:
        """The files of a column of it."""
        return (*PARTS, "times") if self.matching is Matching.FILM else PARTS


KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            Kind("pdq", 0, 32, Matching.NEAR, MATCH_AT),
            Kind("film", 1, 32, Matching.FILM, MATCH_AT),
            Kind("sha256", 2, 32, Matching.EXACT),
            Kind("sha1", 3, 20, Matching.EXACT),
            Kind("md5", 4, 16, Matching.EXACT),
            Kind("link", 5, 32, Matching.EXACT),
            *(Kind(each.name, at, each.bits // 8, Matching.NEAR, each.limit) for at, each in enumerate(FAMILY, 6)),
        )
    }
)
"""By name, in the order in which a list's columns stand. Columns of other kinds are skipped when a list is read."""

EXACT_KINDS: Final = ("sha256", "sha1", "md5")
"""Digests of whole files, the strongest first."""


def parts_of(kind: str) -> tuple[str, ...]:
    """The files of a column; those that every column has for a kind that this version does not know."""
    return KINDS[kind].parts if kind in KINDS else PARTS
