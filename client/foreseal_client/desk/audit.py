"""The audit trail: every act at the desk, signed by who did it and chained by hashes. Pure values.

Whoever holds the last hash can tell that nothing before it was changed, left out or put in between. Against a desk
that writes a whole other trail only a copy of that hash elsewhere helps; `foreseal desk audit` prints it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from typing import Final

import msgspec

from foreseal_client.sealing.keys import sign, verify

__all__ = ["BEGINNING", "Act", "Record", "Trouble", "record", "trouble"]

BEGINNING: Final = bytes(32)
"""What stands in the place of a hash before the first record."""
_LABEL: Final = b"foreseal/1 desk audit\x00"


class Act(msgspec.Struct, frozen=True, array_like=True):
    """What was done. `number`: 1, 2, 3...; `at`: seconds since 1970; `key`: who did it, their public key (32 bytes);
    `what`: a word such as "vote"; `case`: 0 where it concerns none; `detail`: what else matters, never content."""

    number: int
    before: bytes
    at: int
    officer: str
    key: bytes
    what: str
    case: int
    detail: str


class Record(msgspec.Struct, frozen=True, array_like=True):
    """An act's exact bytes and the signature (Ed25519, 64 bytes) over them."""

    packed: bytes
    signature: bytes

    @property
    def act(self) -> Act:
        """What it says. Raises `msgspec.DecodeError` for bytes that say nothing."""
        return msgspec.msgpack.decode(self.packed, type=Act)

    @property
    def hash(self) -> bytes:
        """What the next record names, 32 bytes."""
        return hashlib.sha256(_LABEL + self.packed + self.signature).digest()


class Trouble(msgspec.Struct, frozen=True):
    """The first record that does not hold: its place (1 for the first), and why."""

    place: int
    why: str


def record(act: Act, seed: bytes) -> Record:
    """The act, signed. `seed`: of the key that `act.key` is the public part of."""
    packed = msgspec.msgpack.encode(act)
    return Record(packed, sign(seed, _LABEL, packed))


def trouble(records: Iterable[Record], keys: Collection[bytes], last: bytes | None = None) -> Trouble | None:
    """What is wrong with a trail; None where it holds. `keys`: whose signatures count; `last`: the hash that it has to
    end with, where one was noted elsewhere."""
    before, place = BEGINNING, 0
    for place, one in enumerate(records, start=1):
        try:
            act = one.act
        except (msgspec.DecodeError, UnicodeDecodeError):
            return Trouble(place, "it cannot be read")
        if act.number != place or act.before != before:
            return Trouble(place, "it does not follow on the one before: one was changed, left out or put in between")
        if act.key not in keys:
            return Trouble(place, "nobody who is or was at this desk has its key")
        if not verify(act.key, one.signature, _LABEL, one.packed):
            return Trouble(place, "its signature does not hold")
        before = one.hash
    if last is not None and before != last:
        return Trouble(place + 1, "the trail ends otherwise than noted: records at its end are missing, or are new")
    return None
