"""What happens in a running client, for screens, scripts and tests to follow."""

from __future__ import annotations

from dataclasses import dataclass

from foreseal_client.groups.changes import Change
from foreseal_client.safeguards.newness import Reminder
from foreseal_client.store import Contact, Conversation, Direction, Group, KeyChange, Message

__all__ = [
    "Connection", "ContactChanged", "ContactTypes", "ConversationChanged", "Event", "GroupChanged", "KeyChanged",
    "MessageChanged", "MessageGone", "OtherKeys", "Refused", "Reminded", "RequestsWaiting", "Transferred", "Trouble",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Connection:
    """Whether the inbox is connected, and if not, why."""

    online: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class MessageChanged:
    """A message is new, or has moved on."""

    message: Message


@dataclass(frozen=True, slots=True)
class MessageGone:
    """A message disappeared, or was deleted here: nothing of it is on this device any more. `message`: its id;
    `identity` and `group` as in `Message`."""

    message: int
    identity: bytes
    group: bytes | None


@dataclass(frozen=True, slots=True)
class ConversationChanged:
    """What holds in a conversation may be something else now, and lines about it may stand in it."""

    conversation: Conversation


@dataclass(frozen=True, slots=True)
class ContactTypes:
    """Somebody is typing; shown until then, in seconds since 1970, unless a message comes before. `identity`: 32
    bytes."""

    identity: bytes
    until: int


@dataclass(frozen=True, slots=True)
class Transferred:
    """How far the attachments of one message have come, in bytes as sealed. `identity`: of the contact, 32 bytes;
    `eid`: the envelope's id."""

    identity: bytes
    eid: bytes
    direction: Direction
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class ContactChanged:
    """Somebody can be written to, asks to be, or has sent the token that their relay wants."""

    contact: Contact


@dataclass(frozen=True, slots=True)
class KeyChanged:
    """Somebody new seems to be somebody known, under a new key. Nothing leaves for it before the person has looked."""

    change: KeyChange
    contact: Contact


@dataclass(frozen=True, slots=True)
class Refused:
    """Something arrived that could not be opened. Nothing was changed."""

    reason: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """This device cannot do what it should, and tries again. `reason` is for reading."""

    reason: str


@dataclass(frozen=True, slots=True)
class OtherKeys:
    """A relay shows other keys for tokens than it showed this device first; none are drawn before the person has said
    that they are new (`FirstContact.forget_keys`). `reason` is for reading."""

    relay: str
    reason: str


@dataclass(frozen=True, slots=True)
class GroupChanged:
    """A group is new here, or other people are in it, or it is called otherwise. `lost`: what this person had changed
    and does not hold, because somebody more senior changed something at the same time; it can be made once more."""

    group: Group
    lost: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class RequestsWaiting:
    """How many strangers wait to be decided about. Nothing else about them is said before a person asks."""

    count: int


@dataclass(frozen=True, slots=True)
class Reminded:
    """Somebody new has sent files or a link for the first time. It is said once for each contact."""

    reminder: Reminder


Event = (
    Connection
    | MessageChanged
    | MessageGone
    | ContactChanged
    | ContactTypes
    | ConversationChanged
    | GroupChanged
    | KeyChanged
    | OtherKeys
    | Transferred
    | Refused
    | Reminded
    | RequestsWaiting
    | Trouble
)
