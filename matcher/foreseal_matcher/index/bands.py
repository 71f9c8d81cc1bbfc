"""How the 256 bits of a fingerprint are dealt out to the bands of an index.

Multi-index hashing (Norouzi, Punjani, Fleet: "Fast Exact Search in Hamming Space with Multi-Index Hashing", 2014): a
fingerprint that differs from the query by more than its radius in every band differs by the sum of (radius + 1) in
all. In each table below that sum is 32, so nothing at 31 bits or nearer is missed.
"""

from __future__ import annotations

from typing import Final, NamedTuple

__all__ = ["INDEXED_FROM", "POSITIONS", "Band", "bands_for", "body_size", "reach", "rows_bytes", "starts_bytes"]

INDEXED_FROM: Final = 65_536
"""Rows from which on an index is built. To compare fewer than these takes a quarter of a millisecond."""

POSITIONS: Final = tuple((position * 101 + 7) % 256 for position in range(256))
"""The fixed permutation: which bit of a fingerprint stands at each position of the order that bands are cut from. Bit
k is bit k % 8 of byte k // 8. Neighbouring bits of a PDQ depend on each other; this parts them."""


class Band(NamedTuple):
    """`bits` of a fingerprint (1..28), searched for buckets at most `radius` (0..2) bits away."""

    bits: int
    radius: int


def bands_for(count: int) -> tuple[Band, ...]:
    """The bands for a list of `count` rows: the longer the list the wider they are, so that a bucket stays small."""
    if count < 1_000_000:
        return (Band(16, 1),) * 16
    if count < 6_000_000:
        return (Band(21, 2),) * 8 + (Band(22, 1),) * 4
    return (Band(23, 2),) * 10 + (Band(26, 1),)


def reach(bands: tuple[Band, ...]) -> int:
    """The radius up to which an index of these bands misses nothing."""
    return sum(band.radius + 1 for band in bands) - 1


def starts_bytes(band: Band) -> int:
    """Length of a band's first array: where each bucket starts, and where the last one ends."""
    return _padded(4 * ((1 << band.bits) + 1))


def rows_bytes(count: int) -> int:
    """Length of a band's second array: the rows, bucket after bucket."""
    return _padded(4 * count)


def body_size(bands: tuple[Band, ...], count: int) -> int:
    """Length of both arrays of all bands."""
    return sum(starts_bytes(band) + rows_bytes(count) for band in bands)


def _padded(size: int) -> int:
    return -(-size // 64) * 64
