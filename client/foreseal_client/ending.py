"""Being asked to end by a signal: by whoever closes the terminal, or stops the machine."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable

__all__ = ["when_asked_to_end"]


def when_asked_to_end(end: Callable[[], object]) -> None:
    """Calls `end` on the running loop when SIGTERM or SIGHUP comes, in place of dying of it. Where there are no such
    signals, or this is not the main thread, nothing is asked and nothing changes.

    Where SIGHUP came because the terminal is gone, what is still written goes nowhere.
    """
    with contextlib.suppress(NotImplementedError, RuntimeError, ValueError, AttributeError):
        for number in (signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, end)
        _write_into_no_terminal_that_is_gone()


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
