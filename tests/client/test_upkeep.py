"""A device that is connected for weeks: its counter moves on by the clock, and it logs in again when that is due."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from foreseal_client import login
from foreseal_client.errors import RelayUnreachableError
from foreseal_client.relay_inbox import Inbox
from foreseal_client.upkeep import STEP, until_due
from hostile_world import DAY, World


class _Counter:
    """A relay that keeps what it is told of the generation."""

    def __init__(self, *, away: bool = False) -> None:
        self.told: list[int] = []
        self._away = away

    async def advance(self, generation: int) -> None:
        if self._away:
            raise RelayUnreachableError
        self.told.append(generation)


class _Clock:
    """Lets time pass whenever somebody waits."""

    def __init__(self, world: World, at_most: int = 1000) -> None:
        self._world = world
        self._left = at_most

    async def pause(self, seconds: float) -> None:
        assert seconds == STEP
        self._left -= 1
        assert self._left, "it goes on for ever"
        self._world.pass_time(int(seconds))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, "A")
    yield made
    made.close()


async def run(world: World, counter: _Counter) -> None:
    await until_due(cast(Inbox, counter), world.people["A"].device, _Clock(world).pause)


async def test_it_is_due_on_another_day_and_the_counter_has_moved_by_the_clock(world: World) -> None:
    device, counter = world.people["A"].device, _Counter()
    world.now -= world.now % DAY
    before = device.store.account.get()
    await run(world, counter)
    after = device.store.account.get()
    assert before is not None
    assert after is not None
    assert world.now % DAY == 0
    assert counter.told == list(range(before.generation + 1, after.generation + 1))
    assert len(counter.told) == DAY // STEP


async def test_it_is_due_when_half_of_the_one_time_prekeys_are_used_up(world: World) -> None:
    device = world.people["A"].device
    world.now -= world.now % DAY

    class Busy(_Counter):
        async def advance(self, generation: int) -> None:
            await super().advance(generation)
            prekeys = device.store.account.prekeys()
            with device.store.transaction():
                device.store.account.put_prekeys(prekeys.without(prekeys.one_time[0].public))

    counter = Busy()
    await run(world, counter)
    assert len(counter.told) == login.PREKEY_STOCK // 2


async def test_a_relay_that_is_gone_ends_it_and_a_copy_made_before_is_behind_all_the_same(world: World) -> None:
    device = world.people["A"].device
    before = device.store.account.get()
    with pytest.raises(RelayUnreachableError):
        await run(world, _Counter(away=True))
    after = device.store.account.get()
    assert before is not None
    assert after is not None
    assert after.generation == before.generation + 1
