"""How long a silent peer is waited for: one timer that looks at the clock when it rings, and not one for each frame."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

__all__ = ["Patience"]


class Patience:
    """Calls `give_up` once when `waiting` has been on for `seconds` without `heard`; None waits for ever. In between,
    while what was heard is dealt with, no time passes."""

    def __init__(self, seconds: float | None, give_up: Callable[[], object]) -> None:
        self._seconds = seconds
        self._give_up = give_up
        self._loop = asyncio.get_running_loop()
        self._since: float | None = None
        self._timer: asyncio.TimerHandle | None = None

    def waiting(self) -> None:
        """From now on something should come."""
        if self._seconds is not None:
            self._since = self._loop.time()
            if self._timer is None:
                self._timer = self._loop.call_later(self._seconds, self._look)

    def heard(self) -> None:
        """Something came."""
        self._since = None

    def stop(self) -> None:
        """Nothing is waited for any more."""
        if self._timer is not None:
            self._timer.cancel()

    def _look(self) -> None:
        if self._seconds is None:
            return
        now = self._loop.time()
        due = self._seconds + (now if self._since is None else self._since)
        if due <= now:
            self._give_up()
        else:
            self._timer = self._loop.call_at(due, self._look)
