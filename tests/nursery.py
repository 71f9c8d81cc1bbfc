"""Relays in processes of their own that start at once: forked from one that has imported everything already.

Starting Python and importing a relay takes half a second of CPU, and the tests start some two hundred. What is forked
is a process like any other: with its own memory, files and sockets, killed with -9 and ended by the end of its pipe.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import runpy
import select
import signal
import socket
import struct
import subprocess
import sys
from pathlib import Path
from typing import IO, Final, NamedTuple

__all__ = ["Child", "Forked", "Nursed", "Nursery"]

_MAX_REQUEST: Final = 65536
_STATUS: Final = struct.Struct("<i")


class Pipe(NamedTuple):
    """What can be read from it, and what to close."""

    reader: asyncio.StreamReader
    transport: asyncio.ReadTransport


class Forked(NamedTuple):
    """A relay that was forked: our ends of its standard input and output, and of the pipe that tells how it ended."""

    pid: int
    stdin: int
    stdout: int
    status: int


class Child:
    """A relay that was forked, with what a test asks of a `subprocess.Popen`."""

    def __init__(self, forked: Forked) -> None:
        self.pid = forked.pid
        self.stdout = os.fdopen(forked.stdout, encoding="utf-8")
        self._stdin, self._status = forked.stdin, forked.status
        self._returncode: int | None = None

    def kill(self) -> None:
        """SIGKILL."""
        self._signal(signal.SIGKILL)

    def terminate(self) -> None:
        """SIGTERM."""
        self._signal(signal.SIGTERM)

    def poll(self) -> int | None:
        """The exit code, or None while it runs."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self._returncode

    def wait(self, timeout: float) -> int:
        """The exit code. Raises `TimeoutExpired` when it takes longer."""
        if self._returncode is None:
            if not select.select([self._status], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("a forked relay", timeout)
            (self._returncode,) = _STATUS.unpack(os.read(self._status, _STATUS.size))
            os.close(self._status)
            os.close(self._stdin)
        return self._returncode

    def _signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):  # it has ended since, as relays do that die at a named point
                os.kill(self.pid, number)


class Nursed:
    """A relay that was forked, with what `demo.relay_process` asks of an `asyncio.subprocess.Process`."""

    def __init__(self, pid: int, stdin: int, stdout: Pipe, status: Pipe) -> None:
        self.pid = pid
        self.stdout: asyncio.StreamReader | None = stdout.reader
        self.returncode: int | None = None
        self._stdin = stdin
        self._pipes = (stdout, status)

    def kill(self) -> None:
        """SIGKILL. Raises `ProcessLookupError` when it has ended, as asyncio's does."""
        os.kill(self.pid, signal.SIGKILL)

    def terminate(self) -> None:
        """SIGTERM. Raises as `kill` does."""
        os.kill(self.pid, signal.SIGTERM)

    async def communicate(self) -> tuple[bytes, bytes]:
        """Closes its standard input, and returns what it printed until it ended."""
        if self._stdin >= 0:
            os.close(self._stdin)
            self._stdin = -1
        stdout, status = self._pipes
        printed = await stdout.reader.read()
        (self.returncode,) = _STATUS.unpack(await status.reader.readexactly(_STATUS.size))
        for pipe in self._pipes:
            pipe.transport.close()
        return printed, b""

    def __del__(self) -> None:
        if self._stdin >= 0:
            os.close(self._stdin)


class Nursery:
    """The process that forks, begun when the first relay is wanted."""

    def __init__(self) -> None:
        self._ours: socket.socket | None = None

    async def launched(self, arguments: list[str], log: IO[bytes]) -> Nursed:
        """A relay with these arguments, its standard error in `log`."""
        forked = self.forked("foreseal_relay", arguments, log)
        return Nursed(forked.pid, forked.stdin, await _pipe(forked.stdout), await _pipe(forked.status))

    def forked(self, module: str, arguments: list[str], log: IO[bytes]) -> Forked:
        """As `python -m module` with these arguments."""
        stdin, stdout, status = os.pipe(), os.pipe(), os.pipe()
        theirs = [stdin[0], stdout[1], log.fileno(), status[1]]
        nursery = self._begun()
        socket.send_fds(nursery, [json.dumps([module, *arguments]).encode()], theirs)
        (pid,) = _STATUS.unpack(nursery.recv(_STATUS.size))
        for fd in (stdin[0], stdout[1], status[1]):
            os.close(fd)
        return Forked(pid, stdin[1], stdout[0], status[0])

    def close(self) -> None:
        """Ends the nursery, and with it the relays that are left."""
        if self._ours is not None:
            self._ours.close()

    def _begun(self) -> socket.socket:
        if self._ours is None:
            self._ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            here = str(Path(__file__).parent)
            program = f"import sys; sys.path.insert(0, {here!r}); import nursery; nursery.keep({theirs.fileno()})"
            os.posix_spawn(
                sys.executable, [sys.executable, "-c", program], dict(os.environ),
                file_actions=[(os.POSIX_SPAWN_DUP2, theirs.fileno(), theirs.fileno())],
            )  # fmt: skip
            theirs.close()
        return self._ours


async def _pipe(fd: int) -> Pipe:
    reader = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(fd, "rb", buffering=0)
    )
    return Pipe(reader, transport)


def keep(fd: int) -> None:
    """The nursery itself: forks a relay for each request, and tells how each one ended."""
    import foreseal_relay.server  # noqa: F401 (so that what is forked need not)

    requests = socket.socket(fileno=fd)
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    told: dict[int, int] = {}
    while True:
        ready, _, _ = select.select([fd, woken], [], [])
        if woken in ready:
            os.read(woken, 4096)
            _tell_ends(told)
        if fd in ready:
            request, fds, _, _ = socket.recv_fds(requests, _MAX_REQUEST, 4)
            if not request:
                return  # relays end by themselves: their pipes close with the tests
            stdin, stdout, stderr, status = fds
            pid = os.fork()
            if pid == 0:
                _become_a_relay(json.loads(request), stdin, stdout, stderr, [requests.fileno(), woken, wake, status])
            for each in (stdin, stdout, stderr):
                os.close(each)
            told[pid] = status
            requests.send(_STATUS.pack(pid))


def _tell_ends(told: dict[int, int]) -> None:
    with contextlib.suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            status = told.pop(ended[0])
            os.write(status, _STATUS.pack(os.waitstatus_to_exitcode(ended[1])))
            os.close(status)


def _become_a_relay(command: list[str], stdin: int, stdout: int, stderr: int, not_ours: list[int]) -> None:
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # which whoever runs the tests under `nohup` has ignored
    for number, fd in enumerate((stdin, stdout, stderr)):
        os.dup2(fd, number)
    for fd in (stdin, stdout, stderr, *not_ours):
        os.close(fd)
    module, *sys.argv[1:] = command
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:  # whatever it is, this process must not go on as the nursery
        sys.excepthook(*sys.exc_info())
        code = 1
    with contextlib.suppress(OSError):
        sys.stdout.flush()
    os._exit(code)
