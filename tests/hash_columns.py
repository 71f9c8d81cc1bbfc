"""Columns of made-up hashes, and indexes over them with any bands."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

from foreseal_matcher.core import compiled
from foreseal_matcher.core.library import Block
from foreseal_matcher.fingerprints.pdq import distance
from foreseal_matcher.index.banded import build_band
from foreseal_matcher.index.bands import POSITIONS, Band, body_size
from foreseal_matcher.index.opening import Index

SMALL = (Band(12, 2),) * 8 + (Band(10, 1),) * 4
"""Bands like those of a long list, in little memory: exact to 31 as well, though they leave bits unused."""
SHORT = (Band(16, 1),) * 16
"""The bands of a list of less than a million rows."""


def flipped(hashed: bytes, positions: list[int]) -> bytes:
    value = int.from_bytes(hashed, "little")
    for position in positions:
        value ^= 1 << position
    return value.to_bytes(32, "little")


def near(hashed: bytes, numbers: random.Random, most: int = 40) -> bytes:
    return flipped(hashed, numbers.sample(range(256), numbers.randint(0, most)))


def strangers(count: int, numbers: random.Random) -> list[bytes]:
    return [numbers.randbytes(32) for _ in range(count)]


def clusters(count: int, numbers: random.Random) -> list[bytes]:
    centres = strangers(5, numbers)
    return [near(numbers.choice(centres), numbers) for _ in range(count)]


def sharing_bands(count: int, numbers: random.Random, bits: int = 200) -> list[bytes]:
    """Hashes that differ only in the last positions of the permuted order: nearly all bands are the same in all."""
    free = POSITIONS[bits:]
    base = numbers.randbytes(32)
    return [flipped(base, [at for at in free if numbers.random() < 0.5]) for _ in range(count)]


def identical(count: int, numbers: random.Random) -> list[bytes]:
    return [numbers.randbytes(32)] * count


def buffer(rows: list[bytes]) -> memoryview:
    return memoryview(bytearray(b"".join(rows)))


def numbered(ids: list[int]) -> memoryview:
    return memoryview(bytearray(b"".join(one.to_bytes(8, "little") for one in ids)))


def indexed(column: memoryview, bands: tuple[Band, ...]) -> Index:
    """An index in memory, built by the core that is in use."""
    body = memoryview(bytearray(body_size(bands, len(column) // 32)))
    core = compiled()
    for at in range(len(bands)):
        if core is None:
            build_band(column, bands, at, body)
        else:
            core.build_band(Block(column), bands, at, Block(body))
    return Index(bands, body)


def by_brute_force(rows: list[bytes], query: bytes, radius: int) -> list[tuple[int, int]]:
    measured = ((at, distance(row, query)) for at, row in enumerate(rows))
    return [each for each in measured if each[1] <= radius]


def written(path: Path, rows: list[bytes]) -> bytes:
    """A column as a file; its SHA-256."""
    path.write_bytes(b"".join(rows))
    return hashlib.sha256(path.read_bytes()).digest()
