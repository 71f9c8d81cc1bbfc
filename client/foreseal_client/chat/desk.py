"""The chat as a person uses it, whatever shows it: the open conversation, what is attached, and each line they write.

What may leave and what may be shown is decided in `outbound` and `inbound`. Here a line becomes a command or a draft,
and what happens in the running client is told to the face.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from foreseal_client import contacts
from foreseal_client.chat.commands import COMMANDS
from foreseal_client.chat.conversations import Conversation, conversation_of, conversations, showable
from foreseal_client.chat.face import Face
from foreseal_client.chat.keys import look_at_key
from foreseal_client.chat.passcode import Passcode
from foreseal_client.chat.sending import send
from foreseal_client.device import Device
from foreseal_client.draft import Draft
from foreseal_client.errors import ClientError
from foreseal_client.events import (
    Connection,
    ContactChanged,
    Event,
    GroupChanged,
    KeyChanged,
    MessageChanged,
    Refused,
    Transferred,
    Trouble,
)
from foreseal_client.groups.changes import Change
from foreseal_client.messenger import Messenger
from foreseal_client.store import Contact, Message, Standing, State
from foreseal_matcher import Policy
from foreseal_matcher.content import Item

__all__ = ["ChatDesk"]


class ChatDesk:
    """`floor`: the loosest policy that the settings allow."""

    def __init__(self, messenger: Messenger, face: Face, passcode: Passcode, floor: Policy) -> None:
        self.messenger = messenger
        self.face = face
        self.passcode = passcode
        self.floor = floor
        self.current: Conversation | None = None
        self.attached: tuple[Item, ...] = ()
        self.online = False
        self.looking: set[bytes] = set()
        """New keys that a card is shown for."""
        self._sending: set[asyncio.Task[None]] = set()
        self._asking: set[asyncio.Task[None]] = set()

    @property
    def device(self) -> Device:
        """The device that this is the desk of."""
        return self.messenger.device

    @property
    def busy(self) -> bool:
        """Whether something is being checked or sealed."""
        return bool(self._sending)

    # --- what a person does -------------------------------------------------------------------------------------

    async def line(self, text: str) -> None:
        """Carries out what was written: a command, or a message with what is attached."""
        try:
            if text.startswith("/"):
                await self._command(text)
            elif text.strip() or self.attached:
                await self.cancellable(send(self, text))
        except (ClientError, ValueError, OSError) as fault:
            self.face.say(str(fault))

    async def _command(self, text: str) -> None:
        name, _, argument = text[1:].strip().partition(" ")
        command = COMMANDS.get(name)
        if command is None:
            self.face.say(f"There is no command /{name}. /help lists those there are.")
            return
        await command.act(self, argument.strip())

    async def cancellable(self, work: Coroutine[Any, Any, None]) -> None:
        """Does work that `cancel` can end before anything is sealed for good."""
        task = asyncio.create_task(work)
        self._sending.add(task)
        self.face.status_changed()
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            task.cancel()
            raise
        finally:
            self._sending.discard(task)
            self.face.status_changed()
        if not task.cancelled():
            task.result()

    def cancel(self) -> bool:
        """Ends what is being checked or sealed: it is not sent. Without such work, takes away what is attached.
        Whether there was anything."""
        for task in self._sending:
            task.cancel()
        if self._sending:
            return True
        if not self.attached:
            return False
        self.attach(())
        return True

    async def close(self) -> None:
        """Ends what is under way: what was not sealed is not sent."""
        tasks = [*self._sending, *self._asking]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def attach(self, items: tuple[Item, ...], *, keep: bool = False) -> None:
        """What goes with the next message. `keep`: what was attached until now has gone elsewhere."""
        if not keep:
            self.device.discard(Draft("", tuple(item for item in self.attached if item not in items)))
        self.attached = items
        self.face.status_changed()

    def open(self, conversation: Conversation | None) -> None:
        """Turns to a conversation; what is in it counts as read."""
        self.current = conversation
        self._read()
        self.face.opened()
        self.face.people_changed()

    async def turn_to(self, conversation: Conversation) -> None:
        """Opens a conversation that was chosen from a list; a request is answered first."""
        self.open(conversation)
        if conversation.state == "request":
            await self.line("/let-in")

    @staticmethod
    def may_be_read(message: Message) -> bool:
        """Whether its text may be on the screen."""
        return message.state is not State.WITHHELD

    def reopened(self) -> None:
        """The open conversation as it is now: its name or standing may be another one."""
        if self.current is not None:
            wanted = self.current.id
            self.current = next((one for one in conversations(self.device) if one.id == wanted), None)

    def _read(self) -> None:
        if self.current is not None:
            with self.device.store.transaction():
                self.device.store.reading.mark_read(self.current.id)

    # --- what happens -------------------------------------------------------------------------------------------

    async def follow(self, events: asyncio.Queue[Event]) -> None:
        """Tells the face what happens; never ends."""
        while True:
            self.take(await events.get())

    def take(self, event: Event) -> None:
        """One thing that happened."""
        face = self.face
        match event:
            case MessageChanged(message):
                here = conversation_of(message, self.device)
                if self.current is not None and here is not None and here.id == self.current.id:
                    self._read()
                    if showable(message):
                        face.message(message)
                face.people_changed()
                face.status_changed()
            case ContactChanged() | GroupChanged():
                self._changed(event)
            case Transferred():
                face.transferred(event)
            case KeyChanged(change, contact):
                self._spawn(look_at_key(self, change, contact))
            case Connection(online, reason):
                if online != self.online:
                    face.say("Connected to the relay." if online else f"{reason} Mail is kept on this device.")
                self.online = online
                face.status_changed()
            case Refused(reason) | Trouble(reason):
                face.say(reason)

    def _changed(self, event: ContactChanged | GroupChanged) -> None:
        self.reopened()
        if isinstance(event, ContactChanged) and event.contact.standing is Standing.REQUESTED:
            self.face.say(f"{event.contact.name} asks to write to you. /to {event.contact.name} opens the request.")
        if isinstance(event, GroupChanged) and event.lost:
            self.face.say(f"{event.group.name}: {_lost(event.lost)}")
        self.face.people_changed()
        self.face.status_changed()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(self._told(work))
        self._asking.add(task)  # a task that nobody holds may be collected while it waits
        task.add_done_callback(self._asking.discard)

    async def _told(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except (ClientError, ValueError, OSError) as fault:
            self.face.say(str(fault))

    @property
    def verified(self) -> bool:
        """Whether the safety number with the open conversation's contact was compared."""
        current = self.current
        return current is not None and isinstance(current.of, Contact) and contacts.verified(current.of, self.device)


def _lost(lost: tuple[Change, ...]) -> str:
    return (
        f"{len(lost)} of your changes did not hold, because somebody more senior changed the group at the same time. "
        "Look at /members and make them once more if they are still wanted."
    )
