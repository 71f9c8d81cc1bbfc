"""Being asked to end by a signal: by whoever closes the terminal, or stops the machine."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Iterator

__all__ = ["as_if_interrupted", "when_asked_to_end"]


def when_asked_to_end(end: Callable[[], object]) -> None:
    """Calls `end` on the running loop when SIGTERM or SIGHUP comes, in place of dying of it. Where there are no such
    signals, or this is not the main thread, nothing is asked and nothing changes; nor where `nohup` has SIGHUP ignored.

    Where SIGHUP came because the terminal is gone, what is still written goes nowhere.
    """
    with contextlib.suppress(NotImplementedError, RuntimeError, ValueError, AttributeError):
        for number in _asking():
            asyncio.get_running_loop().add_signal_handler(number, end)
            if number == signal.SIGHUP:
                _write_into_no_terminal_that_is_gone()


@contextlib.contextmanager
def as_if_interrupted() -> Iterator[None]:
    """Within it the same signals raise `KeyboardInterrupt`, as ctrl+c does: for the main thread of work without a
    loop. The first one alone, whichever it is: a second one would break into the tidying up after it, and leave
    processes that wait for each other."""
    interrupted = False

    def interrupt(*_: object) -> None:
        nonlocal interrupted
        if not interrupted:
            interrupted = True
            raise KeyboardInterrupt

    asking = [*_asking()]
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        asking.append(signal.SIGINT)
    before = {number: signal.signal(number, interrupt) for number in asking}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _asking() -> Iterator[signal.Signals]:
    yield signal.SIGTERM
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        yield signal.SIGHUP


def _write_into_no_terminal_that_is_gone() -> None:
    """Textual's thread that writes would die of the first error, and whoever waits for it then would wait for ever, the
    profile locked. With SIGHUP the system sends SIGCONT, in case somebody was stopped, and Textual would begin the
    screen anew."""
    screens = [fd for fd in (1, 2) if os.isatty(fd)]

    def hung_up(*_: object) -> None:
        gone = [fd for fd in screens if not os.isatty(fd)]  # `kill -HUP` leaves it, and it is to be tidied up
        if gone:
            signal.signal(signal.SIGCONT, lambda *_: None)
            nowhere = os.open(os.devnull, os.O_WRONLY)
            for fd in gone:
                os.dup2(nowhere, fd)
            os.close(nowhere)

    # Beside the loop's own handler, which its byte in the loop's pipe calls: this one runs before that of SIGCONT.
    signal.signal(signal.SIGHUP, hung_up)
