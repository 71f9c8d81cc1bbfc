"""Work that waits for a relay: one task for each relay, and within it nobody waits behind somebody whose mail is
refused."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Awaitable, Callable
from typing import Final, Generic, Protocol, TypeVar

from foreseal_client.errors import RelayRefusedError, RelayUnreachableError, StoreError
from foreseal_client.spacing import Gap, at_once

__all__ = ["Backoff", "RelayWorkers", "Waiting"]

_FIRST_WAIT: Final = 0.05
_LONGEST_WAIT: Final = 30.0
_AFTER_REFUSAL: Final = 0.5
"""Seconds, about, that one person's mail waits first when it was refused, or could not be kept, beside what the relay
asked for."""


class _Work(Protocol):
    @property
    def identity(self) -> bytes: ...


W = TypeVar("W", bound=_Work)


class Backoff:
    """Waits longer after each failure, never the same twice, so that a relay that comes back is not met by everybody
    in the same second. `first`: seconds, about, after the first one."""

    def __init__(self, first: float = _FIRST_WAIT) -> None:
        self._first = self._next = first

    def reset(self) -> None:
        """It worked: the next failure waits for the shortest time again."""
        self._next = self._first

    def drawn(self) -> float:
        """How many seconds to wait after one more failure."""
        jitter = 0.5 + secrets.randbelow(1000) / 1000
        wait, self._next = self._next * jitter, min(self._next * 2, _LONGEST_WAIT)
        return wait

    async def once(self) -> None:
        """Waits."""
        await asyncio.sleep(self.drawn())


class _Held:
    """One person's mail, which a relay refused or this device could not keep. `until`: loop time."""

    def __init__(self) -> None:
        self._backoff = Backoff(_AFTER_REFUSAL)
        self.until = 0.0

    def again(self, now: float, asked: float = 0.0) -> None:
        """Once more: for as long as was asked for, and a little longer each time."""
        self.until = now + asked + self._backoff.drawn()


class Waiting(Protocol[W]):
    """Where work is kept until it is done."""

    def relays(self) -> set[str]:
        """The relays that something waits for."""

    def waiting(self, relay: str) -> list[W]:
        """What waits for this relay, in the order it should be done."""


class RelayWorkers(Generic[W]):
    """`work` does one thing and takes it off `waiting`; `trouble` is told what went wrong. What fails stays waiting
    and is tried again: when the relay cannot be reached, all of it; when the relay refuses, what concerns that one
    person, after the time it asked for. `gap`: the pause between what concerns two different people."""

    def __init__(
        self,
        group: asyncio.TaskGroup,
        waiting: Waiting[W],
        work: Callable[[W], Awaitable[None]],
        trouble: Callable[[str], None],
        gap: Gap = at_once,
    ) -> None:
        self._group = group
        self._waiting = waiting
        self._work = work
        self._trouble = trouble
        self._gap = gap
        self._running: dict[str, tuple[asyncio.Task[None], asyncio.Event]] = {}
        self._stopped = False

    def poke(self) -> None:
        """There may be something to do: starts a task for each relay that has none, and ends waits early."""
        if self._stopped:
            return
        for relay in self._waiting.relays():
            if relay in self._running:
                self._running[relay][1].set()
            else:
                woken = asyncio.Event()
                self._running[relay] = (self._group.create_task(self._work_off(relay, woken)), woken)

    def stop(self) -> None:
        """Ends all tasks for good; what they had not finished still waits."""
        self._stopped = True
        for task, _ in self._running.values():
            task.cancel()

    async def _work_off(self, relay: str, woken: asyncio.Event) -> None:
        # Asked each time: a pass takes as long as its pauses and its uploads.
        clock = asyncio.get_running_loop().time
        backoff, held = Backoff(), dict[bytes, _Held]()
        while items := self._waiting.waiting(relay):
            woken.clear()  # before the pass: what is poked during it is not forgotten
            try:
                done = await self._pass(items, held, clock)
            except RelayUnreachableError:
                await _woken(woken, clock() + backoff.drawn())
                continue
            backoff.reset()
            if not done:  # so that each of them is held
                await _woken(woken, min(held[item.identity].until for item in items))
        # No wait between seeing nothing to do and this: whoever pokes later finds no task and starts one.
        del self._running[relay]

    async def _pass(self, items: list[W], held: dict[bytes, _Held], clock: Callable[[], float]) -> bool:
        """Tries each once, in order; whether anything was done. `held`: by person. Raises `RelayUnreachableError`."""
        done = False
        people, last = len({item.identity for item in items}), b""
        for item in items:
            if item.identity in held and held[item.identity].until > clock():
                continue
            if last not in (b"", item.identity):
                await asyncio.sleep(self._gap(people))
            last = item.identity
            try:
                await self._work(item)
                done = True
                held.pop(item.identity, None)
            except RelayRefusedError as fault:
                # Later mail to the same person waits too, so that it arrives in the order written.
                held.setdefault(item.identity, _Held()).again(clock(), fault.retry_after)
            except (StoreError, OSError) as fault:
                self._trouble(f"This device cannot keep what it should at the moment: {fault} It tries again.")
                held.setdefault(item.identity, _Held()).again(clock())
        return done


async def _woken(event: asyncio.Event, until: float) -> None:
    """Waits until that loop time, or until the event is set: not at all where it is already."""
    # Not wait_for: in Python 3.11 it forgets a cancellation that comes together with the event.
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout_at(until):
            await event.wait()
