"""An event loop in a thread of its own, for callers that have none."""

from __future__ import annotations

import asyncio
import importlib.util
import threading
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from typing import Any, Final, TypeVar

__all__ = ["Loop"]

T = TypeVar("T")
_LONGEST: Final = 120.0
"""Seconds after which what should have come back counts as hanging."""


def _new_loop() -> asyncio.AbstractEventLoop:
    """uvloop where it is installed, as the relay does: a third of a flow is the loop's own work."""
    if importlib.util.find_spec("uvloop") is None:
        return asyncio.new_event_loop()
    import uvloop

    return uvloop.new_event_loop()


class Loop:
    """Starts at once; `close` ends it."""

    def __init__(self) -> None:
        self._loop = _new_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="foreseal-kit", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Carries out a coroutine there and waits for its result. Raises `TimeoutError`, and what it raises."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_LONGEST)

    def call(self, function: Callable[[], T]) -> T:
        """Calls a function there, and waits."""

        async def call() -> T:
            return function()

        return self.run(call())

    def enter(self, block: AbstractAsyncContextManager[T]) -> tuple[T, Callable[[], None]]:
        """Enters a block there: its value, and what leaves it. Both happen in one task, as task groups want it."""
        entered: asyncio.Future[T] = self.call(self._loop.create_future)
        leave = self.call(asyncio.Event)

        async def stay() -> None:
            try:
                async with block as value:
                    entered.set_result(value)
                    await leave.wait()
            except BaseException as fault:
                if entered.done():
                    raise
                entered.set_exception(fault)

        async def start() -> tuple[T, asyncio.Task[None]]:
            task = asyncio.create_task(stay())
            return await entered, task

        value, task = self.run(start())

        async def finish() -> None:
            leave.set()
            await task

        return value, lambda: self.run(finish())

    def close(self) -> None:
        """Ends it."""

        async def cancel_all() -> None:
            rest = asyncio.all_tasks() - {asyncio.current_task()}
            for task in rest:
                task.cancel()
            await asyncio.gather(*rest, return_exceptions=True)
            await self._loop.shutdown_default_executor()

        self.run(cancel_all())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
