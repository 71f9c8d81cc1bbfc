"""The bytes of an item, read once: their SHA-256, and the bytes themselves as far as they are wanted."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from foreseal_matcher.content import Item

__all__ = ["Reading", "read_once"]

_CHUNK: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Reading:
    """What one pass over an item gave. `kept`: its first bytes, all of them unless `whole` is False."""

    sha256: bytes
    size: int
    kept: bytes
    whole: bool


def read_once(item: Item, keep: int) -> Reading:
    """Reads `item` to its end, hashing all of it and keeping at most `keep` bytes. What is hashed is what is kept,
    so that nobody can show one file to the digest and another to the decoder. Raises `OSError` as its reader does."""
    digest = hashlib.sha256()
    chunks: list[bytes] = []
    size, room = 0, keep
    with item.open() as reader:
        while chunk := reader.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
            if room:
                chunks.append(chunk[:room])
                room -= len(chunks[-1])
    return Reading(digest.digest(), size, b"".join(chunks), whole=size <= keep)
