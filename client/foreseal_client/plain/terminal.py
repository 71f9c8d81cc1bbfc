"""`--plain` on the streams of this process."""

from __future__ import annotations

import asyncio
import getpass
import signal
import sys
import threading

from foreseal_client.chat.opening import Opening
from foreseal_client.chat.running import running
from foreseal_client.ending import when_asked_to_end
from foreseal_client.plain.line_face import LineFace

__all__ = ["run_plain"]

MAX_LINE = 1 << 20
"""Longest line that is read, in characters; what is longer is cut into several."""


def run_plain(opening: Opening) -> None:
    """Runs the chat in lines, until its input ends. Raises what opening a profile raises."""
    asyncio.run(_run(opening))


async def _run(opening: Opening) -> None:
    loop, lines = asyncio.get_running_loop(), asyncio.Queue[str | None]()
    face = LineFace(_write, lines, getpass.getpass if sys.stdin.isatty() else None)

    def read() -> None:
        # A thread of its own that nobody waits for: a read from a terminal cannot be ended.
        for line in iter(lambda: sys.stdin.readline(MAX_LINE), ""):
            loop.call_soon_threadsafe(lines.put_nowait, line.rstrip("\r\n"))
        loop.call_soon_threadsafe(lines.put_nowait, None)

    async with running(opening, lambda: face) as desk:

        def interrupt() -> None:
            if desk.cancel():
                return
            end()

        def end() -> None:
            face.quit()
            lines.put_nowait(None)

        loop.add_signal_handler(signal.SIGINT, interrupt)
        when_asked_to_end(end)
        threading.Thread(target=read, daemon=True).start()
        await face.run(desk)


def _write(line: str) -> None:
    encoding = sys.stdout.encoding or "ascii"
    # A terminal that lacks a sign gets it escaped.
    sys.stdout.write(line.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    sys.stdout.flush()
