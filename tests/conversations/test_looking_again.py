"""Lists change while people talk: what was held or hidden is released, and what was shown is looked at again."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from foreseal_client import pictures
from foreseal_client.demo.stage import Person, write_list
from foreseal_client.draft import Draft
from foreseal_client.errors import MovedOnError, StoreError
from foreseal_client.events import MessageChanged
from foreseal_client.looking_again import look_again
from foreseal_client.outbound import NotSent, Queued
from foreseal_client.store import Message, State
from foreseal_matcher import Bytes, Clear, ListSet, Match, Mode, OnFailure, Policy
from stage_fixture import accept, arrival, read, setting, stopped

POSTER = pictures.generate("poster", 3, (320, 240))
REEF = pictures.generate("reef", 5, (320, 240))
SENT_ON = pictures.edited(POSTER, "as-webp")


def _outgoing(person: Person) -> list[Path]:
    return list((person.device.store.profile / "outgoing").iterdir())


async def becomes(person: Person, message: Message, state: State) -> Message:
    found = await person.until(
        MessageChanged, lambda event: event.message.id == message.id and event.message.state is state
    )
    return found.message


async def test_what_was_held_for_a_withdrawn_entry_can_be_sent_once_and_is_the_file_that_was_checked(
    tmp_path: Path,
) -> None:
    async with setting(tmp_path) as stage:
        alice, bob = stage.alice, stage.bob
        alice.device.lists = write_list(tmp_path / "with", "demo", [POSTER])
        held = (await stopped(alice, Draft("look", (Bytes(SENT_ON, "p.webp"),)))).message
        alice.device.lists = write_list(tmp_path / "without", "demo", [])
        released = await becomes(alice, held, State.RELEASED)
        assert "no longer listed" in released.note
        # Asked for twice at once, as by a program that does not wait: one of the two leaves.
        twice = [alice.messenger.send_held(released) for _ in range(2)]
        outcomes = await asyncio.gather(*twice, return_exceptions=True)
        (outcome,) = (one for one in outcomes if isinstance(one, Queued))
        assert [type(one) for one in outcomes if one is not outcome] == [MovedOnError]
        assert alice.device.store.outbox.files() == {path.name for path in _outgoing(alice)}
        assert outcome.message.id == held.id
        arrived = await arrival(bob, outcome.message)
        assert (arrived.text, read(arrived.files[0])) == ("look", SENT_ON)


async def test_what_was_held_so_long_ago_that_its_files_are_gone_is_not_sent_without_them(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        alice = stage.alice
        alice.device.lists = write_list(tmp_path / "with", "demo", [POSTER])
        held = (await stopped(alice, Draft("look", (Bytes(POSTER, "p.jpg"),)))).message
        with alice.device.store.transaction():
            alice.device.store.history.forget_held_files(alice.device.now + 1)
        alice.device.lists = write_list(tmp_path / "without", "demo", [])
        left = alice.device.store.history.get(held.id)
        assert left is not None
        with pytest.raises(StoreError, match="30 days"):
            await alice.messenger.send_held(left)


async def test_while_the_entry_stands_what_was_held_stays_held_however_often_it_is_tried(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        alice = stage.alice
        alice.device.lists = write_list(tmp_path / "one", "demo", [POSTER])
        held = (await stopped(alice, Draft("", (Bytes(SENT_ON, "p.webp"),)))).message
        other = (await stopped(alice, Draft("", (Bytes(POSTER, "q.jpg"),)))).message
        assert isinstance(await alice.messenger.send_held(held), NotSent)
        # The second list has another entry in its place for the one, and none for the other.
        alice.device.lists = write_list(tmp_path / "two", "demo", [REEF, SENT_ON])
        assert isinstance(await alice.messenger.send_held(held), NotSent)
        for message in (held, other):
            current = alice.device.store.history.get(message.id)
            assert current is not None
            assert current.state is State.HELD


async def test_a_list_that_cannot_be_used_releases_nothing_and_hides_nothing(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        alice = stage.alice
        alice.device.policy = Policy(Mode.HOLD, OnFailure.OPEN)
        alice.device.lists = write_list(tmp_path / "with", "demo", [POSTER])
        held = (await stopped(alice, Draft("", (Bytes(POSTER, "p.jpg"),)))).message
        alice.device.lists = ListSet.empty()
        assert [message async for message in look_again(alice.device)] == []
        current = alice.device.store.history.get(held.id)
        assert current is not None
        assert current.state is State.HELD


async def test_what_was_hidden_is_shown_when_its_entry_is_withdrawn(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        stage.bob.device.lists = write_list(tmp_path / "with", "demo", [POSTER])
        sent = await accept(stage.alice, Draft("", (Bytes(POSTER, "p.jpg"),)))
        hidden = await arrival(stage.bob, sent)
        assert hidden.state is State.WITHHELD
        stage.bob.device.lists = write_list(tmp_path / "without", "demo", [])
        shown = await becomes(stage.bob, hidden, State.SHOWN)
        assert shown.verdict == Clear()
        assert "no longer listed" in shown.note


async def test_a_picture_that_is_listed_after_it_was_shown_is_hidden_on_both_devices_as_they_can(
    tmp_path: Path,
) -> None:
    async with setting(tmp_path) as stage:
        sent = await accept(stage.alice, Draft("", (Bytes(POSTER, "p.jpg"),)))
        shown = await arrival(stage.bob, sent)
        assert shown.state is State.SHOWN
        lists = write_list(tmp_path / "with", "demo", [POSTER])
        stage.bob.device.lists = lists
        hidden = await becomes(stage.bob, shown, State.WITHHELD)
        assert isinstance(hidden.verdict, Match)
        await stage.alice.until(MessageChanged, lambda event: event.message.state is State.SENT)
        stage.alice.device.lists = lists
        noted = await stage.alice.until(MessageChanged, lambda event: isinstance(event.message.verdict, Match))
        assert noted.message.state is State.SENT  # what has left cannot be called back
        assert "listed later" in noted.message.note


@pytest.mark.parametrize(("mode", "looked_at"), [(Mode.OFF, 0), (Mode.OBSERVE, 1)])
async def test_under_off_nothing_is_looked_at_again_and_under_observe_nothing_is_hidden(
    tmp_path: Path, mode: Mode, looked_at: int
) -> None:
    async with setting(tmp_path) as stage:
        device = stage.bob.device
        sent = await accept(stage.alice, Draft("", (Bytes(POSTER, "p.jpg"),)))
        shown = await arrival(stage.bob, sent)
        device.policy = Policy(mode, OnFailure.CLOSED)
        device.lists = write_list(tmp_path / "with", "demo", [POSTER])
        changed = [message async for message in look_again(device)]
        assert [(m.id, m.state, isinstance(m.verdict, Match)) for m in changed] == [
            (shown.id, State.SHOWN, True)
        ] * looked_at


async def test_what_a_person_revealed_is_not_hidden_from_them_again(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        bob = stage.bob
        bob.device.policy = Policy(Mode.WARN, OnFailure.CLOSED)
        bob.device.lists = write_list(tmp_path / "one", "demo", [POSTER])
        hidden = await arrival(bob, await accept(stage.alice, Draft("", (Bytes(POSTER, "p.jpg"),))))
        other = await arrival(bob, await accept(stage.alice, Draft("", (Bytes(REEF, "r.jpg"),))))
        await bob.messenger.reveal(hidden)
        # The list grows by the other picture, which the first would be hidden before or after.
        bob.device.lists = write_list(tmp_path / "two", "demo", [POSTER, REEF])
        await becomes(bob, other, State.WITHHELD)
        bob.device.lists = write_list(tmp_path / "three", "demo", [POSTER])
        await becomes(bob, other, State.SHOWN)
        current = bob.device.store.history.get(hidden.id)
        assert current is not None
        assert current.state is State.SHOWN


async def test_what_a_restart_interrupted_is_looked_at_after_it(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        alice = stage.alice
        alice.device.lists = write_list(tmp_path / "with", "demo", [POSTER])
        held = (await stopped(alice, Draft("", (Bytes(POSTER, "p.jpg"),)))).message
        await alice.leave()
        alice.device.lists = write_list(tmp_path / "without", "demo", [])
        await alice.come()
        await becomes(alice, held, State.RELEASED)


async def test_after_thirty_days_the_files_of_what_was_held_are_gone_and_it_is_never_released(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        alice = stage.alice
        alice.device.lists = write_list(tmp_path / "with", "demo", [POSTER])
        held = (await stopped(alice, Draft("", (Bytes(POSTER, "p.jpg"),)))).message
        assert held.files[0].path.exists()
        with alice.device.store.transaction():
            forgotten = alice.device.store.history.forget_held_files(held.at + 1)
        assert forgotten == [held.files[0].path]
        for path in forgotten:
            path.unlink()
        text = (await stopped(alice, Draft("", (Bytes(SENT_ON, "p.webp"),)))).message
        alice.device.lists = write_list(tmp_path / "without", "demo", [])
        await becomes(alice, text, State.RELEASED)
        current = alice.device.store.history.get(held.id)
        assert current is not None
        assert current.state is State.HELD
