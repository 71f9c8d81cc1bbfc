"""Running a relay as a program: until it is told to stop, and with one sentence for what cannot work."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import importlib.util
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Final

from foreseal_relay.home import HomeError
from foreseal_relay.limits import THREAD_TURN, YOUNG_OBJECTS
from foreseal_relay.logs import log, log_to_stderr
from foreseal_relay.metering import MeterError
from foreseal_relay.serving import AddressError, Settings, serving
from foreseal_relay.store.interface import StoreError

__all__ = ["EXIT_UNUSABLE", "Settings", "loop_factory", "run", "stopping"]

EXIT_UNUSABLE: Final = 2


def run(settings: Settings, *, while_stdin: bool = False) -> int:
    """Runs a relay until SIGTERM or SIGINT and returns the exit code; `while_stdin`: until standard input ends, too.
    The first line on stdout is `listening on URL`. What cannot work is one sentence on stderr and exit code 2."""
    log_to_stderr(as_json=settings.log_json)
    try:
        with _few_interruptions(), asyncio.Runner(loop_factory=loop_factory()) as runner:
            runner.run(_serve(settings, while_stdin))
    except (AddressError, HomeError, MeterError, StoreError) as error:
        print(f"foreseal relay: {error}", file=sys.stderr)
        return EXIT_UNUSABLE
    except KeyboardInterrupt:  # where the loop cannot handle signals (Windows)
        log.info("stopped")
    return 0


def stopping() -> Iterator[signal.Signals]:
    """The signals that ask it to stop. SIGHUP as well, of a window that is closed, unless who started it had it ignored
    (`nohup`)."""
    yield from (signal.SIGTERM, signal.SIGINT)
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        yield signal.SIGHUP


async def _serve(settings: Settings, while_stdin: bool) -> None:
    stop = asyncio.Event()

    def stop_with_stdin() -> None:
        log.info("standard input has ended")
        stop.set()

    if while_stdin:
        _when_stdin_ends(stop_with_stdin)
    with contextlib.suppress(NotImplementedError):
        for number in stopping():
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with serving(settings) as (url, _):
        print(f"listening on {url}", flush=True)
        log.info("started")
        await stop.wait()
        log.info("stopping: answering what is under way")
    log.info("stopped")


@contextlib.contextmanager
def _few_interruptions() -> Iterator[None]:
    """What has been loaded stays and is not looked through again for garbage, and what is new not after every few
    hundred objects: a batch of envelopes alone is thousands, and none of them is garbage. And the writer's thread, when
    a statement of SQLite's is done, waits shorter for the thread that reads sockets."""
    before, turn = gc.get_threshold(), sys.getswitchinterval()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, *before[1:])
    sys.setswitchinterval(THREAD_TURN / 1e6)
    try:
        yield
    finally:
        sys.setswitchinterval(turn)
        gc.set_threshold(*before)
        gc.unfreeze()


def _when_stdin_ends(tell: Callable[[], None]) -> None:
    """Has the running loop call `tell` once standard input has ended, as a pipe does when the process at its other
    end dies, however it dies. What comes before is thrown away."""
    loop = asyncio.get_running_loop()

    def listen() -> None:
        # Read past Python's own buffer, whose lock a thread that still waits would hold when the program ends; and in
        # a thread, because a loop can watch neither a file nor, on Windows, a pipe.
        with contextlib.suppress(OSError):
            while sys.stdin is not None and os.read(sys.stdin.fileno(), 4096):
                pass
        with contextlib.suppress(RuntimeError):  # the loop has stopped for another reason
            loop.call_soon_threadsafe(tell)

    threading.Thread(target=listen, name="foreseal-stdin", daemon=True).start()


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop where it is installed, the standard loop elsewhere."""
    if importlib.util.find_spec("uvloop") is None:
        return None
    import uvloop

    return uvloop.new_event_loop
