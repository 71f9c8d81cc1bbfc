"""The wire of what is public: the directory of handles and the open room. Pure values and codecs, no I/O.

A *statement* is signed by the identity key of whoever makes it, over its exact bytes, and names the relay that it is
for. The relay keeps it as it came and hands it out as it came, so that whoever reads it can check the same bytes. It
learns what is public and nothing else: nobody logs in for this, and nobody need have a mailbox here.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from foreseal_relay.wire import COMMITMENT_BYTES, DIGEST_BYTES, EID_BYTES, KEY_BYTES, MAILBOX_BYTES, SIGNATURE_BYTES

__all__ = [
    "HANDLE", "HANDLE_DAYS", "HANDLE_PAUSE_DAYS", "LABEL", "MAX_CARD", "MAX_LINE", "MAX_STATEMENT", "NOTE_DAYS",
    "ROOM_SHOWN", "STAMP_QUESTION_BYTES", "Claim", "Note", "Release", "Signed", "StampQuestion", "Statement",
    "TakeBack", "decode_room", "decode_signed", "encode_public", "read_statement",
]  # fmt: skip

HANDLE: Final = re.compile(r"[a-z][a-z0-9_.]{2,31}", re.ASCII)
"""What a handle may look like: lower case and ASCII alone, so that no two look alike by being spelt otherwise."""
HANDLE_DAYS: Final = 180
"""Days for which a handle stands at most before it is claimed anew."""
HANDLE_PAUSE_DAYS: Final = 90
"""Days for which a handle that was released, or has run out, is kept from everybody else: a name that people still
remember is not to be somebody else's tomorrow."""
NOTE_DAYS: Final = 7
"""Days for which a note in the room stands at most."""
ROOM_SHOWN: Final = 200
"""Notes that the room shows, the newest first."""
MAX_LINE: Final = 200
"""Characters of a note's line."""
MAX_CARD: Final = 1024
"""Characters of a public card."""
MAX_STATEMENT: Final = 4096
"""Bytes of a signed statement."""
LABEL: Final = b"foreseal/1 public statement\x00"
STAMP_QUESTION_BYTES: Final = 112
"""What a relay is asked of one stamp; see `StampQuestion`."""


class Claim(msgspec.Struct, frozen=True, array_like=True, tag="claim"):
    """This handle leads to this card. `serial`: hours since 1970; a later statement takes the place of an earlier one;
    `expires`: the day (since 1970) from which it is gone."""

    origin: str
    identity: bytes
    serial: int
    handle: str
    card: str
    expires: int


class Release(msgspec.Struct, frozen=True, array_like=True, tag="release"):
    """The handle leads nowhere any more."""

    origin: str
    identity: bytes
    serial: int
    handle: str


class Note(msgspec.Struct, frozen=True, array_like=True, tag="note"):
    """A card left in the open room, with a line of text."""

    origin: str
    identity: bytes
    serial: int
    line: str
    card: str
    expires: int


class TakeBack(msgspec.Struct, frozen=True, array_like=True, tag="take-back"):
    """The note is taken out of the room."""

    origin: str
    identity: bytes
    serial: int


Statement = Claim | Release | Note | TakeBack


class StampQuestion(msgspec.Struct, frozen=True):
    """Did this relay deliver an envelope with this `commitment` (32 bytes) and `eid` (16) to this `mailbox` (16) on
    this `day` (since 1970)? `key_id` (8) and `stamp` (32) are what came with it; whoever lacks the stamp cannot ask."""

    commitment: bytes
    mailbox: bytes
    eid: bytes
    day: int
    key_id: bytes
    stamp: bytes

    def encoded(self) -> bytes:
        """`STAMP_QUESTION_BYTES` bytes: the fields in their order, the day as 8 bytes, big-endian. Raises `ValueError`
        for fields of other lengths."""
        day = self.day.to_bytes(8, "big") if 0 <= self.day < 2**63 else b""
        packed = self.commitment + self.mailbox + self.eid + day + self.key_id + self.stamp
        if self.decoded(packed) != self:
            raise ValueError("this is no question about a stamp")
        return packed

    @classmethod
    def decoded(cls, data: bytes) -> StampQuestion | None:
        """The question in these bytes; None for any other number of them."""
        if len(data) != STAMP_QUESTION_BYTES:
            return None
        parts, at = [], 0
        for length in (COMMITMENT_BYTES, MAILBOX_BYTES, EID_BYTES, 8, 8, DIGEST_BYTES):
            parts.append(data[at : at + length])
            at += length
        commitment, mailbox, eid, day, key_id, stamp = parts
        return cls(commitment, mailbox, eid, int.from_bytes(day, "big"), key_id, stamp)


class Signed(msgspec.Struct, frozen=True, array_like=True):
    """A statement's exact bytes and the signature (Ed25519, 64 bytes) over `LABEL` and them."""

    statement: bytes
    signature: bytes


_signed = msgspec.msgpack.Decoder(Signed)
_room = msgspec.msgpack.Decoder(list[Signed])
_statement = msgspec.msgpack.Decoder[Statement](Statement)
_MALFORMED: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def encode_public(value: Signed | list[Signed] | Statement) -> bytes:
    """Its bytes."""
    return msgspec.msgpack.encode(value)


def decode_signed(data: bytes) -> Signed:
    """What was signed. Raises `ValueError`."""
    try:
        signed = _signed.decode(data[: MAX_STATEMENT + 1])
    except _MALFORMED as error:
        raise ValueError("this is no signed statement") from error
    if len(data) > MAX_STATEMENT or len(signed.signature) != SIGNATURE_BYTES:
        raise ValueError("this statement is too long, or its signature is none")
    return signed


def decode_room(data: bytes) -> list[Signed]:
    """The notes of a room. Raises `ValueError`."""
    try:
        return _room.decode(data)[:ROOM_SHOWN]
    except _MALFORMED as error:
        raise ValueError("this is no room") from error


def read_statement(signed: Signed) -> Statement:
    """What the bytes say; whether the signature holds is another question. Raises `ValueError`."""
    try:
        said: Statement = _statement.decode(signed.statement)
    except _MALFORMED as error:
        raise ValueError("this is no statement that this version knows") from error
    if len(said.identity) != KEY_BYTES or not 0 <= said.serial < 2**32:
        raise ValueError("this statement has an impossible key or number")
    if isinstance(said, Claim | Release) and not HANDLE.fullmatch(said.handle):
        raise ValueError("a handle has 3 to 32 of a-z, 0-9, _ and ., and begins with a letter")
    if isinstance(said, Note) and not (1 <= len(said.line) <= MAX_LINE and said.line.isprintable()):
        raise ValueError(f"a line has 1 to {MAX_LINE} characters that can be seen")
    if isinstance(said, Claim | Note) and not _possible_card(said.card):
        raise ValueError("this is no card")
    return said


def _possible_card(card: str) -> bool:
    return len(card) <= MAX_CARD and card.isascii() and card.isprintable()
