"""A screen in a process of its own, drawn into a pipe: what one window of the browser shows.

What goes through the pipes is what Textual's web driver speaks (`textual.drivers.web_driver`): a letter for the kind of
packet, `D` for what is typed or drawn and `M` for JSON about the screen, then four bytes of length, big-endian, then
the packet. When its input ends the program takes its stage down and ends: that is how it is asked to, and what happens
when this process is killed.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from typing import Final, Self

__all__ = ["Screen"]

_PRELUDE: Final = b"__GANGLION__\n"
_HEADER: Final = 5
_PATIENCE: Final = 15.0
"""Seconds in which a program that was asked to end may take its stage down; then it is killed."""


class Screen:
    """One program that draws. Made by `start`; whoever starts it calls `end`."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, command: Sequence[str], width: int, height: int) -> Self:
        """Starts the program on a screen of this many columns and rows. What it says on standard error goes where ours
        goes. Raises `OSError`."""
        screen = {
            "COLUMNS": str(width), "ROWS": str(height), "TERM_PROGRAM": "textual", "TEXTUAL_COLOR_SYSTEM": "truecolor",
        }  # fmt: skip
        # A session of its own: ctrl+c in the terminal is for the server, which ends its screens one after the other.
        started = await asyncio.create_subprocess_exec(
            *command, stdin=PIPE, stdout=PIPE, env=os.environ | screen, start_new_session=True
        )
        return cls(started)

    async def type(self, text: str) -> None:
        """Hands over what was typed, as a terminal would."""
        await self._send(b"D", text.encode(errors="replace"))

    async def resize(self, width: int, height: int) -> None:
        """Says how large the screen is now, in columns and rows."""
        await self._send(b"M", json.dumps({"type": "resize", "width": width, "height": height}).encode())

    async def drawn(self) -> AsyncIterator[bytes]:
        """What is to be drawn, piece by piece, until the program ends. What it says beside that is left out: files to
        hand over and pages to open, of which the demo has none."""
        out = self._process.stdout
        if out is None:
            return
        with contextlib.suppress(asyncio.IncompleteReadError):
            await out.readuntil(_PRELUDE)
            while True:
                header = await out.readexactly(_HEADER)
                piece = await out.readexactly(int.from_bytes(header[1:], "big"))
                if header[:1] == b"D":
                    yield piece

    async def end(self) -> None:
        """Asks the program to end, waits until it has, and kills it when it does not."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            # To its end, whatever is still drawn: a program that cannot write does not end.
            await asyncio.wait_for(self._process.communicate(), _PATIENCE)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()

    async def _send(self, kind: bytes, packet: bytes) -> None:
        pipe = self._process.stdin
        if pipe is None or pipe.is_closing():
            return
        with contextlib.suppress(ConnectionError):
            pipe.write(kind + len(packet).to_bytes(4, "big") + packet)
            await pipe.drain()
