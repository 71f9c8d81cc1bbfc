"""Broken sessions over a real relay: the messenger mends them without anybody doing anything."""

from __future__ import annotations

import asyncio
from pathlib import Path

from foreseal_client.demo.stage import Person
from foreseal_client.draft import Draft
from foreseal_client.events import Connection, ContactChanged, MessageChanged, Refused
from foreseal_client.messenger import Messenger
from foreseal_client.relay_link import SocketLink
from foreseal_client.sealing.sessions import Sessions
from foreseal_client.store import Direction, State
from foreseal_client.upkeep import STEP
from stage_fixture import accept, arrival, setting


def sessions_of(person: Person) -> Sessions:
    return person.device.store.people.sessions(person.peer.identity)


async def test_a_device_whose_sessions_were_put_back_is_written_to_and_writes_again(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        alice, bob = stage.alice, stage.bob
        await arrival(alice, await accept(bob, Draft("one")))
        old = sessions_of(alice)
        for text in ("two", "three"):
            await arrival(bob, await accept(alice, Draft(text)))
            await arrival(alice, await accept(bob, Draft(text + ", too")))
        with alice.device.store.transaction():
            alice.device.store.people.put_sessions(alice.peer.identity, old)
        since = len(bob.log)
        lost = await accept(bob, Draft("cannot be opened"))
        said = await alice.until(MessageChanged, lambda event: event.message.state is State.UNOPENED)
        assert "agree on new keys" in said.message.note
        assert "could not be opened" in (await alice.until(Refused)).reason
        marked = await bob.until(
            MessageChanged, lambda e: e.message.id == lost.id and e.message.state is State.UNREAD, since
        )
        assert marked.message.direction is Direction.OUT
        assert (await arrival(alice, await accept(bob, Draft("opens again")))).text == "opens again"
        assert (await arrival(bob, await accept(alice, Draft("and back")))).text == "and back"
        ours, theirs = sessions_of(alice).current, sessions_of(bob).current
        assert ours is not None
        assert theirs is not None
        assert (ours.id, ours.round) == (theirs.id, 2)


async def test_an_old_bundle_of_a_contact_is_renewed_by_itself(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        alice = stage.alice
        bundle = alice.peer.bundle
        assert bundle is not None
        alice.device._clock = lambda: (bundle.fetched + 8) * 86_400
        await accept(alice, Draft("after a week"))
        await alice.until(
            ContactChanged,
            lambda event: event.contact.bundle is not None and event.contact.bundle.fetched == bundle.fetched + 8,
        )


async def test_on_another_day_a_device_logs_in_again_with_new_keys_and_says_why_it_was_away(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        device, made = stage.alice.device, stage.alice.device.store.account.prekeys().generations[0].made
        await stage.alice.leave()
        weeks = iter([None])

        async def a_week_passes(seconds: float) -> None:
            if seconds != STEP or next(weeks, device) is device:
                await asyncio.Event().wait()  # once is enough
            device._clock = lambda: (made + 7) * 86_400

        async with Messenger.running(device, SocketLink, pause=a_week_passes) as messenger:
            with messenger.events() as events:
                told = [await asyncio.wait_for(events.get(), 30) for _ in range(3)]
        assert told[0] == Connection(True)
        assert told[1] == Connection(False, "This device logs in again, as it does once a day.")
        assert told[2] == Connection(True)
        assert device.store.account.prekeys().generations[0].made == made + 7
