"""What a person can settle about a conversation in a running client, and what that does by itself from then on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

import msgspec

from foreseal_client import words
from foreseal_client.conversation.deleting import delete_for_both, delete_here
from foreseal_client.conversation.letters import queue_notes
from foreseal_client.conversation.receipts import next_letter, note_read
from foreseal_client.conversation.typing import TYPING_SHOWN, Typing
from foreseal_client.conversation.vanishing import vanish
from foreseal_client.device import Device
from foreseal_client.errors import StoreError
from foreseal_client.events import ContactTypes, ConversationChanged, Event, MessageChanged, MessageGone, Trouble
from foreseal_client.group_mail import cleared_note
from foreseal_client.sealing.letter import decode_letter
from foreseal_client.sealing.notes import Shares, possible_timer
from foreseal_client.store import Arrived, Contact, Conversation, Message

__all__ = ["ConversationDesk"]

_EVERY: Final = 10.0
"""Seconds after which it looks for itself whether something is due."""
_OVERDUE: Final = 0.1
"""Seconds of the machine's clock until what became due in the middle of a step, or failed, is tried."""
_MISSED: Final = 60
"""Seconds after which a slot counts as missed. It is not caught up: that would show when this device came back."""
_FRESH: Final = 120
"""Seconds that a notice of typing may have been under way; times in letters are whole minutes."""


class ConversationDesk:
    """The conversations of one device. `tell` is told what happens, `let_out` that something was queued; `may_leave`:
    whether sealed mail may leave now; `pause`: waits for so many seconds of the device's clock."""

    def __init__(
        self,
        device: Device,
        tell: Callable[[Event], None],
        let_out: Callable[[], None],
        may_leave: Callable[[], bool],
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._device = device
        self._store = device.store
        self._tell = tell
        self._let_out = let_out
        self._may_leave = may_leave
        self._pause = pause
        self._typing = Typing(device.account.keys.login)
        self._woken = asyncio.Event()

    # --- what a person can do -------------------------------------------------------------------------------------

    def settled(self, id_: bytes) -> Conversation:
        """What holds with a contact (their identity, 32 bytes) or in a group (its id, 16 bytes)."""
        return self._store.conversations.get(id_)

    def demand_timer(self, seconds: int) -> None:
        """Raises `ValueError` for a time after which nothing can disappear in this profile; 0: it stays."""
        if seconds and not self._device.safeguards.may_disappear:
            raise ValueError("This profile lets no messages disappear: foreseal profile safeguards show")
        if not possible_timer(seconds):
            raise ValueError("Messages can disappear after 30 seconds to 365 days, or stay.")

    async def set_timer(self, contact: Contact, seconds: int) -> Conversation:
        """What either of the two writes from now on disappears after so many seconds; 0: it stays. The other side is
        told. Raises `ValueError` for a time that cannot be, `StoreError`."""
        before = self._checked(contact.identity, seconds)
        settled = msgspec.structs.replace(before, timer=seconds, version=before.version + 1)
        with self._store.transaction():
            self._store.conversations.put(settled)
            said = self._store.history.notice(contact.identity, words.timer_set("", seconds), at=self._device.now)
        self._tell(MessageChanged(said))
        return await self._say_settled(settled)

    def set_timer_in_group(self, group: bytes, seconds: int) -> Conversation:
        """What this person writes to the group from now on disappears after so many seconds, at everybody; the others
        decide for what they write. Raises `ValueError` for a time that cannot be, `StoreError`."""
        settled = msgspec.structs.replace(self._checked(group, seconds), timer=seconds)
        self._put(settled)
        return settled

    async def share(self, contact: Contact, shares: Shares) -> Conversation:
        """What this contact may see, if they let this person see the same. Raises `StoreError`."""
        settled = msgspec.structs.replace(self.settled(contact.identity), shares=shares)
        if Shares.RECEIPTS not in shares:
            with self._store.transaction():
                self._store.conversations.forget_receipts(contact.identity)
        self._put(settled)
        return await self._say_settled(settled)

    def read(self, messages: Iterable[Message]) -> None:
        """This person has these messages before their eyes. Raises `StoreError`."""
        note_read(messages, self._device)
        self._woken.set()

    def typing(self, contact: Contact) -> None:
        """This person presses a key in a draft to somebody."""
        if Shares.TYPING in self.settled(contact.identity).shared:
            self._typing.typed(contact.identity, self._device.now)
            self._woken.set()

    def handed_in(self, contact: Contact) -> None:
        """The draft is sent, or stopped: either way nothing more is said of its typing."""
        self._typing.ended(contact.identity)

    def delete_here(self, message: Message) -> None:
        """Deletes a message from this device alone. Raises `StoreError`."""
        delete_here(message, self._device)
        self._tell(MessageGone(message.id, message.identity, message.group))

    async def delete_for_both(self, message: Message) -> None:
        """Deletes an own message here, and asks everybody it was written to for the same. A modified client need not
        follow. Raises `ValueError` for a message of somebody else, `StoreError`."""
        asked = delete_for_both(message, self._device)
        left = self._store.history.get(message.id)
        gone = MessageGone(message.id, message.identity, message.group)
        self._tell(gone if left is None else MessageChanged(left))
        await self._say(asked)

    # --- what it does by itself -----------------------------------------------------------------------------------

    async def keep(self) -> None:
        """Does what is due, when it is; never ends."""
        while True:
            try:
                await self.step()
            except StoreError as fault:
                self._tell(Trouble(str(fault)))
            left = self._wait()
            waiting = self._pause(left) if left > 0 else asyncio.sleep(_OVERDUE)
            pausing, woken = (asyncio.ensure_future(one) for one in (waiting, self._woken.wait()))
            try:
                await asyncio.wait((pausing, woken), return_when=asyncio.FIRST_COMPLETED)
            finally:
                pausing.cancel()
                woken.cancel()
            self._woken.clear()

    async def step(self) -> None:
        """Lets go of messages that are due, and tells receipts and typing whose slot has come. Raises `StoreError`."""
        for message in vanish(self._store, self._device.now):
            self._tell(MessageGone(message.id, message.identity, message.group))
        typing = self._typing.take_due(self._device.now)
        if typing and self._may_leave():
            await self._say(typing, typing=True)
        now, conversations = self._device.now, self._store.conversations
        due = [(identity, slot) for identity, slot in conversations.owing() if slot <= now]
        if not due:
            return
        if self._may_leave():
            await self._say(identity for identity, slot in due if now - slot < _MISSED)
        with self._store.transaction():
            for identity, _ in due:
                conversations.put_off(identity, next_letter(identity, self._device))

    def heard(self, arrived: Arrived) -> None:
        """A letter was taken: tells what it changed beside its text."""
        self._store.fading.let_go()
        self._typing.heard(arrived.identity)
        content = decode_letter(arrived.content)
        notes = content.notes
        if notes is None:
            return
        settled = self.settled(arrived.identity)
        self._tell(ConversationChanged(settled))
        for eid in notes.deleted:
            self._changed(self._store.fading.blanked(arrived.identity, eid))
        for eid in (*notes.delivered, *notes.read):
            self._changed(self._store.message_of(eid))
        if notes.typing and Shares.TYPING in settled.shared and self._device.now - content.sent_at < _FRESH:
            self._tell(ContactTypes(arrived.identity, self._device.now + TYPING_SHOWN))

    # --- small things ---------------------------------------------------------------------------------------------

    def _checked(self, id_: bytes, seconds: int) -> Conversation:
        self.demand_timer(seconds)
        return self.settled(id_)

    def _put(self, settled: Conversation) -> None:
        with self._store.transaction():
            self._store.conversations.put(settled)

    async def _say_settled(self, settled: Conversation) -> Conversation:
        self._tell(ConversationChanged(settled))
        await self._say([settled.id])
        return settled

    async def _say(self, identities: Iterable[bytes], *, typing: bool = False) -> None:
        note = await cleared_note(self._device)
        for identity in identities:
            queue_notes(note, identity, self._device, typing=typing)
        self._let_out()

    def _changed(self, message: Message | None) -> None:
        if message is not None:
            self._tell(MessageChanged(message))

    def _wait(self) -> float:
        slots = [slot for _, slot in self._store.conversations.owing()]
        dues = [self._store.fading.next_due(), self._typing.next_due(), *slots]
        return min([_EVERY, *(due - self._device.now for due in dues if due is not None)])
