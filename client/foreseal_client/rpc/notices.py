"""Events of a running client as they go out in JSON."""

from __future__ import annotations

from typing import assert_never

from foreseal_client import events
from foreseal_client.device import Device
from foreseal_client.rpc.conversation_view import ConversationView, conversation_view
from foreseal_client.rpc.views import (
    ContactView,
    GroupView,
    MessageView,
    View,
    contact_view,
    group_view,
    message_view,
)

__all__ = [
    "ConnectionNotice", "ContactNotice", "ConversationNotice", "GoneNotice", "GroupNotice", "KeyNotice",
    "MessageNotice", "Notice", "RefusedNotice", "ReminderNotice", "RequestsNotice", "TransferNotice", "TroubleNotice",
    "TypingNotice", "notice",
]  # fmt: skip


class ConnectionNotice(View, frozen=True, tag_field="type", tag="connection"):
    """Whether the inbox is connected, and if not, why."""

    online: bool
    reason: str


class MessageNotice(View, frozen=True, tag_field="type", tag="message"):
    """A message is new, or has moved on."""

    message: MessageView


class ContactNotice(View, frozen=True, tag_field="type", tag="contact"):
    """Somebody can be written to, asks to be, or is known better than before."""

    contact: ContactView


class KeyNotice(View, frozen=True, tag_field="type", tag="keyChange"):
    """Somebody new seems to be somebody known, under a new key. `earlier`: the identity known before."""

    contact: ContactView
    earlier: str
    evidence: str


class GroupNotice(View, frozen=True, tag_field="type", tag="group"):
    """A group is new here or has changed. `lost`: how many changes of this account's own do not hold."""

    group: GroupView
    lost: int


class TransferNotice(View, frozen=True, tag_field="type", tag="transfer"):
    """How far the files of one message have come, in bytes as sealed."""

    identity: str
    eid: str
    direction: str
    done: int
    total: int


class RefusedNotice(View, frozen=True, tag_field="type", tag="refused"):
    """Something arrived and was dropped."""

    reason: str


class RequestsNotice(View, frozen=True, tag_field="type", tag="requests"):
    """How many strangers wait to be decided about."""

    count: int


class GoneNotice(View, frozen=True, tag_field="type", tag="gone"):
    """A message disappeared or was deleted here: nothing of it is on this device. `id`: as the message had it."""

    id: int
    conversation: str


class TypingNotice(View, frozen=True, tag_field="type", tag="typing"):
    """Somebody is typing; shown until then (seconds since 1970) unless a message comes before."""

    identity: str
    until: int


class ConversationNotice(View, frozen=True, tag_field="type", tag="conversation"):
    """What is settled beside the words of a conversation was said anew, and may be something else."""

    conversation: ConversationView


class ReminderNotice(View, frozen=True, tag_field="type", tag="reminder"):
    """Somebody new has sent a file or a link for the first time. `days`: since they were let in."""

    identity: str
    days: int


class TroubleNotice(View, frozen=True, tag_field="type", tag="trouble"):
    """This device cannot do what it should, and tries again."""

    reason: str


Notice = (
    ConnectionNotice | MessageNotice | GoneNotice | TypingNotice | ConversationNotice | ContactNotice | KeyNotice
    | GroupNotice | TransferNotice | RefusedNotice | RequestsNotice | ReminderNotice | TroubleNotice
)  # fmt: skip


def notice(event: events.Event, device: Device, *, detailed: bool) -> Notice:
    """An event, said to somebody outside."""
    match event:
        case events.Connection(online, reason):
            return ConnectionNotice(online, reason)
        case events.MessageChanged(message):
            return MessageNotice(message_view(message, device, detailed=detailed))
        case events.ContactChanged(contact):
            return ContactNotice(contact_view(contact, device))
        case events.KeyChanged(change, contact):
            return KeyNotice(contact_view(contact, device), change.earlier.hex(), change.evidence.value)
        case events.GroupChanged(group, lost):
            return GroupNotice(group_view(group), len(lost))
        case events.Transferred(identity, eid, direction, done, total):
            return TransferNotice(identity.hex(), eid.hex(), direction.value, done, total)
        case events.Refused(reason):
            return RefusedNotice(reason)
        case events.Trouble(reason) | events.OtherKeys(_, reason):
            return TroubleNotice(reason)
        case events.RequestsWaiting(count):
            return RequestsNotice(count)
        case events.MessageGone(message_id, identity, group):
            return GoneNotice(message_id, (group or identity).hex())
        case events.ContactTypes(identity, until):
            return TypingNotice(identity.hex(), until)
        case events.ConversationChanged(settled):
            return ConversationNotice(conversation_view(settled))
        case events.Reminded(reminder):
            return ReminderNotice(reminder.identity.hex(), reminder.days)
        case other:
            assert_never(other)
