"""Cards and invitations: how one person tells another where to write.

A *card* is public: name, relay, mailbox and identity key, signed by that key. It leads to a request, for which the
relay wants a first-contact token, where its owner takes requests at all.
An *invitation* adds a one-time token and is given by hand; it opens one conversation at once. Neither can prove that
it was not exchanged for another on the way: comparing safety numbers does.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from typing import Final, TypeVar

import msgspec

from foreseal_client.addresses import MAX_PERSON_NAME, is_relay_url
from foreseal_client.errors import CardError, PeerFaultError
from foreseal_client.sealing.decoding import decoded
from foreseal_client.sealing.keys import DeviceKeys, sign, verify
from foreseal_relay.wire import mailbox_of

__all__ = ["Card", "Invitation", "format_card", "format_invitation", "own_card", "parse_card", "parse_invitation"]

_CARD_PREFIX: Final = "foreseal:card:"
_INVITATION_PREFIX: Final = "foreseal:invite:"
_CARD_LABEL: Final = b"foreseal/1 card\x00"
_INVITATION_LABEL: Final = b"foreseal/1 invitation\x00"
_MAX_TEXT: Final = 2048
_DRAWN: Final = re.compile(r"[\s\u2500-\u259f]+")
"""Breaks between lines, and the frames around them: what is marked by hand on a terminal brings them along."""


class Card(msgspec.Struct, frozen=True, array_like=True):
    """Where somebody can be found. `identity`: Ed25519, 32 bytes; `mailbox`: 16 bytes; `relay`: its URL."""

    version: int
    name: str
    relay: str
    mailbox: bytes
    identity: bytes


class Invitation(msgspec.Struct, frozen=True, array_like=True):
    """A card with a one-time token (32 bytes) and the time it ends (seconds since 1970)."""

    version: int
    name: str
    relay: str
    mailbox: bytes
    identity: bytes
    token: bytes
    expires: int


C = TypeVar("C", Card, Invitation)


def own_card(name: str, relay: str, keys: DeviceKeys) -> str:
    """The public card of whoever has these keys."""
    card = Card(1, name, relay, mailbox_of(keys.login_public), keys.identity_public)
    return format_card(card, keys.identity)


def format_card(card: Card, identity_seed: bytes) -> str:
    """The card as text to pass on, signed."""
    return _formatted(_CARD_PREFIX, _CARD_LABEL, card, identity_seed)


def format_invitation(invitation: Invitation, identity_seed: bytes) -> str:
    """The invitation as text to pass on, signed."""
    return _formatted(_INVITATION_PREFIX, _INVITATION_LABEL, invitation, identity_seed)


def parse_card(text: str) -> Card:
    """The card. Raises `CardError` saying what is wrong with it."""
    return _parsed(text, _CARD_PREFIX, _CARD_LABEL, Card)


def parse_invitation(text: str, now: int) -> Invitation:
    """The invitation, if it has not expired by `now` (seconds since 1970). Raises `CardError`."""
    invitation = _parsed(text, _INVITATION_PREFIX, _INVITATION_LABEL, Invitation)
    if len(invitation.token) != 32:
        raise CardError("This invitation is malformed. Ask for a new one.")
    if invitation.expires <= now:
        raise CardError(f"This invitation from {invitation.name!r} has expired. Ask for a new one.")
    return invitation


def _formatted(prefix: str, label: bytes, card: Card | Invitation, identity_seed: bytes) -> str:
    payload = msgspec.msgpack.encode(card)
    blob = payload + sign(identity_seed, label, payload)
    # The checksum tells a slip of the hand (a character lost in copying) from an alteration.
    blob += zlib.crc32(blob).to_bytes(4, "big")
    return prefix + base64.urlsafe_b64encode(blob).decode().rstrip("=")


def _parsed(text: str, prefix: str, label: bytes, kind: type[C]) -> C:
    what = {_CARD_PREFIX: "a card", _INVITATION_PREFIX: "an invitation"}[prefix]
    text = _DRAWN.sub("", text)
    if not text.startswith(prefix):
        raise CardError(f"This is not {what}: it should begin with {prefix!r}.")
    if len(text) > _MAX_TEXT:
        raise CardError(f"This is not {what}: it is far too long.")
    try:
        encoded = text.removeprefix(prefix).encode("ascii")
        blob = base64.b64decode(encoded + b"=" * (-len(encoded) % 4), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error) as fault:
        raise CardError(f"This is not {what}: it holds characters that none has. Copy it again.") from fault
    signed, checksum = blob[:-4], blob[-4:]
    if len(blob) < 69 or zlib.crc32(signed).to_bytes(4, "big") != checksum:
        raise CardError(f"This is {what} with a slip in it: a character is missing or wrong. Copy it again.")
    payload, signature = signed[:-64], signed[-64:]
    try:
        card = decoded(payload, kind, "")
    except PeerFaultError as fault:
        raise CardError(f"This is {what} of a form that this version cannot read.") from fault
    if card.version != 1:
        raise CardError(f"This is {what} of version {card.version}; this client reads version 1. Update it.")
    if not verify(card.identity, signature, label, payload):
        raise CardError(f"This is {what} that was altered: its signature is not that of the key in it. Do not use it.")
    if len(card.mailbox) != 16 or not is_relay_url(card.relay) or not 1 <= len(card.name) <= MAX_PERSON_NAME:
        raise CardError(f"This is {what} with an impossible name, relay or mailbox. Ask for a new one.")
    return card
