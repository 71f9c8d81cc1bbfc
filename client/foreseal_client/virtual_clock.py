"""A clock that stands still and moves when it is told to, for client and relay together."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable

__all__ = ["VirtualClock"]


class VirtualClock:
    """Call it for seconds since 1970. Until it is set the first time it is the machine's own. Used from one thread."""

    def __init__(self, at: float | None = None) -> None:
        self._at = at
        self._moved = asyncio.Event()

    def __call__(self) -> float:
        """The time, in seconds since 1970."""
        return time.time() if self._at is None else self._at

    def set(self, at: float) -> None:
        """From now on it is this time, and stays so. Raises `ValueError` for going back: what was signed and kept by
        a later time would be of the future."""
        if self._at is not None and at < self._at:
            raise ValueError("a clock goes on and never back")
        self._at = at
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    def pause(self, seconds: float) -> Awaitable[None]:
        """Waits until so many seconds have passed on this clock: from this call on, whenever it is begun to be awaited.
        A clock that stands still is moved at any moment, also between the two."""
        return self._reaches(self() + seconds)

    async def _reaches(self, until: float) -> None:
        while (left := until - self()) > 0:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left if self._at is None else None):
                    await self._moved.wait()
