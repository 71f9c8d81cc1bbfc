"""How long a silent peer is waited for: one timer that looks at the clock when it rings, and not one for each frame."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

__all__ = ["Patience", "Timer", "Timers"]


class Timer(Protocol):
    """Something that will ring."""

    def cancel(self) -> None:
        """It will not."""


class Timers(Protocol):
    """An event loop, as far as it has to do with time, in seconds."""

    def time(self) -> float:
        """Now."""

    def call_at(self, when: float, callback: Callable[[], object], /) -> Timer:
        """Has `callback` called then."""


class Patience:
    """Calls `give_up` once when `waiting` has been on for `seconds` without `heard`; None waits for ever. In between,
    while what was heard is dealt with, no time passes."""

    __slots__ = ("_give_up", "_seconds", "_since", "_timer", "_timers")

    def __init__(self, seconds: float | None, give_up: Callable[[], object], timers: Timers) -> None:
        self._seconds = seconds
        self._give_up = give_up
        self._timers = timers
        self._since: float | None = None
        self._timer: Timer | None = None

    def waiting(self) -> None:
        """From now on something should come."""
        if self._seconds is not None:
            self._since = self._timers.time()
            if self._timer is None:
                self._timer = self._timers.call_at(self._since + self._seconds, self._look)

    def heard(self) -> None:
        """Something came."""
        self._since = None

    def stop(self) -> None:
        """Nothing is waited for any more."""
        if self._timer is not None:
            self._timer.cancel()

    def _look(self) -> None:
        now, seconds = self._timers.time(), self._seconds or 0.0
        due = (now if self._since is None else self._since) + seconds
        if due <= now:
            self._give_up()
        else:
            self._timer = self._timers.call_at(due, self._look)
