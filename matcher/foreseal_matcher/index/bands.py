"""How the 256 bits of a fingerprint are dealt out to the bands of an index.

Multi-index hashing (Norouzi, Punjani, Fleet: "Fast Exact Search in Hamming Space with Multi-Index Hashing", 2014): a
fingerprint that differs from the query by more than its radius in every band differs by the sum of (radius + 1) in
all. In each table below that sum is 32, so nothing at 31 bits or nearer is missed.
"""

from __future__ import annotations

from typing import Final, NamedTuple

__all__ = [
    "BLOCK_BYTES",
    "INDEXED_FROM",
    "MARKS",
    "POSITIONS",
    "Band",
    "bands_for",
    "blocks_bytes",
    "body_size",
    "buckets_in_block",
    "reach",
    "rows_bytes",
]

INDEXED_FROM: Final = 65_536
"""Rows from which on an index is built. To compare fewer than these takes a quarter of a millisecond."""

BLOCK_BYTES: Final = 64
"""Bytes that say where the rows of so many buckets lie: a line of the cache, so that each is waited for once."""
MARKS: Final = 480
"""Bits of a block that mark rows and ends of buckets; the others count the rows before it."""
_MARKS_AIMED_AT: Final = 320

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
    return (Band(23, 2),) * 8 + (Band(24, 2),) * 2 + (Band(24, 1),)


def reach(bands: tuple[Band, ...]) -> int:
    """The radius up to which an index of these bands misses nothing."""
    return sum(band.radius + 1 for band in bands) - 1


def buckets_in_block(band: Band, count: int) -> int:
    """How many buckets a block stands for: as many, up to 256, as leave a third of its marks free on average."""
    low = min(band.bits, 8)
    while low and ((1 << band.bits) + count) << low > _MARKS_AIMED_AT << band.bits:
        low -= 1
    return 1 << low


def blocks_bytes(band: Band, count: int) -> int:
    """Length of a band's first array: its blocks, and one more that only counts all rows."""
    return BLOCK_BYTES * ((1 << band.bits) // buckets_in_block(band, count) + 1)


def rows_bytes(count: int) -> int:
    """Length of a band's second array: the rows, bucket after bucket."""
    return _padded(4 * count)


def body_size(bands: tuple[Band, ...], count: int) -> int:
    """Length of the arrays of all bands."""
    return sum(blocks_bytes(band, count) + rows_bytes(count) for band in bands)


def _padded(size: int) -> int:
    return -(-size // 64) * 64
