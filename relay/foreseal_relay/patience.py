"""How long a peer is waited for: with timers that look at the clock when they ring, and not one for each frame, or for
each of many who wait equally long."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final, Generic, Protocol, TypeVar

__all__ = ["ENDLESS", "Deadlines", "Endless", "Patience", "Timer", "Timers"]

_W = TypeVar("_W")


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
    """Calls `give_up` once when `waiting` has been on for `seconds` without `heard`. In between, while what was heard
    is dealt with, no time passes."""

    __slots__ = ("_give_up", "_seconds", "_since", "_timer", "_timers")

    def __init__(self, seconds: float, give_up: Callable[[], object], timers: Timers) -> None:
        self._seconds = seconds
        self._give_up = give_up
        self._timers = timers
        self._since: float | None = None
        self._timer: Timer | None = None

    def waiting(self) -> None:
        """From now on something should come."""
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
        now = self._timers.time()
        due = (now if self._since is None else self._since) + self._seconds
        if due <= now:
            self._give_up()
        else:
            self._timer = self._timers.call_at(due, self._look)


class Endless:
    """Patience that no silence ends. One does for everybody."""

    def waiting(self) -> None:
        """For ever."""

    def heard(self) -> None:
        """Good."""

    def stop(self) -> None:
        """As before."""


ENDLESS: Final = Endless()


class Deadlines(Generic[_W]):
    """Calls `due` with whoever was not `met` within `seconds` after `expect`; where it answers True, their time begins
    anew. All wait equally long and so are due in the order in which they came: one timer does for them, which of a
    loop's own is half a kilobyte each."""

    __slots__ = ("_due", "_timer", "_until", "seconds")

    def __init__(self, seconds: float, due: Callable[[_W], bool]) -> None:
        self.seconds = seconds
        self._due = due
        self._until: dict[_W, float] = {}
        self._timer: Timer | None = None

    def expect(self, who: _W, timers: Timers) -> None:
        """Their time begins."""
        self._until[who] = when = timers.time() + self.seconds
        if self._timer is None:
            self._timer = timers.call_at(when, partial(self._look, timers))

    def met(self, who: _W) -> None:
        """Nothing more is asked of them."""
        self._until.pop(who, None)

    def _look(self, timers: Timers) -> None:
        now = timers.time()
        while self._until:
            who, when = next(iter(self._until.items()))
            if when > now:
                self._timer = timers.call_at(when, partial(self._look, timers))
                return
            del self._until[who]
            if self._due(who):
                self._until[who] = now + self.seconds
        self._timer = None
