"""Logs in memory, for tests of what is proven about them."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from foreseal_client.transparency.checkpoint import Checkpoint, origin_of, sign_checkpoint
from foreseal_client.transparency.heads import Head
from foreseal_client.transparency.merkle import leaf_hash, root_of
from foreseal_client.transparency.tiles import Tiles, extended

__all__ = ["MemoryLog", "grown"]


def grown(entries: Sequence[bytes], size: int | None = None) -> Tiles:
    """The tiles of a tree of these entries, as files would hold them, read at a smaller size where one is named."""
    files = extended(Tiles(0, dict[str, bytes]().__getitem__), [leaf_hash(entry) for entry in entries])
    return Tiles(len(entries) if size is None else size, files.__getitem__)


class MemoryLog:
    """A log whose operator signs whatever it is asked to."""

    def __init__(self, seed: int = 1) -> None:
        self._secret = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
        self.key = self._secret.public_key().public_bytes_raw()

    def note(self, entries: Sequence[bytes], time: int = 1_800_000_000) -> bytes:
        root = root_of(grown(entries).hash, len(entries))
        head = Checkpoint(origin_of(self.key), len(entries), root, time)
        return sign_checkpoint(head, self.key, self._secret.sign)

    def head(self, entries: Sequence[bytes], digest: int = 0, index: int = 0, name: str = "demo") -> Head:
        return Head(self.key, self.note(entries), name, bytes([digest]) * 32, index)
