"""Exact radius search over the fingerprints of a list."""

from __future__ import annotations

from typing import NamedTuple, Protocol

__all__ = ["Cost", "Found", "RadiusIndex"]


class Found(NamedTuple):
    """A row of the column that was searched, and its distance from the query in bits."""

    row: int
    distance: int


class Cost(NamedTuple):
    """What a search took. `compared`: fingerprints. `scanned`: whether those were all rows, because there is no index
    or it could not be used for this query."""

    compared: int
    scanned: bool


class RadiusIndex(Protocol):
    """A way to search one column. Every implementation finds the same rows; they differ in what that costs."""

    def within(self, query: bytes, radius: int) -> list[Found]:
        """All rows at most `radius` bits (0..256) from `query`, in the order of rows. Exact: none is missed."""

    def nearest(self, query: bytes, radius: int) -> Found | None:
        """The row nearest to `query`, if it is at most `radius` bits away; of several the one with the lowest id."""

    def cost(self, query: bytes, radius: int) -> Cost:
        """What `nearest` takes for this query."""
