"""A message as it is kept, and how it stands: values without a database."""

from __future__ import annotations

from enum import IntEnum, StrEnum

import msgspec

from foreseal_client.sealing.spool import Spool
from foreseal_matcher import Verdict

__all__ = ["Cost", "Direction", "Message", "Proof", "Received", "State"]


class Direction(StrEnum):
    """Which way a message went."""

    OUT = "out"
    IN = "in"


class State(StrEnum):
    """What became of a message."""

    QUEUED = "queued"
    """Sealed and kept here until the relay has it."""
    SENT = "sent"
    """The relay has it."""
    WAITING = "waiting"
    """The relay wants a token that the other side has not sent yet."""
    HELD = "held"
    """Stopped before it was sealed. Nothing left this device."""
    RELEASED = "released"
    """Was held, and what it resembled is no longer listed: the person can send it now."""
    SHOWN = "shown"
    REFUSED = "refused"
    """The relay will not take it, however often it is tried."""
    WITHHELD = "withheld"
    """Arrived, and this device does not show it."""
    PAUSED = "paused"
    """Checked and kept here: it waits until the person has looked at a change of key, or for a new session."""
    UNCERTAIN = "uncertain"
    """It waited to be sent when a backup was made that this profile was restored from."""
    NOTICE = "notice"
    """A line from this device about the conversation, sent to nobody."""
    UNOPENED = "unopened"
    """Something arrived that this device could not open. There is no text."""
    COVERED = "covered"
    """Arrived from somebody new, and passed the check. Its files come up when the person says so."""
    UNREAD = "unread"
    """Sent, but the other device says that it could not open it."""
    DELETED = "deleted"
    """Its writer deleted it for both sides. Nothing of its content is left here."""


class Received(IntEnum):
    """How far a message has come with its reader: for one that was sent, as the other side says it."""

    UNKNOWN = 0
    DELIVERED = 1
    READ = 2


class Proof(msgspec.Struct, frozen=True, array_like=True):
    """What proves one incoming message, and no other: franking opening and signature, the relay's stamp and day."""

    commitment: bytes
    opening: bytes
    signature: bytes
    day: int
    key_id: bytes
    stamp: bytes


class Cost(msgspec.Struct, frozen=True, array_like=True):
    """What a check was made against and what it took: lists by name and version, entries in them, milliseconds.
    `against`: a digest of exactly these lists and looks, 32 bytes; empty in what was kept before there was one."""

    lists: tuple[str, ...]
    entries: int
    ms: float
    against: bytes = b""


class Message(msgspec.Struct, frozen=True):
    """One message of a conversation. `at`: seconds since 1970; `digest`: SHA-256 of its content; `note`: what else
    its reader should know, in words; `group`: the group's id where it is the conversation of one; `identity` is then
    who wrote it. `fades_after`: seconds after which it disappears, once it was sent or read; `fades_at`: when, in
    seconds since 1970, where that time is running."""

    id: int
    identity: bytes
    eid: bytes | None
    direction: Direction
    at: int
    text: str
    state: State
    verdict: Verdict
    digest: bytes
    note: str
    cost: Cost | None
    files: tuple[Spool, ...]
    group: bytes | None = None
    fades_after: int = 0
    fades_at: int | None = None
    received: Received = Received.UNKNOWN
