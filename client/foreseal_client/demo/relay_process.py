"""A relay in a process of its own, which can be killed."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import IO, Final
from urllib.parse import urlsplit

__all__ = ["RelayProcess", "launched"]

_FIRST_LINE: Final = "listening on "
_PATIENCE: Final = 30.0


class RelayProcess:
    """`python -m foreseal_relay` on the loopback interface, with its data and log in `folder`. What it prints and
    logs is kept, to be searched. `arguments`: further ones."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.data = folder / "data"
        self.log = folder / "relay.log"
        self.printed = bytearray()
        self.url = ""
        self._arguments = arguments
        self._process: Process | None = None

    @property
    def address(self) -> tuple[str, int]:
        """Host and port it listens on."""
        parts = urlsplit(self.url)
        return parts.hostname or "127.0.0.1", parts.port or 0

    @property
    def pid(self) -> int:
        """The process id."""
        return 0 if self._process is None else self._process.pid

    async def start(self) -> None:
        """Starts it, first on a free port and later on the same. Raises `RuntimeError` if it does not come up."""
        self.data.mkdir(parents=True, exist_ok=True)
        arguments = ["--port", str(self.address[1]), "--data", str(self.data)]
        with self.log.open("ab") as log:
            # However this process ends, its end of the pipe closes with it, and the relay ends too.
            self._process = await self._launched([*arguments, *self._arguments, "--while-stdin"], log)
        out = self._process.stdout
        line = b"" if out is None else await asyncio.wait_for(out.readline(), _PATIENCE)
        self.printed += line
        if not line.decode().startswith(_FIRST_LINE):
            raise RuntimeError(f"The relay did not start: {self.log.read_text().strip() or line!r}")
        self.url = line.decode().removeprefix(_FIRST_LINE).strip()

    async def kill(self) -> None:
        """kill -9: no chance to write anything more."""
        if self._process is not None:
            self._process.kill()
            await self._end()

    async def stop(self) -> None:
        """Asks it to end, and waits."""
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()
            await self._end()

    async def _launched(self, arguments: list[str], log: IO[bytes]) -> Process:
        return await launched(arguments, log)

    async def _end(self) -> None:
        if self._process is not None:
            rest, _ = await self._process.communicate()
            self.printed += rest

    def saw(self) -> dict[str, bytes]:
        """Everything it stored, logged and printed, by name."""
        stored = {
            f"stored: {path.relative_to(self.data).as_posix()}": path.read_bytes()
            for path in sorted(self.data.rglob("*"))
            if path.is_file()
        }
        return stored | {"logged": self.log.read_bytes(), "printed": bytes(self.printed)}


async def launched(arguments: list[str], log: IO[bytes]) -> Process:
    """A relay with these arguments and standard input and output in pipes, its standard error in `log`."""
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "foreseal_relay", *arguments, stdin=PIPE, stdout=PIPE, stderr=log
    )
