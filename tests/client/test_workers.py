"""Work that waits for relays: one that hangs or fails holds up nobody else, and nothing is dropped."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from foreseal_client import workers as workers_module
from foreseal_client.errors import RelayRefusedError, RelayUnreachableError, StoreError
from foreseal_client.spacing import LONGEST_GAP, SPREAD, Gap, at_once, spread
from foreseal_client.workers import RelayWorkers


class Item(str):
    """Work that is for whom its first letter says."""

    @property
    def identity(self) -> bytes:
        return self[:1].encode()


Work = Callable[[Item], Awaitable[None]]


class Kept:
    """What waits, by relay."""

    def __init__(self, **waiting: list[str]) -> None:
        self.by_relay = {relay: [Item(item) for item in items] for relay, items in waiting.items()}
        self.done = asyncio.Event()

    def relays(self) -> set[str]:
        return {relay for relay, items in self.by_relay.items() if items}

    def waiting(self, relay: str) -> list[Item]:
        return list(self.by_relay[relay])

    def finish(self, item: Item) -> None:
        for items in self.by_relay.values():
            if item in items:
                items.remove(item)
        if not self.relays():
            self.done.set()


@asynccontextmanager
async def working(
    kept: Kept, work: Work, told: list[str] | None = None, gap: Gap = at_once
) -> AsyncIterator[RelayWorkers[Item]]:
    async with asyncio.TaskGroup() as group:
        workers = RelayWorkers(group, kept, work, (told if told is not None else []).append, gap)
        try:
            yield workers
        finally:
            workers.stop()


async def test_a_relay_that_hangs_holds_up_nobody_else() -> None:
    kept, hanging = Kept(slow=["s1"], good=["g1", "g2"]), asyncio.Event()
    finished = asyncio.Event()

    async def work(item: Item) -> None:
        if item == "s1":
            await hanging.wait()
        kept.finish(item)
        if kept.relays() == {"slow"}:
            finished.set()

    async with working(kept, work) as workers:
        workers.poke()
        await asyncio.wait_for(finished.wait(), 10)
        assert kept.by_relay == {"slow": ["s1"], "good": []}


@pytest.mark.parametrize("fault", [RelayUnreachableError(), RelayRefusedError("full"), StoreError("full"), OSError()])
async def test_what_failed_is_tried_again_and_ones_own_mail_stays_in_order(fault: Exception) -> None:
    kept, tried, told = Kept(relay=["a1", "a2", "b1"]), list[str](), list[str]()

    async def work(item: Item) -> None:
        tried.append(item)
        if item.startswith("a") and len(tried) <= 2:
            raise fault
        kept.finish(item)

    async with working(kept, work, told) as workers:
        workers.poke()
        await asyncio.wait_for(kept.done.wait(), 20)
    assert [item for item in tried if item[0] == "a"][-2:] == ["a1", "a2"]
    assert tried.index("a1") < tried.index("a2")
    assert bool(told) is (isinstance(fault, StoreError | OSError) and not isinstance(fault, RelayUnreachableError))


async def test_one_person_whose_mail_is_refused_for_an_hour_holds_up_nobody_else() -> None:
    kept, tried, others = Kept(relay=["a1", "a2", "b1", "b2"]), list[str](), asyncio.Event()

    async def work(item: Item) -> None:
        tried.append(item)
        if item.startswith("a"):
            raise RelayRefusedError("full", 3600)
        kept.finish(item)
        if item == "b2":
            others.set()

    async with working(kept, work) as workers:
        workers.poke()
        await asyncio.wait_for(others.wait(), 10)
        workers.poke()
    assert tried == ["a1", "a2", "b1", "b2"] or tried == ["a1", "b1", "b2"]
    assert kept.by_relay == {"relay": ["a1", "a2"]}


async def test_a_poke_ends_a_wait_for_a_relay_that_was_away() -> None:
    kept, tries, first = Kept(relay=["a1"]), list[str](), asyncio.Event()

    async def work(item: Item) -> None:
        tries.append(item)
        if len(tries) < 9:  # by the ninth try the waits would add up to more than ten seconds
            first.set()
            raise RelayUnreachableError
        kept.finish(item)

    async with working(kept, work) as workers:
        workers.poke()
        await asyncio.wait_for(first.wait(), 10)
        async with asyncio.timeout(5):
            while not kept.done.is_set():
                workers.poke()
                await asyncio.sleep(0)


async def test_what_comes_after_all_was_done_is_done_too() -> None:
    kept = Kept(relay=["1"])

    async def work(item: Item) -> None:
        kept.finish(item)

    async with working(kept, work) as workers:
        for item in ("1", "2", "3"):
            kept.by_relay["relay"] = [Item(item)]
            kept.done.clear()
            workers.poke()
            await asyncio.wait_for(kept.done.wait(), 10)
            await asyncio.sleep(0)


async def test_a_fault_of_ours_is_not_swallowed() -> None:
    async def work(item: Item) -> None:
        raise ZeroDivisionError(item)

    async def run() -> None:
        async with working(Kept(relay=["1"]), work) as workers:
            workers.poke()
            await asyncio.Event().wait()

    with pytest.raises(ExceptionGroup) as caught:
        await run()
    assert caught.group_contains(ZeroDivisionError)


async def test_a_pause_is_drawn_between_two_people_and_none_between_two_letters_to_one() -> None:
    kept, drawn = Kept(relay=["a1", "a2", "b1", "c1", "c2"]), list[tuple[int, int]]()
    finished: list[Item] = []

    async def work(item: Item) -> None:
        finished.append(item)
        kept.finish(item)

    def gap(people: int) -> float:
        drawn.append((people, len(finished)))
        return 0.0

    async with working(kept, work, gap=gap) as workers:
        workers.poke()
        await asyncio.wait_for(kept.done.wait(), 5)
    assert finished == ["a1", "a2", "b1", "c1", "c2"]  # in the order written
    assert drawn == [(3, 2), (3, 3)]


async def test_what_is_ended_in_a_pause_still_waits() -> None:
    kept, pausing = Kept(relay=["a1", "b1"]), asyncio.Event()

    async def work(item: Item) -> None:
        kept.finish(item)

    def gap(people: int) -> float:
        pausing.set()
        return 3600.0

    async with working(kept, work, gap=gap) as workers:
        workers.poke()
        await asyncio.wait_for(pausing.wait(), 5)
    assert kept.waiting("relay") == ["b1"]


async def test_who_is_refused_waits_from_then_and_not_from_the_beginning_of_a_long_pass(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept, tried, loop = Kept(relay=["a1", "b1"]), list[Item](), asyncio.get_running_loop()
    clock, passed = loop.time, 0.0
    monkeypatch.setattr(loop, "time", lambda: clock() + passed)

    async def work(item: Item) -> None:
        nonlocal passed
        tried.append(item)
        match str(item):
            case "a1":
                passed = 1000.0  # so long took what was uploaded
            case "b1":
                kept.by_relay["relay"].append(Item("c1"))
                raise RelayRefusedError("full", 100)
        kept.by_relay["relay"].remove(item)
        if item == "c1":
            kept.done.set()

    async with working(kept, work) as workers:
        workers.poke()
        await asyncio.wait_for(kept.done.wait(), 5)
    assert tried == ["a1", "b1", "c1"]


async def test_who_is_refused_waits_for_as_long_as_was_asked_and_little_more(monkeypatch: pytest.MonkeyPatch) -> None:
    kept, waits, now = Kept(relay=["a1"]), list[float](), 0.0
    monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: now)

    async def passed(event: asyncio.Event, until: float) -> None:
        nonlocal now
        waits.append(until - now)
        now = until

    monkeypatch.setattr(workers_module, "_woken", passed)

    async def work(item: Item) -> None:
        if len(waits) < 3:
            raise RelayRefusedError("unavailable", 5)
        kept.finish(item)

    async with working(kept, work) as workers:
        workers.poke()
        await kept.done.wait()
    assert all(5 + low <= wait <= 5 + 3 * low for wait, low in zip(waits, (0.25, 0.5, 1.0), strict=True))


@pytest.mark.parametrize("people", [0, 1, 2, 31, 1000])
def test_pauses_are_short_differ_and_make_nobody_wait_for_long(people: int) -> None:
    gaps = [spread(people) for _ in range(100)]
    assert 0 <= min(gaps) < max(gaps) < LONGEST_GAP
    assert people * max(gaps) <= 2 * SPREAD
    assert len(set(gaps)) > 50
