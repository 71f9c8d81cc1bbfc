"""How what is said to a desk becomes bytes, and back: signed by the mailbox that a report is about, else by nobody."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec

from foreseal_client.reports.said import (
    MAX_FINGERPRINTS,
    MAX_LINK,
    MAX_REPORTED,
    MAX_WORDS,
    Appeal,
    Disclosed,
    OwnPicture,
    Report,
    Said,
    TakenBack,
    TipOff,
)
from foreseal_client.sealing.keys import sign, verify

__all__ = ["NUMBER_BYTES", "Handed", "Refusal", "decode", "encode"]

NUMBER_BYTES: Final = 16
"""Bytes of the random number that a submission has, by which it is known again and can be taken back."""
_VERSION: Final = 1
_MARK: Final = b"foreseal/1 to a desk\x00"
_SIGNED: Final = b"foreseal/1 report\x00"
_LENGTHS: Final = {
    "sender": 32, "mailbox": 16, "eid": 16, "commitment": 32, "opening": 32, "signature": 64, "key_id": 8, "stamp": 32,
}  # fmt: skip


_SAID: Final = msgspec.msgpack.Decoder[Said](Said)


class Refusal(StrEnum):
    """Why bytes are nothing that a desk takes."""

    FOREIGN = "foreign"
    """It is no submission at all: perhaps somebody writes to the desk as to a person."""
    VERSION = "version"
    MALFORMED = "malformed"
    TOO_MUCH = "too-much"
    """More messages, words or fingerprints than one submission has."""
    EMPTY = "empty"
    """A report without a message, or a picture without a fingerprint."""
    ELSEWHERE = "elsewhere"
    """It was made for another desk."""
    NOT_THE_MAILBOX = "not-the-mailbox"
    """A report that the owner of its mailbox did not sign."""


class Handed(msgspec.Struct, frozen=True):
    """A submission. `number`: see `NUMBER_BYTES`; `desk`: the mailbox (16 bytes) that it was made for."""

    number: bytes
    desk: bytes
    said: Said


class _Sealed(msgspec.Struct, frozen=True, array_like=True):
    version: int
    number: bytes
    desk: bytes
    said: bytes
    signature: bytes = b""


def encode(handed: Handed, login_seed: bytes = b"") -> bytes:
    """The bytes to be sealed to the desk. `login_seed`: the secret of the mailbox's login key (32 bytes), which a
    report is signed with and nothing else. Raises `ValueError` naming the `Refusal` that `decode` would answer."""
    said = msgspec.msgpack.encode(handed.said)
    signature = sign(login_seed, _SIGNED, handed.number + handed.desk + said) if login_seed else b""
    packed = _MARK + msgspec.msgpack.encode(_Sealed(_VERSION, handed.number, handed.desk, said, signature))
    found = decode(packed, handed.desk)
    if isinstance(found, Refusal):
        raise ValueError(found.value)  # noqa: TRY004 - it is the value that is wrong
    return packed


def decode(data: bytes, desk: bytes) -> Handed | Refusal:
    """The submission in these bytes, made for the `desk` with this mailbox. Whether what it says is proven is another
    question: `proof.finding`."""
    if not data.startswith(_MARK):
        return Refusal.FOREIGN
    try:
        outer = msgspec.msgpack.decode(data[len(_MARK) :], type=_Sealed)
        if outer.version != _VERSION:
            return Refusal.VERSION
        said: Said = _SAID.decode(outer.said)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Refusal.MALFORMED
    if len(outer.number) != NUMBER_BYTES:
        return Refusal.MALFORMED
    if outer.desk != desk:
        return Refusal.ELSEWHERE
    wrong = _wrong(said)
    if wrong is not None:
        return wrong
    part = outer.number + outer.desk + outer.said
    if isinstance(said, Report) and not verify(said.login_key, outer.signature, _SIGNED, part):
        return Refusal.NOT_THE_MAILBOX
    return Handed(outer.number, outer.desk, said)


def _wrong(said: Said) -> Refusal | None:
    match said:
        case Report(messages=messages):
            if not messages:
                return Refusal.EMPTY
            if len(messages) > MAX_REPORTED or len(said.words) > MAX_WORDS:
                return Refusal.TOO_MUCH
            return None if all(map(_possible, messages)) else Refusal.MALFORMED
        case TipOff(link=link):
            if not link.strip():
                return Refusal.EMPTY
            return Refusal.TOO_MUCH if len(link) > MAX_LINK or len(said.words) > MAX_WORDS else None
        case Appeal(entry=entry):
            names = (said.ground, said.list_name, said.list_version)
            if len(said.words) > MAX_WORDS or any(len(name) > 128 for name in names):
                return Refusal.TOO_MUCH
            return None if 0 <= entry < 2**63 else Refusal.MALFORMED
        case OwnPicture(fingerprints=prints):
            if not prints:
                return Refusal.EMPTY
            if len(prints) > MAX_FINGERPRINTS or len(said.words) > MAX_WORDS:
                return Refusal.TOO_MUCH
            known = all(kind in ("pdq", "sha256") and len(value) == 32 for kind, value in prints)
            return None if known else Refusal.MALFORMED
        case TakenBack(number=number):
            return None if len(number) == NUMBER_BYTES else Refusal.MALFORMED


def _possible(one: Disclosed) -> bool:
    return 0 <= one.day < 2**32 and all(len(getattr(one, name)) == length for name, length in _LENGTHS.items())
