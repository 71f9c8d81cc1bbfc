"""The headless client over standard input and output, and over a Unix socket."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Final

from foreseal_client.rpc.codes import Code, RpcError
from foreseal_client.rpc.lines import Lines, TooLong
from foreseal_client.rpc.service import Service
from foreseal_client.rpc.session import serve

__all__ = ["serve_socket", "serve_stdio"]

_PIECE: Final = 1 << 16

Read = Callable[[], Awaitable[bytes]]


async def serve_stdio(service: Service) -> None:
    """Until standard input ends, or `shutdown`. Nothing but lines of JSON goes to standard output."""
    pieces: asyncio.Queue[bytes] = asyncio.Queue(4)
    loop, out = asyncio.get_running_loop(), sys.stdout.fileno()

    def listen() -> None:
        # In a thread of its own, because a loop can watch neither a file nor, on Windows, a pipe; and one that the
        # interpreter does not wait for, because nobody can end a read.
        with contextlib.suppress(OSError, RuntimeError):
            while True:
                piece = os.read(sys.stdin.fileno(), _PIECE)
                asyncio.run_coroutine_threadsafe(pieces.put(piece), loop).result()
                if not piece:
                    return

    def write_all(line: bytes) -> None:
        rest = memoryview(line)
        while rest:
            rest = rest[os.write(out, rest) :]

    threading.Thread(target=listen, name="foreseal-stdin", daemon=True).start()
    await serve(service, _lines(pieces.get, service.over), lambda line: asyncio.to_thread(write_all, line))


async def serve_socket(service: Service, path: Path) -> None:
    """Until `shutdown`, any number of connections at a time. The socket is this user's alone. Raises `RpcError` when
    another program listens there, or it cannot be made."""
    _make_room(path)
    connections: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            connections.add(task)
            task.add_done_callback(connections.discard)

        async def write(line: bytes) -> None:
            writer.write(line)
            await writer.drain()

        try:
            await serve(service, _lines(lambda: reader.read(_PIECE), service.over), write)
        finally:
            with contextlib.suppress(OSError):
                writer.close()
                await writer.wait_closed()

    before = os.umask(0o177)
    try:
        server = await asyncio.start_unix_server(connected, path)
    except OSError as fault:  # whose words do not say where
        raise RpcError(
            Code.UNREADABLE, f"The socket {path} cannot be made: {fault.strerror or fault}. Name another place."
        ) from fault
    finally:
        os.umask(before)
    try:
        await service.over.wait()
    finally:
        service.over.set()  # where ^C brought it here nobody else tells the connections
        server.close()
        await asyncio.gather(*connections, return_exceptions=True)
        path.unlink(missing_ok=True)


def _make_room(path: Path) -> None:
    """Removes a socket that nobody listens on any more."""
    if not path.is_socket():
        return
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            path.unlink(missing_ok=True)
            return
    raise RpcError(Code.IN_USE, f"Another program listens on {path}.")


async def _lines(read: Read, over: asyncio.Event) -> AsyncIterator[bytes | TooLong]:
    """The lines of what is read, until it ends or `over` is set."""
    lines = Lines()
    ending = asyncio.create_task(over.wait())
    try:
        while not over.is_set():
            reading = asyncio.ensure_future(read())
            await asyncio.wait({reading, ending}, return_when=asyncio.FIRST_COMPLETED)
            if not reading.done():
                reading.cancel()
                return
            piece = b"" if reading.exception() is not None else reading.result()
            for line in lines.feed(piece) if piece else lines.end():
                yield line
            if not piece:
                return
    finally:
        ending.cancel()
