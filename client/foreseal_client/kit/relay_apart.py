"""A relay in a process of its own that a test can spoil: `python -m foreseal_client.kit.relay_apart`.

It is the relay as it is; beside it somebody listens on standard input, and answers each word there with a line.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import IO, Final

from foreseal_client.demo.relay_process import RelayProcess
from foreseal_relay.relay import Relay
from foreseal_relay.server import loop_factory
from foreseal_relay.serving import Settings, serving
from foreseal_relay.store.sqlite import SqliteStore

__all__ = ["SpoiledRelay", "may_grow"]

_MOST_PAGES: Final = 2**31
_WORDS: Final = {b"disk-full\n": False, b"disk-free\n": True}


class SpoiledRelay(RelayProcess):
    """See `RelayProcess`."""

    async def may_grow(self, may: bool) -> None:
        """Whether more fits into its store than is there now."""
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            raise RuntimeError("this relay does not run")
        process.stdin.write(next(word for word, meant in _WORDS.items() if meant is may))
        await process.stdin.drain()
        self.printed += await process.stdout.readline()

    async def _launched(self, arguments: list[str], log: IO[bytes]) -> Process:
        command = [sys.executable, "-m", __name__, *arguments]
        return await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=log)


async def may_grow(relay: Relay, may: bool) -> None:
    """Whether more fits into a relay's store than is there now; where not, SQLite says that the disk is full."""
    store = relay.mailboxes.store
    if not isinstance(store, SqliteStore):
        raise TypeError("a relay of a test keeps its store in a file")
    bound = "SELECT 1" if may else "PRAGMA incremental_vacuum"  # a page that is free would be taken before it grows
    await store.writer.write(lambda connection: connection.execute(bound).fetchall())
    await store.writer.write(
        lambda connection: connection.execute(
            f"PRAGMA max_page_count = {_MOST_PAGES if may else connection.execute('PRAGMA page_count').fetchone()[0]}"
        ).fetchall()
    )


async def _serve(settings: Settings) -> None:
    loop, words, stop = asyncio.get_running_loop(), asyncio.StreamReader(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(words), sys.stdin)
    async with serving(settings) as (url, relay):
        print(f"listening on {url}", flush=True)
        obeying = asyncio.create_task(_obey(words, relay))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait((obeying, stopping), return_when=asyncio.FIRST_COMPLETED)
        for task in (obeying, stopping):
            task.cancel()
    transport.close()


async def _obey(words: asyncio.StreamReader, relay: Relay) -> None:
    """Until standard input ends, as a pipe does when the process at its other end dies."""
    while word := await words.readline():
        if word in _WORDS:
            await may_grow(relay, _WORDS[word])
        print("done", flush=True)


def main() -> None:
    """Runs until SIGTERM, or until standard input ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--origin", required=True)
    parser.add_argument("--while-stdin", action="store_true")
    given = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(_serve(Settings(given.data, port=given.port, origin=given.origin)))


if __name__ == "__main__":
    main()
