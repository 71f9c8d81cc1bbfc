"""What can be handed to a desk: messages with their proofs, a link, an appeal, a picture's fingerprints. Values alone.

Each says what it needs and no more. Nothing in them names who handed it in; only a report shows whose *mailbox* the
messages came to, because the sender's signature and the relay's stamp are over it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec

__all__ = [
    "MAX_FINGERPRINTS", "MAX_LINK", "MAX_REPORTED", "MAX_WORDS", "Appeal", "Category", "Disclosed", "OwnPicture",
    "Report", "Said", "TakenBack", "TipOff",
]  # fmt: skip

MAX_REPORTED: Final = 16
"""Messages of one report."""
MAX_WORDS: Final = 2000
"""Characters that a person adds in their own words."""
MAX_LINK: Final = 2048
"""Characters of a link."""
MAX_FINGERPRINTS: Final = 64
"""Fingerprints of one picture that its owner asks to be listed."""


class Category(StrEnum):
    """What somebody says it is. Declared in the order of how pressing it is."""

    CHILD_ABUSE = "child-abuse"
    THREAT = "threat"
    INTIMATE = "intimate"
    """A picture of somebody that they did not agree to."""
    OTHER = "other"


class Disclosed(msgspec.Struct, frozen=True, array_like=True):
    """One message as its recipient can prove it. `sender`: the identity key that signed (32 bytes); `mailbox` (16):
    whose it came to; `content`: the letter's exact bytes; the rest as it came: `eid` (16), `commitment`, `opening` (32
    each), `signature` (64), the relay's `day` (since 1970), `key_id` (8) and `stamp` (32)."""

    sender: bytes
    mailbox: bytes
    eid: bytes
    content: bytes
    commitment: bytes
    opening: bytes
    signature: bytes
    day: int
    key_id: bytes
    stamp: bytes


class Report(msgspec.Struct, frozen=True, array_like=True, tag="report"):
    """Messages that came to one mailbox, picked by its owner. `login_key`: the mailbox's (32 bytes), which signs."""

    category: Category
    words: str
    login_key: bytes
    messages: tuple[Disclosed, ...]


class TipOff(msgspec.Struct, frozen=True, array_like=True, tag="tip-off"):
    """A link that somebody came upon, without any chat."""

    category: Category
    words: str
    link: str


class Appeal(msgspec.Struct, frozen=True, array_like=True, tag="appeal"):
    """An entry should not be listed, says somebody whom it stopped. Neither the picture nor its fingerprint is in it:
    the desk looks at the entry. `list_name`, `entry`: which; `ground`: why."""

    ground: str
    words: str
    list_name: str
    list_version: str
    entry: int


class OwnPicture(msgspec.Struct, frozen=True, array_like=True, tag="own-picture"):
    """Somebody asks that a picture of themselves be listed, and hands over its fingerprints alone: pairs of kind
    ("pdq", "sha256") and value (32 bytes)."""

    words: str
    fingerprints: tuple[tuple[str, bytes], ...]


class TakenBack(msgspec.Struct, frozen=True, array_like=True, tag="taken-back"):
    """Whoever handed in `number` (16 random bytes that nobody else has) takes it back."""

    number: bytes


Said = Report | TipOff | Appeal | OwnPicture | TakenBack
