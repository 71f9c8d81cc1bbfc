"""Work that waits for a relay: one task for each relay, so that one that hangs holds up nobody else's mail."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Awaitable, Callable
from typing import Final, Generic, Protocol, TypeVar

from foreseal_client.errors import RelayRefusedError, RelayUnreachableError, StoreError

__all__ = ["Backoff", "RelayWorkers", "Waiting"]

_FIRST_WAIT: Final = 0.05
_LONGEST_WAIT: Final = 30.0
W = TypeVar("W")


class Backoff:
    """Waits longer after each failure, never the same twice, so that a relay that comes back is not met by everybody
    in the same second."""

    def __init__(self) -> None:
        self._next = _FIRST_WAIT

    def reset(self) -> None:
        """It worked: the next failure waits for the shortest time again."""
        self._next = _FIRST_WAIT

    async def once(self, *, at_least: float = 0.0, until: asyncio.Event | None = None) -> None:
        """Waits, for `at_least` seconds where a relay asked for that; `until` ends the wait early."""
        jitter = 0.5 + secrets.randbelow(1000) / 1000
        wait, self._next = max(at_least, self._next * jitter), min(self._next * 2, _LONGEST_WAIT)
        if until is None:
            await asyncio.sleep(wait)
            return
        until.clear()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(until.wait(), wait)


class Waiting(Protocol[W]):
    """Where work is kept until it is done."""

    def relays(self) -> set[str]:
        """The relays that something waits for."""

    def waiting(self, relay: str) -> list[W]:
        """What waits for this relay, in the order it should be done."""


class RelayWorkers(Generic[W]):
    """`work` does one thing and takes it off `waiting`; `trouble` is told what went wrong. What fails stays waiting
    and is tried again."""

    def __init__(
        self,
        group: asyncio.TaskGroup,
        waiting: Waiting[W],
        work: Callable[[W], Awaitable[None]],
        trouble: Callable[[str], None],
    ) -> None:
        self._group = group
        self._waiting = waiting
        self._work = work
        self._trouble = trouble
        self._running: dict[str, tuple[asyncio.Task[None], asyncio.Event]] = {}

    def poke(self) -> None:
        """There may be something to do: starts a task for each relay that has none, and ends waits early."""
        for relay in self._waiting.relays():
            if relay in self._running:
                self._running[relay][1].set()
            else:
                woken = asyncio.Event()
                self._running[relay] = (self._group.create_task(self._work_off(relay, woken)), woken)

    def stop(self) -> None:
        """Ends all tasks; what they had not finished still waits."""
        for task, _ in self._running.values():
            task.cancel()

    async def _work_off(self, relay: str, woken: asyncio.Event) -> None:
        backoff = Backoff()
        while items := self._waiting.waiting(relay):
            try:
                for item in items:
                    await self._work(item)
                backoff.reset()
            except (RelayUnreachableError, RelayRefusedError) as fault:
                await backoff.once(at_least=getattr(fault, "retry_after", 0), until=woken)
            except (StoreError, OSError) as fault:
                self._trouble(f"This device cannot keep what it should at the moment: {fault}. It tries again.")
                await backoff.once(until=woken)
        # No wait between seeing nothing to do and this: whoever pokes later finds no task and starts one.
        del self._running[relay]
