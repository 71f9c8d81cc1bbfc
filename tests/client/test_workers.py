"""Work that waits for relays: one that hangs or fails holds up nobody else, and nothing is dropped."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from foreseal_client.errors import RelayRefusedError, RelayUnreachableError, StoreError
from foreseal_client.workers import RelayWorkers

Work = Callable[[str], Awaitable[None]]


class Kept:
    """What waits, by relay."""

    def __init__(self, **waiting: list[str]) -> None:
        self.by_relay = waiting
        self.done = asyncio.Event()

    def relays(self) -> set[str]:
        return {relay for relay, items in self.by_relay.items() if items}

    def waiting(self, relay: str) -> list[str]:
        return list(self.by_relay[relay])

    def finish(self, item: str) -> None:
        for items in self.by_relay.values():
            if item in items:
                items.remove(item)
        if not self.relays():
            self.done.set()


@asynccontextmanager
async def working(kept: Kept, work: Work, told: list[str] | None = None) -> AsyncIterator[RelayWorkers[str]]:
    async with asyncio.TaskGroup() as group:
        workers = RelayWorkers(group, kept, work, (told if told is not None else []).append)
        try:
            yield workers
        finally:
            workers.stop()


async def test_a_relay_that_hangs_holds_up_nobody_else() -> None:
    kept, hanging = Kept(slow=["s1"], good=["g1", "g2"]), asyncio.Event()
    finished = asyncio.Event()

    async def work(item: str) -> None:
        if item == "s1":
            await hanging.wait()
        kept.finish(item)
        if kept.relays() == {"slow"}:
            finished.set()

    async with working(kept, work) as workers:
        workers.poke()
        await asyncio.wait_for(finished.wait(), 10)
        assert kept.by_relay == {"slow": ["s1"], "good": []}


@pytest.mark.parametrize(
    "fault", [RelayUnreachableError(), RelayRefusedError("full", 0), StoreError("full"), OSError()]
)
async def test_what_failed_is_tried_again_in_its_order(fault: Exception) -> None:
    kept, tried, told = Kept(relay=["1", "2", "3"]), [], list[str]()

    async def work(item: str) -> None:
        tried.append(item)
        if tried.count(item) < 3:
            raise fault
        kept.finish(item)

    async with working(kept, work, told) as workers:
        workers.poke()
        await asyncio.wait_for(kept.done.wait(), 20)
    assert tried == ["1"] * 3 + ["2"] * 3 + ["3"] * 3
    assert bool(told) is isinstance(fault, StoreError | OSError)


async def test_a_poke_ends_a_long_wait() -> None:
    """A relay asked for an hour; the person wrote again, so it is tried again now."""
    kept, tries, first = Kept(relay=["1"]), list[str](), asyncio.Event()

    async def work(item: str) -> None:
        tries.append(item)
        if len(tries) == 1:
            first.set()
            raise RelayRefusedError("full", 3600)
        kept.finish(item)

    async with working(kept, work) as workers:
        workers.poke()
        await asyncio.wait_for(first.wait(), 10)
        while not kept.done.is_set():
            workers.poke()
            await asyncio.sleep(0)
    assert tries == ["1", "1"]


async def test_what_comes_after_all_was_done_is_done_too() -> None:
    kept = Kept(relay=["1"])

    async def work(item: str) -> None:
        kept.finish(item)

    async with working(kept, work) as workers:
        for item in ("1", "2", "3"):
            kept.by_relay["relay"] = [item]
            kept.done.clear()
            workers.poke()
            await asyncio.wait_for(kept.done.wait(), 10)
            await asyncio.sleep(0)


async def test_a_fault_of_ours_is_not_swallowed() -> None:
    async def work(item: str) -> None:
        raise ZeroDivisionError(item)

    async def run() -> None:
        async with working(Kept(relay=["1"]), work) as workers:
            workers.poke()
            await asyncio.Event().wait()

    with pytest.raises(ExceptionGroup) as caught:
        await run()
    assert caught.group_contains(ZeroDivisionError)
