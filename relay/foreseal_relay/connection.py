"""One websocket: frames in, frames out, and a named refusal for everything that is not a frame."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from enum import Enum, IntEnum, auto
from typing import Final, TypeVar

from aiohttp import WSCloseCode, WSMessage, WSMsgType, web

from foreseal_relay import wire
from foreseal_relay.limits import ANSWERS_HELD, CLOSE_WAIT, MAX_FAULTS
from foreseal_relay.mailboxes import refusal
from foreseal_relay.patience import ENDLESS, Patience

__all__ = ["Close", "Connection"]

F = TypeVar("F")
_SIGNS_OF_LIFE: Final = frozenset({WSMsgType.PING, WSMsgType.PONG})
_SHORT: Final = 125
"""Bytes of the longest frame whose header is two bytes."""
_PING: Final = bytes((0x89, 0))
"""RFC 6455, section 5.5.2: final, a ping, unmasked and without a word."""


class Close(IntEnum):
    """Why the relay closed a websocket (RFC 6455, section 7.4: 4000 and up belong to the application)."""

    GOING_AWAY = WSCloseCode.GOING_AWAY
    """The relay stops; connect again in a moment."""
    FAULT = WSCloseCode.INTERNAL_ERROR
    """A fault of the relay's own; its log names the place."""
    REPLACED = 4001
    """A newer inbox of the same mailbox was opened."""
    IDLE = 4002
    """Nothing came in time: no login on an inbox, no frame on a drop."""
    TOO_MANY_FAULTS = 4003
    """Too many frames had to be refused."""
    BAD_LOGIN = 4004
    """The login did not hold. The nonce is used up; connect again."""


class _Life(Enum):
    """What is known of the other side."""

    BUSY = auto()
    """It said something, which is being dealt with; what it says meanwhile is not read."""
    HEARD = auto()
    """It is listened to, and nothing was asked of it since it last said something."""
    ASKED = auto()
    """It was pinged and has not answered, or does not read what was sent."""


class Connection:
    """A websocket that speaks frames. Writing waits while the other side does not read, so at most one batch of
    deliveries and the answers under way are ever held for it."""

    __slots__ = ("_answers", "_closing", "_faults", "_giving_up", "_life", "_transport", "is_open", "response")

    def __init__(self) -> None:
        # One more than a frame may have: aiohttp refuses a message that reaches its limit.
        # And it looks whether the other side reads only after so many bytes written; here it looks each time.
        self.response = web.WebSocketResponse(
            max_msg_size=wire.MAX_FRAME + 1, compress=False, autoping=False, timeout=CLOSE_WAIT, writer_limit=0
        )
        self.is_open = False
        self._faults = 0
        self._life = _Life.BUSY
        self._closing: Close | None = None
        self._giving_up: asyncio.Task[None] | None = None
        self._transport: asyncio.Transport | None = None
        self._answers: list[bytes] = []

    async def open(self, request: web.Request, nonce: bytes) -> None:
        """Answers the upgrade and greets. Raises `web.HTTPException` for what is no upgrade."""
        try:
            await self.response.prepare(request)
        except ValueError as error:  # a key that is not even text in base64
            raise web.HTTPBadRequest from error
        self.response.headers.clear()  # they have left, and would be held for as long as the connection
        self._transport = request.transport
        self.is_open = True
        if self._closing is not None:
            await self.close(self._closing)
        await self.send(wire.Hello(wire.VERSION, nonce))

    async def send(self, frame: wire.ServerFrame) -> None:
        """Sends a frame; to a connection that is gone, nothing: its client asks again on the next one."""
        if not self.response.closed:
            with contextlib.suppress(ConnectionError):
                await self.response.send_bytes(wire.encode(frame))

    async def answer(self, frame: wire.ServerFrame, behind: int = 0) -> None:
        """As `send`, for short frames that come many at a time: those of one turn of the loop leave in one write, and
        are not waited for. `behind`: how many bytes of something else may be waiting to be read before them."""
        data = wire.encode(frame)
        held = 0 if self._transport is None else self._transport.get_write_buffer_size()
        if len(data) > _SHORT or held > ANSWERS_HELD + behind:  # waits for the other side to read
            await self.send(frame)
            return
        if not self._answers:
            asyncio.get_running_loop().call_soon(self._leave)
        # One unmasked, final, binary frame whose length fits into seven bits (RFC 6455, section 5.2).
        self._answers.append(bytes((0x82, len(data))) + data)
        if behind:  # one after the other: none comes to go with it, and what is read next may be a goodbye
            self._leave()

    def _leave(self) -> None:
        if not self._answers:
            return
        if self._transport is not None and not self.response.closed and not self._transport.is_closing():
            self._transport.write(b"".join(self._answers))
        self._answers.clear()

    async def close(self, reason: Close) -> None:
        """Closes the connection and says why, within `CLOSE_WAIT`; one that is not open yet, as soon as it is."""
        if not self.is_open:
            self._closing = reason
            return
        self._leave()
        try:
            async with asyncio.timeout(CLOSE_WAIT):
                await self.response.close(code=reason, message=reason.name.lower().encode())
        except TimeoutError:  # the farewell waits behind all that the other side does not read
            if self._transport is not None:
                self._transport.abort()

    def end(self) -> None:
        """To be called when nothing more is said: what the other side has not read by then has `CLOSE_WAIT` to leave,
        since a transport that closes would wait for it for ever, and hold a descriptor."""
        if self._transport is not None and self._transport.get_write_buffer_size():
            asyncio.get_running_loop().call_later(CLOSE_WAIT, self._transport.abort)

    async def frames(self, decode: Callable[[bytes], F], idle: float | None = None) -> AsyncIterator[F]:
        """The frames as they come, until the connection closes; `idle`: seconds without one after which it does.
        What is no frame is refused here, and the connection goes on until it has happened `MAX_FAULTS` times."""
        # Not the timeout of `receive`, which starts anew with each ping.
        patience = ENDLESS if idle is None else Patience(idle, self.give_up, asyncio.get_running_loop())
        try:
            patience.waiting()
            while not self.response.closed:
                self._life = _Life.HEARD
                message = await self.response.receive()
                self._life = _Life.BUSY
                if message.type in _SIGNS_OF_LIFE:
                    await self._live(message)
                    continue
                patience.heard()
                try:
                    match message.type:
                        case WSMsgType.BINARY:
                            frame = decode(message.data)
                        case WSMsgType.TEXT:
                            raise wire.WireError(wire.RejectCode.MALFORMED, "frames are binary messages")
                        case _:
                            break
                except wire.WireError as error:
                    await self.refuse(error.req, error.code)
                else:
                    yield frame
                patience.waiting()
        finally:
            patience.stop()
        if self._giving_up is not None:
            await self._giving_up

    async def _live(self, message: WSMessage) -> None:
        if message.type is WSMsgType.PING:
            with contextlib.suppress(ConnectionError):
                await self.response.pong(message.data)

    def beat(self) -> bool:
        """Pings the other side. To be called every so often: the connection ends when nothing came in between. Whether
        it goes on."""
        if self._transport is None:
            return False
        if self._life is _Life.ASKED:
            self._transport.abort()  # a farewell would wait for somebody who is gone
            return False
        if self._transport.is_closing():  # and waits, perhaps, for somebody who does not read
            self._life = _Life.ASKED
        elif self._life is _Life.HEARD:
            self._transport.write(_PING)
            self._life = _Life.ASKED
        elif self._transport.get_write_buffer_size():
            self._life = _Life.ASKED
        return True

    def give_up(self) -> bool:
        """Closes the connection as idle, for good."""
        self._giving_up = asyncio.create_task(self.close(Close.IDLE))
        return False

    async def refuse(self, req: int, code: wire.RejectCode) -> None:
        """Answers a frame that should not have come. A few are forgiven."""
        # A `req` outside its range cannot be echoed: no frame may carry it.
        await self.send(refusal(req if 0 <= req < 2**32 else 0, code))
        self._faults += 1
        if self._faults >= MAX_FAULTS:
            await self.close(Close.TOO_MANY_FAULTS)
