"""What stands between the clients of a test and their relay: it knows frames, keeps what passes, and spoils some.

All clients dial it, and the relay answers logins for its address, so that it is the relay as far as a client can tell.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import msgspec

from foreseal_client.kit.spoiling import Copies, Spoiling
from foreseal_client.websocket_frames import CONTROL, next_frame, with_payload
from foreseal_relay import wire

__all__ = ["Proxy"]


@dataclass(slots=True, eq=False)
class _Connection:
    """One connection of a client. `mailbox`: whose inbox it is, or who it sends to, once that is known."""

    writers: list[asyncio.StreamWriter] = field(default_factory=list)
    mailbox: bytes | None = None

    def abort(self) -> None:
        for writer in self.writers:
            writer.transport.abort()


class Proxy:
    """`url`: where clients dial. `target`: host and port of the relay, None while it is down. `passed`: everything
    that passed in both directions, unmasked; `sent`: the envelopes that were sent."""

    def __init__(self, spoiling: Spoiling) -> None:
        self.url = ""
        self.target: tuple[str, int] | None = None
        self.passed = bytearray()
        self.sent: list[wire.Send] = []
        self.spoiling = spoiling
        self._connections: set[_Connection] = set()
        self._serving: set[asyncio.Task[None]] = set()

    @classmethod
    @asynccontextmanager
    async def listening(cls, spoiling: Spoiling) -> AsyncIterator[Proxy]:
        """On a free port of the loopback interface."""
        proxy = cls(spoiling)
        server = await asyncio.start_server(proxy._serve, "127.0.0.1", 0)
        proxy.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield proxy
        finally:
            server.close()
            for _ in range(3):  # what was accepted just now begins, so that it can be ended
                await asyncio.sleep(0)
            for task in proxy._serving:
                task.cancel()
            await asyncio.gather(*proxy._serving, return_exceptions=True)

    def cut(self, mailbox: bytes | None = None) -> None:
        """Breaks the connections of an inbox and those that send to it; all of them with None."""
        for connection in list(self._connections):
            if mailbox in (None, connection.mailbox):
                connection.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._serving.add(task)
            task.add_done_callback(self._serving.discard)
        connection = _Connection([writer])
        self._connections.add(connection)
        try:
            if self.target is None:
                return
            relay_reader, relay_writer = await asyncio.open_connection(*self.target)
            connection.writers.append(relay_writer)
            await asyncio.gather(
                self._pump(reader, relay_writer, connection), self._pump(relay_reader, writer, connection)
            )
        except (OSError, asyncio.CancelledError):
            pass  # a relay that is down; and ending is no fault, asyncio would print it as one
        finally:
            self._connections.discard(connection)
            connection.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: _Connection) -> None:
        head, frames, is_socket = bytearray(), bytearray(), False
        with contextlib.suppress(ConnectionError):
            while piece := await reader.read(1 << 16):
                await self.spoiling.slow_down(len(piece))
                if is_socket:
                    frames += piece
                    await self._frames(frames, writer, connection)
                elif head.endswith(b"\r\n\r\n"):
                    self.passed += piece
                    writer.write(piece)
                else:
                    whole = bytes(head) + piece
                    begin, end, rest = whole.partition(b"\r\n\r\n")
                    head = bytearray(begin + end)
                    if end:
                        is_socket = b"upgrade: websocket" in begin.lower()
                        writer.write(head)
                        self.passed += head
                        piece = rest
                        if is_socket:
                            frames += rest
                            await self._frames(frames, writer, connection)
                        else:
                            self.passed += rest
                            writer.write(rest)
                await writer.drain()
            if writer.can_write_eof() and not writer.is_closing():
                writer.write_eof()

    async def _frames(self, frames: bytearray, writer: asyncio.StreamWriter, connection: _Connection) -> None:
        while (found := next_frame(frames)) is not None:
            length, opcode, payload = found
            raw = bytes(frames[:length])
            del frames[:length]
            if opcode & CONTROL:
                writer.write(raw)
                continue
            self.passed += payload
            name = self._note(payload, connection)
            copies = await self.spoiling.of(name, connection.mailbox, payload)
            await self._pass_on(copies, raw, payload, writer, connection)

    async def _pass_on(
        self, copies: Copies, raw: bytes, payload: bytes, writer: asyncio.StreamWriter, connection: _Connection
    ) -> None:
        if copies.held is not None:
            copies.held.append(lambda: writer.write(raw))
            await self.spoiling.release(copies.held)
        for copy in copies.payloads:
            writer.write(raw if copy == payload else with_payload(raw, copy))
        if copies.cut:
            with contextlib.suppress(ConnectionError):
                await writer.drain()
            connection.abort()

    def _note(self, payload: bytes, connection: _Connection) -> str:
        """The frame's name. Frames are MessagePack arrays that begin with it."""
        try:
            frame = msgspec.msgpack.decode(payload)
            name = str(frame[0])
            if name == "login" or name in ("send", "fetch-bundle"):
                connection.mailbox = bytes(frame[2])
            if name == "send":
                sent = wire.decode_drop(payload)
                if isinstance(sent, wire.Send):
                    self.sent.append(sent)
        except (msgspec.MsgspecError, UnicodeDecodeError, wire.WireError, LookupError, TypeError):
            return "unknown"
        return name
