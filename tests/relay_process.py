"""A real relay in a process of its own, for tests that kill it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import ClassVar

from nursery import Child, Nursery

__all__ = ["RelayProcess"]


class RelayProcess:
    """Starts at once. `kill` is SIGKILL, `stop` a polite SIGTERM, and `restart` takes the same port and data again.
    What it printed on stderr, over all its lives, is in `log`. `module`: another one that runs a relay, and what it is
    told first; `fresh`: by a Python of its own, even where relays are forked."""

    nursery: ClassVar[Nursery | None] = None

    def __init__(
        self, data: Path, *arguments: str, module: Sequence[str] = ("foreseal_relay",), fresh: bool = False
    ) -> None:
        self.data = data
        self.url = ""
        self._module = module
        self._fresh = fresh
        self._arguments = arguments
        self._log = data.with_name(data.name + ".stderr")
        self._log.touch()
        self._start(port=0)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.url.rpartition(":")[2])

    @property
    def pid(self) -> int:
        """The process, for signals of a test's own."""
        return self._process.pid

    @property
    def log(self) -> str:
        """Everything on stderr so far."""
        return self._log.read_text()

    def kill(self) -> None:
        """Ends it without a chance to tidy up."""
        self._process.kill()
        self._reap()

    def stop(self, patience: float = 30) -> int:
        """Asks it to stop and returns its exit code. Raises `TimeoutExpired` when it takes longer than `patience`."""
        if self._process.poll() is None:
            self._process.terminate()
        return self._reap(patience)

    def restart(self) -> None:
        """Starts it again where it was."""
        self.stop()
        self._start(self.port)

    def __enter__(self) -> RelayProcess:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _start(self, port: int) -> None:
        module, *first = self._module
        command = [*first, "--port", str(port), "--data", str(self.data), *self._arguments]
        with self._log.open("ab") as log:
            if self.nursery is None or self._fresh:
                self._process: subprocess.Popen[str] | Child = subprocess.Popen(
                    [sys.executable, "-m", module, *command], stdout=subprocess.PIPE, stderr=log, text=True,
                    env=os.environ | {"PYTHONPATH": str(Path(__file__).parent)},
                )  # fmt: skip
            else:
                self._process = Child(self.nursery.forked(module, command, log))
        assert self._process.stdout is not None
        # A relay that neither starts nor ends must not hang the tests.
        watchdog = threading.Timer(30, self._process.kill)
        watchdog.start()
        line = self._process.stdout.readline()
        watchdog.cancel()
        if not line.startswith("listening on "):
            raise RuntimeError(f"the relay did not start (exit code {self._reap()}): {line}{self.log}")
        self.url = line.removeprefix("listening on ").strip()

    def _reap(self, patience: float = 30) -> int:
        code = self._process.wait(timeout=patience)
        if self._process.stdout is not None:
            self._process.stdout.close()
        return code
