"""Whole conversations: a device that was restored from a backup goes on where it was."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from foreseal_client.demo.stage import HOLD_CLOSED, Person
from foreseal_client.device import Device
from foreseal_client.draft import Draft
from foreseal_client.errors import RolledBackError
from foreseal_client.events import Connection, ContactChanged
from foreseal_client.store import State
from foreseal_client.store.backup import write_backup
from foreseal_client.store.key import file_key
from foreseal_client.store.restoring import NOTE, restore_backup
from sample_lists import nothing_listed
from sample_stores import CHEAP
from stage_fixture import accept, accept_for, arrival, message_in, setting


async def restored(person: Person, folder: Path) -> Person:
    """The same person on another device, made from a backup of the first."""
    write_backup(person.device.store, folder / "backup", "correct horse", now=int(time.time()), fresh=CHEAP)
    profile = folder / "restored"
    restore_backup(
        folder / "backup", profile, "correct horse", lambda made: file_key(made / "key"), now=int(time.time())
    )
    device = Device(
        profile, file_key(profile / "key"), lists=nothing_listed(), policy=HOLD_CLOSED, clock=time.time
    )  # fmt: skip
    return Person(person.name, device, person.tap)


async def test_both_go_on_writing_after_a_restore_and_the_safety_number_is_the_same(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        alice, bob = stage.alice, stage.bob
        await arrival(bob, await accept(alice, Draft("before")))
        await arrival(alice, await accept(bob, Draft("also before")))
        number = alice.device.safety_number(alice.peer)
        await alice.leave()
        anew, since = await restored(alice, tmp_path), len(bob.log)
        try:
            await anew.come()
            # Her first letter says where she is to be written to now.
            await bob.until(ContactChanged, lambda e: e.contact.token == anew.device.account.delivery_token, since)
            assert (await arrival(bob, await accept(anew, Draft("after")))).text == "after"
            assert (await arrival(anew, await accept(bob, Draft("welcome back")))).text == "welcome back"
            assert anew.device.safety_number(anew.peer) == number == bob.device.safety_number(bob.peer)
            told = anew.device.store.history.with_contact(anew.peer.identity)
            lines = [m.text or m.note for m in told if m.text or m.note]
            assert lines == ["before", "also before", NOTE, "after", "welcome back"]
            assert len(bob.device.store.people.all()) == 1
        finally:
            await anew.leave()
            anew.device.close()


async def test_the_device_that_the_backup_was_made_on_finds_itself_outdated(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        alice = stage.alice
        peer = alice.peer
        await alice.leave()
        anew = await restored(alice, tmp_path)
        try:
            await anew.come()
            await anew.leave()
            since = len(alice.log)
            coming = asyncio.create_task(alice.come())
            await alice.until(Connection, lambda event: "restored" in event.reason, since)
            coming.cancel()
            with pytest.raises(RolledBackError):
                await alice.messenger.send(peer, Draft("from the old device"))
        finally:
            anew.device.close()


async def test_what_waited_for_the_relay_when_the_backup_was_made_is_said_to_be_uncertain(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        alice, bob = stage.alice, stage.bob
        await stage.relay.kill()
        outcome = await alice.messenger.send(alice.peer, Draft("did this leave?"))
        await alice.leave()
        anew = await restored(alice, tmp_path)
        try:
            await stage.relay.start()
            await anew.come()
            told = {m.eid: m.state for m in anew.device.store.history.with_contact(anew.peer.identity)}
            assert told[message_in(outcome).eid] is State.UNCERTAIN
            await anew.until(ContactChanged, lambda event: event.contact.bundle is not None)
            await arrival(bob, await accept_for(anew, anew.peer, Draft("once more")))
        finally:
            await anew.leave()
            anew.device.close()
