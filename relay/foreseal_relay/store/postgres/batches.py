"""Group commit for a store that answers over a connection: many callers wait for one transaction.

As with the embedded store no timer is needed: while one batch commits, the next one gathers.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from foreseal_relay.limits import BATCH_BYTES, BATCH_ROWS, QUEUE_BYTES, QUEUE_ROWS
from foreseal_relay.logs import log_fault
from foreseal_relay.store.interface import StoreBusy, StoreError, StoreRefused, StoreUncertain, told

__all__ = ["Batches"]

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class _Waiting(Generic[T, R]):
    item: T
    rows: int
    size: int
    waiter: asyncio.Future[R]


class Batches(Generic[T, R]):
    """Hands what is added to `commit`, a batch at a time, and each caller the result of its own. `commits` counts
    batches that were committed."""

    def __init__(self, commit: Callable[[Sequence[T]], Awaitable[Sequence[R]]]) -> None:
        self.commits = 0
        self._commit = commit
        self._queue: deque[_Waiting[T, R]] = deque()
        self._under_way: list[_Waiting[T, R]] = []
        self._rows = 0
        self._size = 0
        self._closing = False
        self._stirred = asyncio.Event()
        self._task = asyncio.create_task(self._run())

    async def add(self, item: T, rows: int = 1, size: int = 0) -> R:
        """Adds an item to the next batch; its result, once that is committed. Raises `StoreError`."""
        if self._closing:
            raise StoreRefused("the relay is stopping; nothing was accepted")
        if self._rows + rows > QUEUE_ROWS or self._size + size > QUEUE_BYTES:
            raise told(StoreBusy)
        waiter: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._rows += rows
        self._size += size
        self._queue.append(_Waiting(item, rows, size, waiter))
        self._stirred.set()
        return await waiter

    def close(self) -> asyncio.Task[None]:
        """Takes nothing more. What is to be waited for: it commits what is queued, then ends."""
        self._closing = True
        self._stirred.set()
        return self._task

    def give_up(self) -> None:
        """Ends without what is not committed; whoever waits for it hears that nothing is known of it."""
        self._task.cancel()
        for one in (*self._under_way, *self._queue):
            if not one.waiter.done():
                one.waiter.set_exception(told(StoreUncertain))

    async def _run(self) -> None:
        while self._queue or not self._closing:
            self._stirred.clear()
            if batch := self._gather():
                self._under_way = batch
                await self._settle(batch)
                self._under_way = []
            else:
                await self._stirred.wait()

    def _gather(self) -> list[_Waiting[T, R]]:
        batch: list[_Waiting[T, R]] = []
        rows = size = 0
        while self._queue and rows < BATCH_ROWS and size < BATCH_BYTES:
            batch.append(self._queue.popleft())
            rows += batch[-1].rows
            size += batch[-1].size
        return batch

    async def _settle(self, batch: list[_Waiting[T, R]]) -> None:
        results: Sequence[R] = ()
        fault: StoreError | None = None
        try:
            results = await self._commit([one.item for one in batch])
            self.commits += 1
        except StoreError as error:
            fault = error
        except Exception as error:  # a fault of ours: the next batch must not suffer from it
            log_fault(error)
            fault = StoreRefused(f"a batch could not be committed ({type(error).__name__}); nothing of it was accepted")
        for place, one in enumerate(batch):
            self._rows -= one.rows
            self._size -= one.size
            if one.waiter.done():
                continue
            if fault is None:
                one.waiter.set_result(results[place])
            else:
                one.waiter.set_exception(fault)
