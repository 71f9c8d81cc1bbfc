"""The inbox, kept open: logging in, taking in what arrives, logging in again when the connection ends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Final

from foreseal_client import inbound, login, words
from foreseal_client.beginning_anew import begin_anew
from foreseal_client.conversation.desk import ConversationDesk
from foreseal_client.device import Device
from foreseal_client.drawing import Drawing
from foreseal_client.errors import RelayRefusedError, RelayUnreachableError, RolledBackError, StoreError
from foreseal_client.events import (
    Connection,
    ContactChanged,
    Event,
    KeyChanged,
    MessageChanged,
    Refused,
    RequestsWaiting,
)
from foreseal_client.reaching import Reaching
from foreseal_client.relay_inbox import Inbox
from foreseal_client.relay_link import RelayLink
from foreseal_client.request_desk import waiting
from foreseal_client.store import Arrived, Contact, Standing
from foreseal_client.upkeep import logging_in_again
from foreseal_client.workers import Backoff

__all__ = ["Receiving", "tell_of_key"]

_STEADY: Final = 20.0
"""Seconds that a connection has to hold before the next one is tried quickly again: a relay that closes right after
each login must not be stormed with logins."""

_AGAIN: Final = "This device logs in again, as it does once a day."


class Receiving:
    """`link`: the link to a relay, by its URL; `let_out`: called when sealed mail may leave; `arrived`: called when
    there is something to look at; `pause`: waits for so many seconds; `code`: a registration code, for the first login
    at a relay that wants one."""

    def __init__(
        self,
        device: Device,
        link: Callable[[str], Awaitable[RelayLink]],
        drawing: Drawing,
        tell: Callable[[Event], None],
        let_out: Callable[[], None],
        arrived: Callable[[], None],
        pause: Callable[[float], Awaitable[None]],
        code: bytes | None,
    ) -> None:
        self.inbox: Inbox | None = None
        self.connected = asyncio.Event()
        """Set while the inbox is connected and set up."""
        self._device = device
        self._link = link
        self._drawing = drawing
        self._tell = tell
        self._let_out = let_out
        self._arrived = arrived
        self._pause = pause
        self._code = code
        self._registered: bytes | None = None
        self._fresh = True

    @property
    def may_leave(self) -> bool:
        """Whether sealed mail may leave: only after a login, which has shown that this device was not rolled back (what
        an old state seals can be opened by nobody), and that the relay knows the token that the letters carry."""
        return self._registered == self._device.account.delivery_token

    async def register(self) -> None:
        """Tells the relay this mailbox's delivery token. Raises `RelayUnreachableError` or `RelayRefusedError`."""
        if self.inbox is not None:
            self._registered = await login.register(self.inbox, self._device)

    async def stay_connected(self, conversations: ConversationDesk, reaching: Reaching) -> None:
        """Returns only when another device goes on in this one's place."""
        wait, device = Backoff(), self._device
        while not device.rolled_back:
            reason = ""
            try:
                reason = await self._receive(wait, conversations, reaching)
            except RolledBackError as fault:
                told = begin_anew(device, fault.generation)
                if told is None:
                    device.note_rolled_back()
                    break
                for notice in told:
                    self._tell(MessageChanged(notice))
                reason = words.BEGUN_ANEW
            except (RelayUnreachableError, RelayRefusedError, StoreError) as fault:
                reason = str(fault)
            self.connected.clear()
            self.inbox = None
            self._tell(Connection(False, reason or "The relay closed the connection."))
            await wait.once()

    async def _receive(self, wait: Backoff, conversations: ConversationDesk, reaching: Reaching) -> str:
        """One connection, from login to end; why it ended, if it was not the relay that ended it."""
        device = self._device
        with device.store.transaction():
            generation = device.store.account.next_generation()
        link = await self._link(device.account.relay)
        login_key = device.account.keys.login_public
        async with AsyncExitStack() as stack:
            resume = not self._fresh and self.may_leave
            self._fresh = True  # until this one has held: what goes wrong with a resumed login is mended by a whole one
            inbox = await stack.enter_async_context(link.inbox(login_key, generation, device.sign_login, resume=resume))
            if inbox.resumed:
                await login.advance(inbox, device)
            else:
                self._registered = await login.set_up(inbox, device, self._code)
                await inbox.make_resumable()
            await stack.enter_async_context(self._drawing.at_home(inbox, link, self._tell))
            self.inbox = inbox
            self.connected.set()
            self._tell(Connection(True))
            self._let_out()
            self._arrived()
            for identity in device.store.history.pausing():
                await reaching.send_paused(identity)
            self._fresh = False
            steady = asyncio.get_running_loop().call_later(_STEADY, wait.reset)
            stack.callback(steady.cancel)
            due = await stack.enter_async_context(logging_in_again(inbox, device, self._pause))
            async for envelope in inbox.arrivals():
                outcome = inbound.take(envelope, device)
                await inbox.acknowledge(envelope.eid)
                self._took(outcome, conversations)
            self._fresh = due.is_set()
            return _AGAIN if due.is_set() else ""

    def _took(
        self, outcome: Arrived | inbound.Repeated | inbound.Unopened | inbound.Rejected, conversations: ConversationDesk
    ) -> None:
        match outcome:
            case Arrived():
                conversations.heard(outcome)
                self._announce(outcome)
                self._arrived()
            case inbound.Rejected(reason):
                self._tell(Refused(reason))
            case inbound.Unopened(_, reason, said):
                self._tell(Refused(reason))
                if said is not None:
                    self._tell(MessageChanged(said))
                    self._let_out()
            case inbound.Repeated():
                pass

    def _announce(self, arrived: Arrived) -> None:
        device = self._device
        contact = device.store.people.get(arrived.identity)
        if contact is not None and contact.standing is Standing.REQUESTED:
            self._tell(ContactChanged(contact))
            self._tell(RequestsWaiting(waiting(device)))
        if contact is not None:
            tell_of_key(contact, device, self._tell)
        for notice in device.compared.noticed():
            self._tell(MessageChanged(notice))


def tell_of_key(contact: Contact, device: Device, tell: Callable[[Event], None]) -> None:
    """Says it where somebody seems to have a new key that the person has not looked at."""
    change = device.store.trust.unseen(contact.identity)
    if change is not None:
        tell(KeyChanged(change, contact))
