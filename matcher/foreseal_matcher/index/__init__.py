"""Exact radius search over the fingerprints of a list."""

from __future__ import annotations

from typing import NamedTuple, Protocol

__all__ = ["Found", "RadiusIndex"]


class Found(NamedTuple):
    """A row of the column that was searched, and its distance from the query in bits."""

    row: int
    distance: int


class RadiusIndex(Protocol):
    """A way to search one column. Every implementation finds the same rows; they differ in what that costs."""

    def within(self, query: bytes, radius: int) -> list[Found]:
        """All rows at most `radius` bits from `query`, in the order of rows. Exact: none is missed."""
