"""A day's tokens are drawn in a moment that says nothing of who needs them, or, where nobody watches, when one is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from foreseal_client.demo.stage import Stage
from foreseal_client.device import Device
from foreseal_client.drawing import Drawing
from foreseal_client.errors import RelayUnreachableError
from foreseal_client.messenger import Messenger
from foreseal_client.relay_link import SocketLink
from foreseal_client.spacing import AT_ONCE, SETTLED, SPACED, Spacing, at_once, settled
from foreseal_client.store import Contact
from foreseal_relay.token_wire import ALLOWANCE, Kind
from foreseal_relay.tokens import Issuer
from town import Town, a_town, introduce


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with a_town(tmp_path) as town:
        yield town


class Pauses:
    """Every pause of a messenger, which lasts until it is let go."""

    def __init__(self) -> None:
        self.over = asyncio.Event()
        self.settling = asyncio.Event()

    async def __call__(self, seconds: float) -> None:
        if SETTLED[0] <= seconds <= SETTLED[1]:
            self.settling.set()
        await self.over.wait()


@asynccontextmanager
async def connected(device: Device, pauses: Pauses, spacing: Spacing = SPACED) -> AsyncIterator[Messenger]:
    async with Messenger.running(device, SocketLink, pause=pauses, spacing=spacing) as messenger:
        await messenger.online()
        yield messenger


async def nothing_is_drawn(messenger: Messenger, pauses: Pauses) -> bool:
    """Before its moment, after the relay has answered something else meanwhile."""
    await pauses.settling.wait()
    await messenger.invite()
    return not messenger.device.store.purse.listed(messenger.device.account.relay)


def left(device: Device) -> dict[Kind, int]:
    return {kind: device.store.purse.left(device.account.relay, kind) for kind in Kind}


async def test_they_are_drawn_after_their_pause_although_nobody_needs_one(town: Town) -> None:
    device, pauses = town.device("Alice"), Pauses()
    async with connected(device, pauses) as messenger:
        waiting = asyncio.create_task(messenger.first_contact.drawn())
        assert await nothing_is_drawn(messenger, pauses)
        assert not waiting.done()
        pauses.over.set()
        await waiting
        assert left(device) == ALLOWANCE


async def test_what_needs_one_before_waits_for_that_moment_and_does_not_bring_it_on(town: Town) -> None:
    bob = await town.person("Bob")
    await bob.messenger.first_contact.take_requests(is_open=True)
    device, pauses = town.device("Alice"), Pauses()
    async with connected(device, pauses) as messenger:
        asking = asyncio.create_task(messenger.requests.begin(bob.device.card()))
        assert await nothing_is_drawn(messenger, pauses)
        assert not asking.done()
        pauses.over.set()
        assert isinstance(await asking, Contact)
        assert left(device) == {**ALLOWANCE, Kind.BUNDLE: ALLOWANCE[Kind.BUNDLE] - 1}


async def test_a_connection_that_ends_before_draws_none_and_says_so_to_what_waits(town: Town) -> None:
    device, pauses = town.device("Alice"), Pauses()
    async with connected(device, pauses) as messenger:
        waiting = asyncio.create_task(messenger.first_contact.drawn())
        assert await nothing_is_drawn(messenger, pauses)
    with pytest.raises(RelayUnreachableError, match="when the relay can be reached again"):
        await waiting
    with pytest.raises(RelayUnreachableError):
        await messenger.first_contact.drawn()
    assert sum(left(device).values()) == 0
    async with connected(device, pauses) as messenger:  # and who always leaves so soon draws at the next login
        await messenger.first_contact.drawn()
        assert left(device) == ALLOWANCE


async def test_two_who_only_write_to_each_other_where_nobody_watches_draw_none(town: Town) -> None:
    alice, bob = await town.person("Alice"), await town.person("Bob")
    await introduce(alice, bob)
    assert Drawing(alice.device).due(town.url) == Drawing(bob.device).due(town.url) == [*Kind]


async def test_a_draw_that_has_begun_comes_to_its_end_when_the_person_leaves(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, real, loop = asyncio.Event(), Issuer.evaluate, asyncio.get_running_loop()

    def evaluate(self: Issuer, kind: Kind, epoch: int, blinded: Sequence[bytes], now: float) -> bytes:
        loop.call_soon_threadsafe(begun.set)
        return real(self, kind, epoch, blinded, now)

    monkeypatch.setattr(Issuer, "evaluate", evaluate)
    device, pauses = town.device("Alice"), Pauses()
    pauses.over.set()
    async with connected(device, pauses, Spacing(at_once, lambda: 0.0)):
        await begun.wait()
    assert left(device) == ALLOWANCE


async def test_a_fault_of_ours_in_drawing_does_not_stay_unnoticed(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Drawing, "draw", broken)
    with pytest.raises(ExceptionGroup) as group:
        async with connected(town.device("Alice"), Pauses(), AT_ONCE) as messenger:
            await messenger.first_contact.drawn()
    assert group.group_contains(ZeroDivisionError)


async def test_two_on_a_stage_have_theirs_so_that_what_is_measured_there_is_not_the_drawing(tmp_path: Path) -> None:
    async with Stage.set_up(tmp_path) as stage:
        for person in stage.people:
            assert left(person.device) == ALLOWANCE


def test_the_moments_differ_and_keep_their_bounds() -> None:
    moments = [settled() for _ in range(100)]
    assert SETTLED[0] <= min(moments) < max(moments) <= SETTLED[1]
    assert len(set(moments)) > 50
