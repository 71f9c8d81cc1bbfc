"""The bytes of an item, read once: their digests, and the bytes themselves as far as they are wanted."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from typing import Final, NamedTuple

from foreseal_matcher.content import Item

__all__ = ["Reading", "read_once"]

_CHUNK: Final = 1024 * 1024


class Reading(NamedTuple):
    """What one pass over an item gave. `digests`: by kind. `kept`: its first bytes, all of them unless `whole` is
    False."""

    digests: Mapping[str, bytes]
    size: int
    kept: bytes
    whole: bool

    @property
    def sha256(self) -> bytes:
        """SHA-256 of all of it."""
        return self.digests["sha256"]


def read_once(item: Item, keep: int, kinds: Collection[str] = ()) -> Reading:
    """Reads `item` to its end, hashing all of it and keeping at most `keep` bytes. What is hashed is what is kept,
    so that nobody can show one file to the digest and another to the decoder. `kinds`: which of "sha1" and "md5" are
    wanted beside SHA-256, for lists that have them. Raises `OSError` as its reader does."""
    running = {"sha256": hashlib.sha256()}
    for kind in ("sha1", "md5"):
        if kind in kinds:
            running[kind] = hashlib.new(kind, usedforsecurity=False)
    chunks: list[bytes] = []
    size, room = 0, keep
    with item.open() as reader:
        while chunk := reader.read(_CHUNK):
            for digest in running.values():
                digest.update(chunk)
            size += len(chunk)
            if room:
                chunks.append(chunk[:room])
                room -= len(chunks[-1])
    digests = {kind: digest.digest() for kind, digest in running.items()}
    return Reading(digests, size, b"".join(chunks), whole=size <= keep)
