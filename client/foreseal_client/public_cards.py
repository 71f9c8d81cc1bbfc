"""Being found by strangers, for who wants that: a handle that leads to one's card, and a note in a relay's open room.

What is made here is signed, public and not encrypted. What is read here was checked: a claim is the relay's word that
this key has the handle, and a signature shows that the key agrees. It does not show whose key it is; comparing safety
numbers does.
"""

from __future__ import annotations

from typing import Final

import msgspec

from foreseal_client.cards import Card, parse_card
from foreseal_client.device import Device
from foreseal_client.errors import CardError, SettingError
from foreseal_client.safeguards.words import NOT_LISTED
from foreseal_client.sealing.keys import sign, verify
from foreseal_relay.public_wire import (
    HANDLE,
    HANDLE_DAYS,
    LABEL,
    MAX_LINE,
    NOTE_DAYS,
    Claim,
    Note,
    Release,
    Signed,
    Statement,
    TakeBack,
    encode_public,
    read_statement,
)

__all__ = ["Found", "RoomNote", "claim", "note", "read_claim", "read_note", "release", "take_back"]

_HOUR: Final = 3600
_BAD_HANDLE: Final = "A handle has 3 to 32 of a-z, 0-9, _ and ., and begins with a letter."
_FALSE: Final = "The relay handed out something that its maker did not sign. Do not use it."


class Found(msgspec.Struct, frozen=True):
    """Where a handle leads: the card, and its text to pass on. `expires`: days since 1970."""

    handle: str
    card: Card
    text: str
    expires: int


class RoomNote(msgspec.Struct, frozen=True):
    """A note in the open room: whose card it is, as text too, and their line."""

    card: Card
    text: str
    line: str
    expires: int


def claim(handle: str, device: Device) -> Signed:
    """The statement that makes a handle lead to this person's card. Raises `SettingError` for what is no handle, and on
    a profile that must not be found by strangers."""
    _demand_listable(device)
    if not HANDLE.fullmatch(handle):
        raise SettingError(_BAD_HANDLE)
    expires = device.today + HANDLE_DAYS
    return _signed(Claim(_origin(device), device.identity, _serial(device), handle, device.card(), expires), device)


def release(handle: str, device: Device) -> Signed:
    """The statement that takes it back; anybody may, whatever the settings. Raises `SettingError`."""
    if not HANDLE.fullmatch(handle):
        raise SettingError(_BAD_HANDLE)
    return _signed(Release(_origin(device), device.identity, _serial(device), handle), device)


def note(line: str, device: Device) -> Signed:
    """The statement that puts this person's card into the open room. Raises `SettingError`."""
    _demand_listable(device)
    if not (1 <= len(line) <= MAX_LINE and line.isprintable()):
        raise SettingError(f"A line has 1 to {MAX_LINE} characters that can be seen.")
    expires = device.today + NOTE_DAYS
    return _signed(Note(_origin(device), device.identity, _serial(device), line, device.card(), expires), device)


def take_back(device: Device) -> Signed:
    """The statement that takes it out again; anybody may, whatever the settings."""
    return _signed(TakeBack(_origin(device), device.identity, _serial(device)), device)


def read_claim(signed: Signed, handle: str, origin: str, today: int) -> Found:
    """Where the handle that was asked for leads. Raises `CardError` for what its maker did not sign, or signed for
    another handle, relay, key or time."""
    match _said(signed):
        case Claim() as said if (said.handle, said.origin) == (handle, origin) and today < said.expires:
            return Found(handle, _card(said.card, said.identity), said.card, said.expires)
        case _:
            raise CardError(_FALSE)


def read_note(signed: Signed, origin: str, today: int) -> RoomNote:
    """A note of the room. Raises `CardError`."""
    match _said(signed):
        case Note() as said if said.origin == origin and today < said.expires:
            return RoomNote(_card(said.card, said.identity), said.card, said.line, said.expires)
        case _:
            raise CardError(_FALSE)


def _said(signed: Signed) -> Statement:
    try:
        said = read_statement(signed)
    except ValueError as fault:
        raise CardError(_FALSE) from fault
    if not verify(said.identity, signed.signature, LABEL, signed.statement):
        raise CardError(_FALSE)
    return said


def _card(text: str, identity: bytes) -> Card:
    card = parse_card(text)
    if card.identity != identity:
        raise CardError("The relay handed out a card of another key than the one that signed for it. Do not use it.")
    return card


def _demand_listable(device: Device) -> None:
    if not device.safeguards.may_be_listed:
        raise SettingError(NOT_LISTED)


def _signed(said: Statement, device: Device) -> Signed:
    packed = encode_public(said)
    return Signed(packed, sign(device.account.keys.identity, LABEL, packed))


def _origin(device: Device) -> str:
    return device.account.relay


def _serial(device: Device) -> int:
    return device.now // _HOUR
