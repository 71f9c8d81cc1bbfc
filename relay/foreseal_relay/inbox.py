"""The inbox: logged in, it receives and acknowledges, and never sends."""

from __future__ import annotations

import asyncio
from typing import Final

from foreseal_relay import login
from foreseal_relay.connection import Close, Connection
from foreseal_relay.limits import DELIVERY_BATCH
from foreseal_relay.mailboxes import Change, refusal
from foreseal_relay.relay import Relay
from foreseal_relay.store.interface import StoreError
from foreseal_relay.wire import (
    MAX_FRAME,
    Ack,
    Admit,
    AskTerms,
    AskTicket,
    Credit,
    Done,
    Draw,
    InboxFrame,
    Login,
    RejectCode,
    Resume,
    ServerFrame,
    Terms,
    decode_inbox,
)

__all__ = ["serve_inbox"]

_DELIVERIES: Final = 2 * MAX_FRAME
"""Bytes of deliveries that a connection holds at most: one after which it waits, and one that was held before."""


async def serve_inbox(relay: Relay, connection: Connection, nonce: bytes) -> None:
    """Serves an inbox until it closes: a login first, then deliveries beside the owner's frames."""
    relay.logins.expect(connection, asyncio.get_running_loop())  # for all of it: refused frames do not buy time
    try:
        proven = await _logged_in(relay, connection, nonce)
    finally:
        relay.logins.met(connection)
    if proven is None:
        return
    try:
        welcome = await relay.mailboxes.sign_in(proven, relay.clock())
    except StoreError:
        await connection.refuse(0, RejectCode.UNAVAILABLE)
        await connection.close(Close.GOING_AWAY)
        return
    inbox = _Inbox(relay, connection, proven)
    older = relay.presence.enter(proven.mailbox, inbox)
    relay.heartbeats.expect(connection, asyncio.get_running_loop())
    delivering = asyncio.create_task(inbox.deliver())
    try:
        if isinstance(older, _Inbox):
            older.replace()
        await connection.send(welcome)
        async for frame in connection.frames(decode_inbox):
            await inbox.answer(frame)
    finally:
        relay.presence.leave(proven.mailbox, inbox)
        delivering.cancel()
        await asyncio.gather(delivering, return_exceptions=True)


async def _logged_in(relay: Relay, connection: Connection, nonce: bytes) -> Login | None:
    """The login, once it holds; None when the connection ended before."""
    async for frame in connection.frames(decode_inbox):
        if isinstance(frame, Resume):
            key = relay.tickets.resumed(frame, nonce, relay.origins, relay.clock())
            if key is not None:
                return Login(frame.version, frame.mailbox, key, frame.client_nonce, b"", frame.generation)
            await connection.refuse(0, RejectCode.BAD_TICKET)  # a login on the same connection still may hold
        elif not isinstance(frame, Login):
            await connection.refuse(getattr(frame, "req", 0), RejectCode.NOT_LOGGED_IN)
        elif login.holds(frame, nonce, relay.origins):
            return frame
        else:
            await connection.refuse(0, RejectCode.BAD_LOGIN)
            await connection.close(Close.BAD_LOGIN)
    return None


class _Inbox:
    """A logged-in inbox: the credit it has left, and what was pushed to it and is not acknowledged yet."""

    def __init__(self, relay: Relay, connection: Connection, proven: Login) -> None:
        self._relay = relay
        self._connection = connection
        self._login = proven
        self._credit = 0
        self._replaced = False
        self._pushed: set[bytes] = set()
        self._stirred = asyncio.Event()
        self._closing: asyncio.Task[None] | None = None
        self._admission = b""

    def wake(self) -> None:
        """An envelope has arrived, or credit has."""
        self._stirred.set()

    def replace(self) -> None:
        """A newer inbox has taken this one's place. Nothing more is read for this one or pushed to it."""
        self._replaced = True
        self._closing = asyncio.create_task(self._connection.close(Close.REPLACED))

    async def answer(self, frame: InboxFrame) -> None:
        """Carries out one frame of the owner."""
        match frame:
            case Login() | Resume():
                await self._connection.refuse(0, RejectCode.MALFORMED)
            case Credit():
                self._credit += frame.count
                self.wake()
            case _:
                answer: ServerFrame
                try:
                    answer = await self._carried_out(frame)
                except StoreError:
                    answer = refusal(frame.req, RejectCode.UNAVAILABLE)
                # What could not be acknowledged still waits in the store, and would be pushed a second time.
                if isinstance(frame, Ack) and isinstance(answer, Done):
                    self._pushed.difference_update(frame.eids)
                    self._relay.meter.acknowledged += len(frame.eids)
                # Behind deliveries: whoever reads slowly and acknowledges is read on, or would be taken for gone.
                await self._connection.answer(answer, behind=_DELIVERIES)

    async def _carried_out(self, frame: AskTicket | AskTerms | Admit | Draw | Change) -> ServerFrame:
        relay, now = self._relay, self._relay.clock()
        match frame:
            case AskTicket() if not self._login.signature:  # a ticket that made the next one would never end
                return refusal(frame.req, RejectCode.BAD_TICKET)
            case AskTicket():
                return relay.tickets.issue(frame.req, self._login.mailbox, self._login.key, self._login.generation, now)
            case AskTerms():
                return Terms(frame.req, *relay.mailboxes.admission.terms)
            case Admit():
                self._admission = frame.admission
                return Done(frame.req)
            case Draw():
                return await relay.mailboxes.draw(self._login, frame, now)
            case _:
                return await relay.mailboxes.change(self._login, frame, now, self._admission)

    async def deliver(self) -> None:
        """Pushes what waits, never beyond the credit; then sleeps until something arrives or credit is granted."""
        while True:
            await self._stirred.wait()
            self._stirred.clear()
            try:
                while self._credit > 0 and not self._replaced and await self._push():
                    pass
            except StoreError:
                await self._connection.close(Close.GOING_AWAY)
                return

    async def _push(self) -> int:
        """Pushes one batch; how many it had."""
        limit = min(self._credit, DELIVERY_BATCH)
        batch = await self._relay.mailboxes.deliveries(self._login.mailbox, self._pushed, limit, self._relay.clock())
        for delivery in batch:
            if self._replaced:
                return 0
            self._credit -= 1
            self._pushed.add(delivery.eid)
            await self._connection.send(delivery)
            self._relay.meter.delivered += 1
        return len(batch)
