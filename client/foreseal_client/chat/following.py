"""What happens in the running client, told to the face: messages, people, keys, strangers, the connection."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from foreseal_client.chat.conversations import conversation_of, page, showable
from foreseal_client.chat.keys import look_at_key, look_at_relay
from foreseal_client.chat.strangers import remind
from foreseal_client.events import (
    Connection,
    ContactChanged,
    ContactTypes,
    ConversationChanged,
    Event,
    GroupChanged,
    KeyChanged,
    MessageChanged,
    MessageGone,
    OtherKeys,
    Refused,
    Reminded,
    RequestsWaiting,
    Transferred,
    Trouble,
)
from foreseal_client.groups.changes import Change
from foreseal_client.store import Evidence, Message, Standing, State

if TYPE_CHECKING:
    from foreseal_client.chat.desk import ChatDesk

__all__ = ["follow", "take"]

_NOTICES: Final = 5
"""Messages at the end of a conversation among which new lines about it stand."""


async def follow(desk: ChatDesk, events: asyncio.Queue[Event]) -> None:
    """Tells the face what happens; never ends."""
    said = ""
    while True:
        event = await events.get()
        if isinstance(event, Connection):
            said = _connection(desk, event, said)
        else:
            take(desk, event)


def take(desk: ChatDesk, event: Event) -> None:
    """One thing that happened, beside the connection."""
    face = desk.face
    match event:
        case MessageChanged(message):
            _message(desk, message)
        case MessageGone(message):
            face.gone(message)
            face.people_changed()
        case ContactTypes(identity, until):
            desk.typing[identity] = until
            face.status_changed()
            asyncio.get_running_loop().call_later(max(0, until - desk.device.now) + 1, face.status_changed)
        case ConversationChanged(conversation):
            if desk.current is not None and desk.current.id == conversation.id:
                for notice in page(desk.current, desk.device, limit=_NOTICES):
                    if notice.state is State.NOTICE:
                        face.message(notice)
            face.status_changed()
        case ContactChanged() | GroupChanged():
            _changed(desk, event)
        case RequestsWaiting():
            face.people_changed()
            desk.say_who_waits()
        case Reminded(reminder):
            desk.spawn(remind(desk, reminder))
        case Transferred():
            face.transferred(event)
        case KeyChanged(change, contact):
            # A name is anybody's to take: of a stranger it is said on the card of their request, once asked for.
            if contact.standing is not Standing.REQUESTED or change.evidence is not Evidence.NAME:
                desk.spawn(look_at_key(desk, change, contact))
        case OtherKeys(relay, reason):
            desk.spawn(look_at_relay(desk, relay, reason))
        case Refused(reason) | Trouble(reason):
            face.say(reason)


def _message(desk: ChatDesk, message: Message) -> None:
    here = conversation_of(message, desk.device)
    if desk.current is not None and here is not None and here.id == desk.current.id:
        desk.typing.pop(desk.current.id, None)
        desk.mark_read()
        if showable(message):
            desk.face.message(message)
            desk.seen([message])
    desk.face.people_changed()
    desk.face.status_changed()


def _connection(desk: ChatDesk, event: Connection, said: str) -> str:
    """Says it where it is another state, or why it is none is another reason; that reason."""
    if event.online != desk.online:
        desk.face.say("Connected to the relay." if event.online else f"{event.reason} Mail is kept on this device.")
    elif not event.online and event.reason != said:
        desk.face.say(event.reason)
    desk.online = event.online
    desk.face.status_changed()
    return event.reason


def _changed(desk: ChatDesk, event: ContactChanged | GroupChanged) -> None:
    if isinstance(event, GroupChanged) and event.lost:
        desk.face.say(f"{event.group.name}: {_lost(event.lost)}")
    desk.changed()


def _lost(lost: tuple[Change, ...]) -> str:
    return (
        f"{len(lost)} of your changes did not hold, because somebody more senior changed the group at the same time. "
        "Look at /members and make them once more if they are still wanted."
    )
