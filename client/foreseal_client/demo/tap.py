"""A tap on the wire: forwards one person's connections to the relay and keeps every byte that passes.

It takes WebSocket frames apart (RFC 6455, section 5) for two reasons: bytes from a client are masked, so that a search
in them as they are could never find anything; and pings come on their own time, so that they are counted apart from
what a person causes.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial

from foreseal_client.websocket_frames import CONTROL, next_frame

__all__ = ["Observer", "Passed", "Tap", "Watcher"]

Observer = Callable[[bytes], None]
Watcher = Callable[[int, bool, bytes], None]
"""Shown everything: the number of a connection, whether the client sent it, and a head, a message or part of a body;
nothing at its end."""


@dataclass(frozen=True, slots=True)
class Passed:
    """What has passed from the client so far: connections opened, bytes (pings and closes apart), bytes of those."""

    connections: int
    bytes: int
    keepalive: int


@dataclass(slots=True)
class _Direction:
    """One direction of one connection: bytes in, recorded plain."""

    record: bytearray
    observers: list[Observer]
    watch: Observer = lambda _: None
    head: bytearray = field(default_factory=bytearray)
    frames: bytearray = field(default_factory=bytearray)
    in_head: bool = True
    is_socket: bool = False
    content: int = 0
    keepalive: int = 0

    def take(self, piece: bytes) -> None:
        if self.in_head:
            self.head += piece
            end = self.head.find(b"\r\n\r\n")
            if end < 0:
                return
            head, piece = bytes(self.head[: end + 4]), bytes(self.head[end + 4 :])
            self.in_head = False
            self.is_socket = b"upgrade: websocket" in head.lower()
            self._keep(head)
            self._show(head)
        if self.is_socket:
            self.frames += piece
            self._take_frames()
        elif piece:
            self._keep(piece)

    def _keep(self, piece: bytes) -> None:
        self.record += piece
        self.content += len(piece)
        self.watch(piece)

    def _take_frames(self) -> None:
        while (frame := next_frame(self.frames)) is not None:
            whole, opcode, payload = frame
            del self.frames[:whole]
            self.record += payload
            if opcode & CONTROL:
                self.keepalive += whole
            else:
                self.content += whole
                self._show(payload)
                self.watch(payload)

    def _show(self, piece: bytes) -> None:
        for observer in self.observers:
            observer(piece)


class Tap:
    """`up`: everything the client sent; `down`: everything the relay sent to it; frames unmasked, in order of arrival
    within a connection. `url`: where to dial. `observers` are shown each HTTP head and each WebSocket message from the
    client as the relay gets it, `watchers` also bodies, what the relay sends, and when a connection ends."""

    def __init__(self, host: str, port: int) -> None:
        self.up = bytearray()
        self.down = bytearray()
        self.observers: list[Observer] = []
        self.watchers: list[Watcher] = []
        self.url = ""
        self._relay = (host, port)
        self._upward: list[_Direction] = []
        self._serving: set[asyncio.Task[None]] = set()

    @classmethod
    @asynccontextmanager
    async def listening(cls, host: str, port: int) -> AsyncIterator[Tap]:
        """A tap in front of the relay at `host:port`, on a free port of the loopback interface."""
        tap = cls(host, port)
        server = await asyncio.start_server(tap._serve, "127.0.0.1", 0)
        tap.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield tap
        finally:
            server.close()
            for _ in range(3):  # what was accepted just now begins, so that it can be ended
                await asyncio.sleep(0)
            for task in tap._serving:
                task.cancel()
            await asyncio.gather(*tap._serving, return_exceptions=True)

    def passed(self) -> Passed:
        """The counts so far."""
        return Passed(len(self._upward), sum(d.content for d in self._upward), sum(d.keepalive for d in self._upward))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._serving.add(task)
            task.add_done_callback(self._serving.discard)
        number = len(self._upward)
        upward = _Direction(self.up, self.observers, partial(self._tell, number, True))
        downward = _Direction(self.down, [], partial(self._tell, number, False))
        self._upward.append(upward)
        writers = [writer]
        try:
            relay_reader, relay_writer = await asyncio.open_connection(*self._relay)
            writers.append(relay_writer)
            await asyncio.gather(_pump(reader, relay_writer, upward), _pump(relay_reader, writer, downward))
        except OSError:
            writer.close()  # the relay is down; its client finds out as it would without a tap
        except asyncio.CancelledError:
            # Ending is no fault: asyncio would print the cancellation of a connection's task as an error.
            for each in writers:
                each.transport.abort()
        finally:
            self._tell(number, True, b"")

    def _tell(self, connection: int, upward: bool, piece: bytes) -> None:
        for watcher in self.watchers:
            watcher(connection, upward, piece)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, direction: _Direction) -> None:
    with contextlib.suppress(ConnectionError, asyncio.CancelledError):
        while piece := await reader.read(1 << 16):
            direction.take(piece)
            writer.write(piece)
            await writer.drain()
    with contextlib.suppress(ConnectionError, RuntimeError):
        writer.close()
