"""What every fingerprint of a picture has in common, and how often one matches by nothing but chance."""

from __future__ import annotations

from math import comb
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from foreseal_matcher.looks import Pictured

__all__ = ["Fingerprint", "Taken", "by_chance"]


class Taken(NamedTuple):
    """A fingerprint that was taken. `bits`: its bytes, as a list holds them. `telling`: whether there was enough in the
    picture for it to be compared."""

    bits: bytes
    telling: bool


class Fingerprint(Protocol):
    """A way to make a few bits of a picture that stay near themselves when it is re-saved, resized or made grey."""

    @property
    def name(self) -> str:
        """What a verdict, a list's column and an option of the command line call it."""

    @property
    def bits(self) -> int:
        """How long it is; of one that describes a picture by its segments, how long each segment's is."""

    @property
    def limit(self) -> int:
        """The usual limit: most bits in which two may differ and still be called a match."""

    @property
    def source(self) -> str:
        """Where the algorithm and the limit were published, and whose code computes it."""

    def of(self, picture: Pictured) -> Taken:
        """The fingerprint of one look at a picture. Raises `NotInstalled` where what computes it is absent."""

    def distance(self, one: bytes, other: bytes) -> float:
        """How far the first is from the second, 0 for the same: in bits, unless its class says otherwise."""

    def matches(self, one: bytes, other: bytes) -> bool:
        """Whether the second resembles the first, at the usual limit."""


def by_chance(bits: int, limit: int, entries: int) -> float:
    """How many of so many random entries lie within `limit` bits of one fingerprint, on average: the binomial
    distribution summed exactly. Fingerprints of pictures are not random, and meet more often than this."""
    within = sum(comb(bits, differing) for differing in range(limit + 1))
    return float(entries * within / (1 << bits))
