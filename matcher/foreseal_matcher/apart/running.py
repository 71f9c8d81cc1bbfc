"""Starting a process apart, handing it bytes and hearing what it says, until it ends or its time is up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import IO, Final, cast

from foreseal_matcher.apart.messages import Message, Nonsense, read_messages

__all__ = ["BrokeDown", "NotRun", "OutOfTime", "said_apart"]

_PASSED_ON: Final = ("LD_LIBRARY_PATH", "SYSTEMROOT")
"""What a process needs of the environment to start at all; the rest is no business of a decoder's."""


class OutOfTime(Exception):
    """The process used up the time that it was given."""


class BrokeDown(Exception):
    """The process was ended by a signal, or said what makes no sense: what it was given broke it. The message tells
    how."""


class NotRun(Exception):
    """The process could not be started, or ended by itself without being done: something is missing on this machine.
    The message tells how."""


def said_apart(program: str, arguments: Sequence[str], given: bytes, wall: float) -> Generator[Message, None, None]:
    """What the module `program` says when it is run with `arguments` in a process of its own and reads `given`, message
    by message as they come. After `wall` seconds the process is killed; it is too when the caller asks for no more.
    Raises `OutOfTime`, `BrokeDown` and `NotRun`; messages that came before that were given out."""
    with _started(program, arguments) as process, _deadline(process, wall) as late:
        to, said_by = cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout)
        # Who reads nothing any more may have said why.
        with suppress(BrokenPipeError):
            to.write(given)
            to.close()
        try:
            yield from read_messages(said_by)
        except Nonsense as error:
            if late.is_set():
                raise OutOfTime from error
            raise BrokeDown(str(error)) from error
        ended = process.wait()
        if late.is_set() or ended == -getattr(signal, "SIGXCPU", 0x7FFF):
            raise OutOfTime
        if ended < 0:
            raise BrokeDown(f"signal {-ended}")
        if ended:
            raise NotRun(f"exit code {ended}")


@contextmanager
def _started(program: str, arguments: Sequence[str]) -> Iterator[subprocess.Popen[bytes]]:
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    # The same packages as here, wherever they lie; nothing from the folder that happens to be the current one.
    environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    try:
        process = subprocess.Popen(
            [sys.executable, "-P", "-s", "-m", program, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            # Ctrl+C on a terminal is meant for who started this, who then ends it.
            start_new_session=True,
        )
    except OSError as error:
        raise NotRun(error.strerror or str(error)) from error
    try:
        yield process
    finally:
        process.kill()
        for pipe in (process.stdin, process.stdout):
            _close(pipe)
        process.wait()


@contextmanager
def _deadline(process: subprocess.Popen[bytes], wall: float) -> Iterator[threading.Event]:
    """An event that is set once the process was killed for being late."""
    late = threading.Event()

    def end() -> None:
        late.set()
        process.kill()

    timer = threading.Timer(wall, end)
    timer.daemon = True
    timer.start()
    try:
        yield late
    finally:
        timer.cancel()


def _close(pipe: IO[bytes] | None) -> None:
    if pipe is not None:
        with suppress(OSError):
            pipe.close()
