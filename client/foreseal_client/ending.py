"""Being asked to end by a signal: by whoever closes the terminal, or stops the machine."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable

__all__ = ["when_asked_to_end"]


def when_asked_to_end(end: Callable[[], object]) -> None:
    """Calls `end` on the running loop when SIGTERM or SIGHUP comes, in place of dying of it. Where there are no such
    signals, or this is not the main thread, nothing is asked and nothing changes."""
    with contextlib.suppress(NotImplementedError, RuntimeError, ValueError, AttributeError):
        for number in (signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, end)
