"""A day's tokens are drawn in a moment that says nothing of who needs them, or, where nobody watches, when one is."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from foreseal_client.demo.stage import Stage
from foreseal_client.device import Device
from foreseal_client.draft import Draft
from foreseal_client.drawing import Drawing
from foreseal_client.errors import RelayUnreachableError, StoreError
from foreseal_client.events import Connection, Event, MessageChanged
from foreseal_client.messenger import Messenger
from foreseal_client.outbound import Queued
from foreseal_client.relay_link import SocketLink
from foreseal_client.spacing import APART, AT_ONCE, SETTLED, SPACED, Spacing, apart, at_once, settled
from foreseal_client.store import Contact, Message, State
from foreseal_matcher import Bytes
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
    running = Messenger.running(device, SocketLink, pause=pauses, spacing=spacing)
    async with asyncio.timeout(20), running as messenger:
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


@pytest.mark.parametrize("fault", [RelayUnreachableError(), StoreError("the disk is full")])
async def test_a_draw_that_fails_once_is_tried_again_with_another_connection(
    town: Town, fault: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, faults = Drawing._listed, [fault]

    async def listed(self: Drawing, *where: Any) -> bytes | None:
        if faults:
            raise faults.pop()
        return await real(self, *where)

    monkeypatch.setattr(Drawing, "_listed", listed)
    device, pauses = town.device("Alice"), Pauses()
    pauses.over.set()
    async with connected(device, pauses) as messenger:
        with messenger.events() as events:
            while not (isinstance(event := await events.get(), Connection) and event.online):
                pass  # the first connection, which ends
            await messenger.first_contact.drawn()
    assert (faults, left(device)) == ([], ALLOWANCE)


async def test_a_fault_of_ours_that_nobody_waits_for_does_not_stay_unnoticed_either(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Drawing, "draw", broken)
    device, pauses = town.device("Alice"), Pauses()
    pauses.over.set()
    with pytest.raises(ExceptionGroup) as group:
        async with connected(device, pauses):
            await asyncio.Event().wait()
    assert group.group_contains(ZeroDivisionError)


async def test_a_draw_is_not_waited_for_where_the_connection_is_gone(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = asyncio.Event()

    async def hanging(*_: object) -> None:
        begun.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(Drawing, "draw", hanging)
    monkeypatch.setattr("foreseal_client.drawing._LAST", math.inf)  # so that waiting for it would be for ever
    device, pauses = town.device("Alice"), Pauses()
    pauses.over.set()
    async with connected(device, pauses) as messenger:
        await begun.wait()
        with messenger.events() as events:
            for connection in list(town.relay.connections):
                await connection.response.close(code=1001)
            while not (isinstance(event := await events.get(), Connection) and not event.online):
                pass
        monkeypatch.setattr("foreseal_client.drawing._LAST", 0.0)


async def told_of(events: asyncio.Queue[Event], sent: Message, state: State) -> None:
    while not (isinstance(event := await events.get(), MessageChanged) and event.message.id == sent.id
               and event.message.state is state):  # fmt: skip
        pass


async def test_what_waits_for_a_token_holds_up_nobody_else_and_can_still_be_taken_back(town: Town) -> None:
    bob, carol = await town.person("Bob"), await town.person("Carol")
    device, pauses = town.device("Alice"), Pauses()
    async with connected(device, pauses) as messenger:
        with messenger.events() as events:
            to_bob = await messenger.accept_invitation(await bob.messenger.invite())
            to_carol = await messenger.accept_invitation(await carol.messenger.invite())
            texts = [await messenger.send(contact, Draft("hello")) for contact in (to_bob, to_carol)]
            for outcome in texts:
                assert isinstance(outcome, Queued)
                await told_of(events, outcome.message, State.SENT)
            file = Bytes(b"a sealed file", "a.txt")
            taken_back = await messenger.send(to_bob, Draft("with a file", (file,)))
            text = await messenger.send(to_carol, Draft("and only text"))
            assert isinstance(taken_back, Queued)
            assert isinstance(text, Queued)
            await told_of(events, text.message, State.SENT)
            assert await nothing_is_drawn(messenger, pauses)
            await messenger.conversations.delete_for_both(taken_back.message)
            pauses.over.set()
            await messenger.first_contact.drawn()
            kept = await messenger.send(to_bob, Draft("another file", (file,)))
            assert isinstance(kept, Queued)
            await told_of(events, kept.message, State.SENT)
    assert left(device) == {**ALLOWANCE, Kind.BLOB: ALLOWANCE[Kind.BLOB] - 1}, "what was taken back was uploaded"


@pytest.mark.parametrize(("drawn", "bounds"), [(settled, SETTLED), (apart, APART)])
def test_the_moments_differ_and_keep_their_bounds(drawn: Callable[[], float], bounds: tuple[float, float]) -> None:
    moments = [drawn() for _ in range(100)]
    assert bounds[0] <= min(moments) < max(moments) <= bounds[1]
    assert len(set(moments)) > 50
    assert SETTLED[1] + APART[1] <= 3  # seconds that a person waits at most
