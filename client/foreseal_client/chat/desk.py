"""The chat as a person uses it, whatever shows it: the open conversation, what is attached, and each line they write.

What may leave and what may be shown is decided in `outbound` and `inbound`. Here a line becomes a command or a draft;
`following` tells the face what happens in the running client.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from typing import TYPE_CHECKING, Any

from foreseal_client import contacts
from foreseal_client.chat.acts import ACTS
from foreseal_client.chat.conversations import Conversation, conversations
from foreseal_client.chat.face import Face
from foreseal_client.chat.passcode import Passcode
from foreseal_client.chat.sending import send
from foreseal_client.device import Device
from foreseal_client.draft import Draft
from foreseal_client.errors import ClientError
from foreseal_client.request_desk import waiting
from foreseal_client.safeguards.words import requests_waiting
from foreseal_client.store import Contact, Direction, Message, Received, State
from foreseal_matcher import Policy
from foreseal_matcher.content import Item

if TYPE_CHECKING:
    from foreseal_client.messenger import Links, Messenger

__all__ = ["ChatDesk"]


class ChatDesk:
    """`floor`: the loosest policy that the settings allow; `links`: makes a link for a relay's URL."""

    def __init__(self, messenger: Messenger, face: Face, passcode: Passcode, floor: Policy, links: Links) -> None:
        self.messenger = messenger
        self.face = face
        self.passcode = passcode
        self.floor = floor
        self.links = links
        self.current: Conversation | None = None
        self.attached: tuple[Item, ...] = ()
        self.online = False
        self.fetches_lists = True
        """Whether an accepted list may be fetched from here: not past a proxy that the person asked for."""
        self.looking: set[bytes | str] = set()
        """New keys, and relays with new ones, that a card is shown for."""
        self.typing: dict[bytes, int] = {}
        """Who types, and until when that is shown, in seconds since 1970."""
        self._sending: set[asyncio.Task[None]] = set()
        self._asking: set[asyncio.Task[None]] = set()

    @property
    def device(self) -> Device:
        """The device that this is the desk of."""
        return self.messenger.device

    @property
    def waiting(self) -> int:
        """How many strangers ask to be let in: all that is said of them unasked."""
        return waiting(self.device)

    def say_who_waits(self) -> None:
        """At the start, and when it is another number."""
        self.face.say(f"{requests_waiting(self.waiting)}{'. /requests shows them.' if self.waiting else ''}")

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
        if name not in ACTS:
            self.face.say(f"There is no command /{name}. /help lists those there are.")
            return
        await ACTS[name](self, argument.strip())

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
        self.mark_read()
        self.face.opened()
        self.face.people_changed()

    def seen(self, messages: Iterable[Message]) -> None:
        """These were drawn: what is hidden counts as well, since what a list says must not show from outside."""
        new = [one for one in messages if one.direction is Direction.IN and one.received is not Received.READ]
        if new:
            self.messenger.conversations.read(new)

    def typed(self) -> None:
        """A key was pressed in a draft."""
        if self.current is not None and isinstance(self.current.of, Contact):
            self.messenger.conversations.typing(self.current.of)

    @property
    def is_typed_to(self) -> bool:
        """Whether the other side of the open conversation types."""
        return self.current is not None and self.typing.get(self.current.id, 0) > self.device.now

    def changed(self) -> None:
        """Somebody's standing, name or group may be another one."""
        self.reopened()
        self.face.people_changed()
        self.face.status_changed()

    @staticmethod
    def may_be_read(message: Message) -> bool:
        """Whether its text may be on the screen."""
        return message.state is not State.WITHHELD

    def reopened(self) -> None:
        """The open conversation as it is now: its name or standing may be another one."""
        if self.current is not None:
            wanted = self.current.id
            self.current = next((one for one in conversations(self.device) if one.id == wanted), None)

    def mark_read(self) -> None:
        """Nothing in the open conversation counts as new."""
        if self.current is not None:
            with self.device.store.transaction():
                self.device.store.reading.mark_read(self.current.id)

    # --- small things -------------------------------------------------------------------------------------------

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Does work beside what the person does; what goes wrong in it is said."""
        task = asyncio.create_task(self._told(work))
        self._asking.add(task)  # a task that nobody holds may be collected while it waits
        task.add_done_callback(self._asking.discard)
        task.add_done_callback(lambda _: work.close())  # what was cancelled before it began would be missed

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
