"""A logged-in connection to a relay: receives and acknowledges, and never sends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Final, TypeVar

import aiohttp

from foreseal_client.errors import RelayRefusedError, RelayUnreachableError
from foreseal_relay import wire
from foreseal_relay.token_wire import Kind

__all__ = ["TIMEOUT", "Inbox"]

TIMEOUT: Final = 20.0
"""Seconds to wait for an answer before the relay counts as unreachable."""

F = TypeVar("F")


class Inbox:
    """A logged-in connection."""

    def __init__(
        self,
        socket: aiohttp.ClientWebSocketResponse,
        welcome: wire.Welcome,
        *,
        resumed: bool = False,
        keep: Callable[[wire.Ticket], None] = lambda _: None,
    ) -> None:
        self.welcome = welcome
        self._keep = keep
        self.resumed = resumed
        """Whether this goes on from a login of some minutes ago: the relay knows all that was told it then."""
        self._socket = socket
        self._answers: dict[int, asyncio.Future[wire.ServerFrame]] = {}
        self._arrivals: asyncio.Queue[wire.Deliver | None] = asyncio.Queue()
        self._last = 0
        self._credit = 0
        self._reader = asyncio.create_task(self._read())

    async def register(self, delivery_token: bytes) -> None:
        """Creates the mailbox, or gives it another delivery token."""
        await self._ask(lambda req: wire.Register(req, wire.token_digest(delivery_token)))

    async def publish(self, bundle: bytes, one_time: list[bytes]) -> None:
        """Replaces the bundle and adds one-time prekeys."""
        for start in range(0, max(1, len(one_time)), wire.PREKEYS_A_FRAME):
            part = tuple(one_time[start : start + wire.PREKEYS_A_FRAME])
            await self._ask(lambda req, part=part: wire.Publish(req, bundle, part))  # type: ignore[misc]

    async def invite(self, token: bytes, ttl: int) -> None:
        """Lets the holder of `token` begin a conversation, for `ttl` seconds."""
        await self._ask(lambda req: wire.Invite(req, wire.token_digest(token), ttl))

    async def terms(self) -> wire.Terms:
        """What making a mailbox takes here."""
        return self._as(wire.Terms, await self._ask(wire.AskTerms))

    async def admit(self, admission: bytes) -> None:
        """Shows what the terms ask for, before `register`."""
        await self._ask(lambda req: wire.Admit(req, admission))

    async def take_requests(self, *, is_open: bool, desk: bool = False) -> None:
        """Whether people who only have a card may write to this mailbox. `desk`: only to hand something in."""
        await self._ask(lambda req: wire.Requests(req, is_open, desk))

    async def draw(self, kind: Kind, epoch: int, blinded: tuple[bytes, ...]) -> bytes:
        """A day's tokens of a kind, evaluated, with the proof."""
        return self._as(wire.Drawn, await self._ask(lambda req: wire.Draw(req, kind, epoch, blinded))).evaluated

    async def make_resumable(self) -> None:
        """Has this login be gone on with, for some minutes, when the connection breaks."""
        self._keep(self._as(wire.Ticket, await self._ask(wire.AskTicket)))

    async def advance(self, generation: int) -> None:
        """Tells the relay that this device has moved on: one restored from an older state will be found out."""
        await self._ask(lambda req: wire.Generation(req, generation))

    async def acknowledge(self, eid: bytes) -> None:
        """This envelope is safe here; the relay may forget it."""
        await self._ask(lambda req: wire.Ack(req, (eid,)))
        await self._grant(1)

    async def arrivals(self, credit: int = 64) -> AsyncIterator[wire.Deliver]:
        """Envelopes as they come, until the connection ends. `credit`: how many may be under way at once."""
        await self._grant(credit)
        while (arrival := await self._arrivals.get()) is not None:
            yield arrival

    async def _grant(self, count: int) -> None:
        self._credit += count  # before it is told: what it lets in may come at once
        await self._tell(wire.Credit(count))

    @property
    def closed(self) -> bool:
        """Whether the connection has ended."""
        return self._reader.done()

    async def close(self) -> None:
        """Ends the connection."""
        await self._socket.close()
        await self._reader

    def _as(self, kind: type[F], frame: wire.ServerFrame) -> F:
        if not isinstance(frame, kind):
            raise RelayUnreachableError("This relay answered with something else than was asked.")
        return frame

    async def _ask(self, make: Callable[[int], wire.InboxFrame]) -> wire.ServerFrame:
        self._last += 1
        req = self._last  # others may ask while this waits
        answer: asyncio.Future[wire.ServerFrame]
        answer = self._answers[req] = asyncio.get_running_loop().create_future()
        try:
            await self._tell(make(req))
            async with asyncio.timeout(TIMEOUT):
                return await answer
        except TimeoutError as fault:
            raise RelayUnreachableError from fault
        finally:
            self._answers.pop(req, None)

    async def _tell(self, frame: wire.InboxFrame) -> None:
        if self._reader.done():
            raise RelayUnreachableError
        try:
            await self._socket.send_bytes(wire.encode(frame))
        except (ConnectionError, aiohttp.ClientError) as fault:
            raise RelayUnreachableError from fault

    async def _read(self) -> None:
        try:
            async for message in self._socket:
                if message.type is not aiohttp.WSMsgType.BINARY:
                    break
                match wire.decode_server(message.data):
                    case wire.Deliver() as arrival if self._credit > 0:
                        self._credit -= 1
                        self._arrivals.put_nowait(arrival)
                    case (
                        wire.Done(req=req) | wire.Drawn(req=req) | wire.Terms(req=req) | wire.Ticket(req=req) as answer
                    ):
                        self._settle(req, answer)
                    case wire.Rejected(req=req, code=code, retry_after=wait):
                        self._settle(req, RelayRefusedError(code, wait))
                    case _:
                        break  # no frame of an inbox, or more than was asked for: this relay is not to be trusted
        except wire.WireError:
            pass
        finally:
            await self._socket.close()
            for req in list(self._answers):
                self._settle(req, RelayUnreachableError())
            self._arrivals.put_nowait(None)

    def _settle(self, req: int, outcome: wire.ServerFrame | Exception) -> None:
        answer = self._answers.get(req)
        if answer is None or answer.done():
            return
        if isinstance(outcome, Exception):
            answer.set_exception(outcome)
        else:
            answer.set_result(outcome)
