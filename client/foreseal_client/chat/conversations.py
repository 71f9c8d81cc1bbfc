"""Conversations as a person sees them: with a contact, or in a group."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from foreseal_client.new_contacts import opens_links
from foreseal_client.safeguards.newness import unlinked
from foreseal_client.store import Contact, Direction, Group, GroupStanding, Message, Standing, State

if TYPE_CHECKING:
    from foreseal_client.device import Device

__all__ = [
    "PAGE",
    "Conversation",
    "author",
    "conversation_of",
    "conversations",
    "named",
    "page",
    "readable",
    "showable",
]

_MAY_LINK: Final = re.compile(r"[.:]\S")
"""What every link has. Most texts have it not, and nothing is read of their writer."""
PAGE = 100
"""Messages that are read from the store, and drawn, at once."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """`of`: whom it is with. `unread`: messages that came and were not on the screen yet."""

    of: Contact | Group
    unread: int = 0

    @property
    def id(self) -> bytes:
        """The identity key of a contact (32 bytes), or the id of a group (16 bytes)."""
        return self.of.id if isinstance(self.of, Group) else self.of.identity

    @property
    def name(self) -> str:
        """As its other side calls itself."""
        return self.of.name

    @property
    def state(self) -> str:
        """What has to be known of it beside its name, in a word; empty where nothing has."""
        if isinstance(self.of, Group):
            return "left" if self.of.standing is GroupStanding.GONE else "group"
        return "blocked" if self.of.standing is Standing.BLOCKED else ""


def conversations(device: Device) -> list[Conversation]:
    """All of them: contacts and groups by name, who is blocked last. People who are known only from a group are in that
    group; of strangers who ask to be let in nothing is said unasked."""
    store = device.store
    unseen = (Standing.MEMBER, Standing.REQUESTED)
    people = [one for one in store.people.all() if one.standing not in unseen]
    every: list[Contact | Group] = [*people, *store.groups.all()]
    found = [Conversation(one, 0) for one in every]
    found = [Conversation(one.of, store.reading.unread(one.id)) for one in found]
    order = {"blocked": 2, "left": 2}
    return sorted(found, key=lambda one: (order.get(one.state, 1), one.name.casefold(), one.id))


def conversation_of(message: Message, device: Device) -> Conversation | None:
    """Where a message belongs."""
    store = device.store
    found = store.people.get(message.identity) if message.group is None else store.groups.get(message.group)
    return None if found is None else Conversation(found)


def page(conversation: Conversation, device: Device, before: int | None = None, limit: int = PAGE) -> list[Message]:
    """The last messages, the oldest first; of those in front of the message `before`."""
    history, end = device.store.history, 2**62 if before is None else before
    if isinstance(conversation.of, Group):
        found = history.in_group(conversation.id, limit, before=end)
    else:
        found = history.with_contact(conversation.id, limit, before=end)
    return [message for message in found if showable(message)]


def showable(message: Message) -> bool:
    """Whether there is anything in it to draw: some letters carry an address and nothing else."""
    return bool(message.text or message.files or message.note or message.state is State.UNOPENED)


def author(message: Message, device: Device) -> str:
    """Who wrote a message."""
    if message.direction is Direction.OUT:
        return "You"
    contact = device.store.people.get(message.identity)
    return "somebody" if contact is None else contact.name


def readable(message: Message, device: Device) -> str:
    """A message's text as it may be drawn: links of somebody new are written so that no terminal opens them."""
    text = message.text
    if message.direction is Direction.OUT or not _MAY_LINK.search(text) or opens_links(message.identity, device):
        return text
    return unlinked(text)


def named(text: str, among: Iterable[Conversation]) -> list[Conversation]:
    """Those that a person may mean by a name: exactly so called, else so begun, whatever the case."""
    wanted, every = text.strip().casefold(), list(among)
    exact = [one for one in every if one.name.casefold() == wanted]
    return exact or [one for one in every if wanted and one.name.casefold().startswith(wanted)]
