"""What two people tell each other about the log that they follow, and what comes of it.

Each sends the signed head it holds, and which list stands in force. Whoever shows two people two histories has signed
both: the two heads beside each other prove it to everybody.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import Enum
from typing import Final

from foreseal_client.transparency.checkpoint import (
    KEY_BYTES,
    Checkpoint,
    CheckpointRefused,
    assembled,
    open_checkpoint,
    signature_of,
)
from foreseal_client.transparency.history import History

__all__ = ["MAX_HEADS", "MAX_HEAD_BYTES", "Head", "HeadRefused", "Judgement", "judge"]

_FIXED: Final = struct.Struct(">32s Q 32s Q 64s 32s Q B")
MAX_HEADS: Final = 2
"""Heads that one letter carries: of the first lists that came from a log."""
_MAX_NAME: Final = 64
MAX_HEAD_BYTES: Final = _FIXED.size + _MAX_NAME


class Judgement(Enum):
    """What another device's head says, beside ours."""

    OTHER_LOG = "they follow another log"
    SAME = "the same history and the same list"
    OLDER = "the same history; their list is an older one"
    NEWER = "the same history; their list is a newer one"
    AHEAD = "their log is longer; they can tell from our head whether it is the same, we when ours has grown"
    UNKNOWN = "their log is shorter than ours was when it was first seen here"
    LISTS_DIFFER = "the same history, and two lists where it has one"
    SPLIT_VIEW = "two histories, both signed by the one log"


class HeadRefused(Exception):
    """What came as a head is none, or its log has not signed it. It says nothing about anybody's list."""


@dataclass(frozen=True, slots=True)
class Head:
    """What one device holds. `key`: of the log, 32 bytes; `note`: the signed checkpoint with that log's signature;
    `name`, `digest` (32 bytes) and `index` in the log of the list in force."""

    key: bytes
    note: bytes
    name: str
    digest: bytes
    index: int

    @property
    def checkpoint(self) -> Checkpoint:
        """The head of the log. Raises `CheckpointRefused` where the log has not signed it."""
        return open_checkpoint(self.note, self.key)

    def encode(self) -> bytes:
        """185 bytes and the list's name: key (32), size (u64), root (32), time (u64), signature (64), the list's digest
        (32), its index (u64) and the length of its name (u8), all numbers with the most significant byte first. The
        rest of the signed note follows from these. Raises `CheckpointRefused`."""
        at, name = self.checkpoint, self.name.encode("ascii")
        signature = signature_of(self.note, self.key)
        fixed = (self.key, at.size, at.root, at.time, signature, self.digest, self.index, len(name))
        return _FIXED.pack(*fixed) + name

    @staticmethod
    def decode(encoded: bytes) -> Head:
        """A head that its log has signed. Raises `HeadRefused`."""
        if not _FIXED.size < len(encoded) <= MAX_HEAD_BYTES:
            raise HeadRefused("A head of a log has an impossible length.")
        key, size, root, time, signature, digest, index, length = _FIXED.unpack_from(encoded)
        name = encoded[_FIXED.size :]
        if len(name) != length or not name.isascii() or not name.decode().isprintable() or index >= size:
            raise HeadRefused("A head of a log names a list that cannot be.")
        note = assembled(size, root, time, key[:KEY_BYTES], signature)
        try:
            open_checkpoint(note, key)
        except CheckpointRefused as error:
            raise HeadRefused(str(error)) from error
        return Head(key, note, name.decode(), digest, index)


def judge(ours: Head, history: History, theirs: Head) -> Judgement:
    """What their head says beside ours. `history`: of our log, up to our head. Certain in every case but `AHEAD` and
    `UNKNOWN`. Raises `CheckpointRefused`, which heads that were decoded do not."""
    if ours.key != theirs.key:
        return Judgement.OTHER_LOG
    mine, other = ours.checkpoint, theirs.checkpoint
    known = mine.root if other.size == mine.size else history.root(other.size)
    if other.size > mine.size:
        return Judgement.AHEAD
    if known is None:
        return Judgement.UNKNOWN
    if known != other.root:
        return Judgement.SPLIT_VIEW
    if ours.name != theirs.name or (ours.digest, ours.index) == (theirs.digest, theirs.index):
        return Judgement.SAME
    if ours.index == theirs.index:
        return Judgement.LISTS_DIFFER
    return Judgement.OLDER if theirs.index < ours.index else Judgement.NEWER
