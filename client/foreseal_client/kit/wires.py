"""How a client is spoken to: lines to it and lines from it, in this process or through the pipes of another."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
from collections.abc import AsyncIterator, Callable
from typing import Final, Protocol

from foreseal_client.kit.loop import Loop
from foreseal_client.rpc.lines import Lines, TooLong
from foreseal_client.rpc.service import Service
from foreseal_client.rpc.session import serve

__all__ = ["InProcess", "OtherProcess", "Wire"]

Heard = Callable[[bytes], None]
_PATIENCE: Final = 10.0


class Wire(Protocol):
    """`heard` is called for each line that comes, in the loop's thread."""

    def start(self, heard: Heard) -> None:
        """Begins."""

    def say(self, line: bytes) -> None:
        """Sends one line."""

    def close(self) -> None:
        """Ends the client."""


class InProcess:
    """A client of our own in this process. Its lines take the way they would take through a pipe."""

    def __init__(self, loop: Loop, make: Callable[[], Service]) -> None:
        self._loop = loop
        self._service = loop.call(make)
        self._said: asyncio.Queue[bytes] = loop.call(asyncio.Queue)
        self._serving: asyncio.Task[None] | None = None

    def start(self, heard: Heard) -> None:
        """See `Wire`."""

        async def write(line: bytes) -> None:
            heard(line)

        async def begin() -> None:
            self._serving = asyncio.create_task(serve(self._service, self._lines(), write))

        self._loop.run(begin())

    def say(self, line: bytes) -> None:
        """See `Wire`."""
        self._loop.call(lambda: self._said.put_nowait(line))

    def close(self) -> None:
        """See `Wire`."""

        async def end() -> None:
            await self._service.close()
            self._said.put_nowait(b"")
            if self._serving is not None:
                await self._serving

        self._loop.run(end())

    async def _lines(self) -> AsyncIterator[bytes | TooLong]:
        lines = Lines()
        while piece := await self._said.get():
            for line in lines.feed(piece):
                yield line


class OtherProcess:
    """A client of any make, started with a command, that speaks on its standard input and output."""

    def __init__(self, loop: Loop, command: list[str]) -> None:
        self._loop = loop
        self._command = command
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None

    def start(self, heard: Heard) -> None:
        """See `Wire`. Raises `OSError` when the command cannot be started."""

        async def begin() -> None:
            self._process = await asyncio.create_subprocess_exec(
                *self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, limit=1 << 16
            )
            self._reading = asyncio.create_task(self._read(self._process, heard))

        self._loop.run(begin())

    def say(self, line: bytes) -> None:
        """See `Wire`."""

        async def write() -> None:
            if self._process is not None and self._process.stdin is not None:
                with contextlib.suppress(ConnectionError):
                    self._process.stdin.write(line)
                    await self._process.stdin.drain()

        self._loop.run(write())

    def kill(self) -> None:
        """Ends it without a chance to tidy up."""
        if self._process is not None:
            self._loop.call(self._process.kill)
        self.close()

    def close(self) -> None:
        """See `Wire`. Ends its input, and it some seconds later."""

        async def end() -> None:
            if self._process is None or self._process.stdin is None:
                return
            self._process.stdin.close()
            try:
                async with asyncio.timeout(_PATIENCE):
                    await self._process.wait()
            except TimeoutError:
                self._process.kill()
                await self._process.wait()
            if self._reading is not None:
                await self._reading

        self._loop.run(end())

    @staticmethod
    async def _read(process: asyncio.subprocess.Process, heard: Heard) -> None:
        lines = Lines(1 << 28)
        assert process.stdout is not None  # noqa: S101 - it was asked for
        while piece := await process.stdout.read(1 << 16):
            for line in lines.feed(piece):
                if isinstance(line, bytes):
                    heard(line)
