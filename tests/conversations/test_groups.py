"""Groups, with a real relay process: who is in one reads what is written, and nobody else."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from inspect import signature
from pathlib import Path

import pytest

from foreseal_client import outbound
from foreseal_client.demo.stage import write_list
from foreseal_client.device import Device
from foreseal_client.draft import Draft
from foreseal_client.errors import StoreError
from foreseal_client.events import ContactChanged, GroupChanged
from foreseal_client.groups.changes import Leave, MakeAdmin, Remove, Rename
from foreseal_client.messenger import Messenger
from foreseal_client.outbound import NotSent, Queued
from foreseal_client.spacing import SPACED, Spacing, spread
from foreseal_client.store import GroupStanding, Standing, State
from foreseal_client.store.key import file_key
from foreseal_matcher import Bytes
from group_stage import add, change, contact_of, group_stage, names, received, together, write
from sample_lists import build, nothing_listed
from sample_pictures import encoded, picture
from stage_fixture import read

MEMBER = '''
"""Is in a group with the profile given, and prints each text as soon as it is shown."""
import asyncio, sys, time
from datetime import date
from pathlib import Path
from foreseal_client.demo.stage import HOLD_CLOSED
from foreseal_client.demo.stage import write_list
from foreseal_client.device import Device
from foreseal_client.events import MessageChanged
from foreseal_client.messenger import Messenger
from foreseal_client.relay_link import SocketLink
from foreseal_client.store.key import file_key
from foreseal_matcher import ListSet

async def main() -> None:
    profile = Path(sys.argv[1])
    lists = ListSet.open([Path(sys.argv[2])], date.today())
    device = Device(profile, file_key(profile / "key"), lists=lists, policy=HOLD_CLOSED, clock=time.time)
    async with Messenger.running(device, SocketLink) as messenger:
        with messenger.events() as events:
            while True:
                event = await events.get()
                if isinstance(event, MessageChanged) and event.message.direction == "in":
                    print(event.message.text, flush=True)

asyncio.run(main())
'''


async def test_a_group_is_founded_written_in_joined_left_and_its_past_is_not_shown_to_newcomers(tmp_path: Path) -> None:
    async with group_stage(tmp_path, "Alice", "Bob", "Carol", "Dan") as stage:
        alice, bob, carol, dan = stage.people
        group = await together(alice, bob, carol)
        await write(alice, group, Draft("Sunday at nine?"))
        await write(bob, group, Draft("Bob is in."))
        assert (await received(carol, "Bob is in.")).identity == bob.device.identity
        assert (await received(alice, "Bob is in.")).group == group

        await add(alice, group, dan, bob, carol, dan)
        await write(dan, group, Draft("Thank you for having me."))
        for other in (alice, bob, carol):
            assert (await received(other, "Thank you for having me.")).identity == dan.device.identity
        assert [message.text for message in dan.device.store.history.in_group(group)] == ["Thank you for having me."]

        stayed = bob.messenger.groups.get(group)
        await change(bob, group, Leave(), alice, carol, dan)
        # As if he had left while the files of what he wrote were sealed.
        with pytest.raises(StoreError, match="not in this group"):
            await outbound.send(Draft("and another thing"), stayed, bob.device)
        await write(carol, group, Draft("Bob has left."))
        await received(dan, "Bob has left.")
        assert names(alice, group) == names(dan, group) == ["Alice", "Carol", "Dan"]
        assert "Bob has left." not in [message.text for message in bob.device.store.history.in_group(group)]


async def test_what_goes_to_several_people_leaves_with_a_pause_drawn_between_each_two(tmp_path: Path) -> None:
    drawn: list[int] = []

    def gap(people: int) -> float:
        drawn.append(people)
        return 0.0

    async with group_stage(tmp_path, "Alice", "Bob", "Carol", "Dan", spacing=Spacing(gap, None)) as stage:
        alice, *others = stage.people
        group = await together(alice, *others)
        drawn.clear()
        await write(alice, group, Draft("one to each"))
        for other in others:
            await received(other, "one to each")
    assert drawn == [3, 3]


def test_whoever_says_nothing_else_has_pauses_that_are_drawn() -> None:
    assert signature(Messenger.running).parameters["spacing"].default is SPACED
    assert SPACED.gap is spread


async def test_who_was_removed_gets_not_one_byte_of_what_is_written_later(tmp_path: Path) -> None:
    async with group_stage(tmp_path, "Alice", "Bob", "Carol") as stage:
        alice, bob, carol = stage.people
        group = await together(alice, bob, carol)
        await write(alice, group, Draft("all three of us"))
        await received(carol, "all three of us")
        await change(alice, group, Remove(carol.device.identity), bob, carol)
        assert carol.device.store.groups.get(group).standing is GroupStanding.GONE  # type: ignore[union-attr]
        got = len(carol.tap.down)
        for n in range(3):
            await write(bob, group, Draft(f"the two of us {n}"))
            await received(alice, f"the two of us {n}")
        assert b"deliver" not in bytes(carol.tap.down[got:])
        assert b"deliver" in bytes(carol.tap.down[:got])


async def test_two_admins_at_once_settle_on_one_state_and_the_weaker_one_is_told(tmp_path: Path) -> None:
    async with group_stage(tmp_path, "Alice", "Bob", "Carol") as stage:
        alice, bob, carol = stage.people
        group = await together(alice, bob, carol)
        await change(alice, group, MakeAdmin(bob.device.identity), bob, carol)
        await alice.leave()
        await bob.leave()
        await alice.come()
        await bob.come()
        await alice.messenger.groups.change(group, Rename("Runs"))
        await bob.messenger.groups.change(group, Rename("Swims"))
        told = await bob.until(GroupChanged, lambda event: bool(event.lost))
        assert told.lost == (Rename("Swims"),)
        for person in (alice, bob, carol):
            await person.until(
                GroupChanged, lambda event: len(event.group.log.agreed.losing) == 1 and event.group.name == "Runs"
            )


async def test_an_invitation_into_a_group_by_somebody_unknown_is_a_request(tmp_path: Path) -> None:
    async with group_stage(tmp_path, "Alice", "Bob", "Carol") as stage:
        alice, bob, carol = stage.people
        group = await together(alice, bob, carol)
        await write(bob, group, Draft("so that Carol knows Bob"))
        await received(carol, "so that Carol knows Bob")
        with carol.device.store.transaction():  # Carol takes Bob for a contact; Bob was not asked
            carol.device.store.people.change(bob.device.identity, standing=Standing.ACCEPTED)
        lured = await together(carol, name="Lured")
        await carol.messenger.groups.add(lured, contact_of(carol, bob))
        await carol.messenger.groups.send(lured, Draft("a picture", (Bytes(b"a file", "a.bin"),)))
        request = await bob.until(ContactChanged, lambda event: event.contact.standing is Standing.REQUESTED)
        assert request.contact.identity == carol.device.identity
        await write(alice, group, Draft("later than all that"))
        await received(bob, "later than all that")
        assert bob.device.store.groups.get(lured) is None
        assert b"GET /v1/blobs" not in bytes(bob.tap.up)
        await bob.messenger.accept_request(request.contact)
        shown = await received(bob, "a picture")
        assert shown.identity == carol.device.identity
        assert names(bob, lured) == ["Carol", "Bob"]


async def test_a_listed_picture_is_held_for_all_and_not_a_byte_leaves_until_it_is_released(tmp_path: Path) -> None:
    async with group_stage(tmp_path, "Alice", "Bob", "Carol") as stage:
        alice, bob, carol = stage.people
        group = await together(alice, bob, carol)
        await write(alice, group, Draft("before"))
        listed = encoded(picture(7), "PNG")
        alice.device.lists = write_list(tmp_path / "list", "listed", [listed])
        passed = alice.tap.passed()
        outcome = await alice.messenger.groups.send(group, Draft("look", (Bytes(listed, "a.png"),)))
        assert isinstance(outcome, NotSent)
        assert alice.messenger.groups.progress(outcome.message) == []
        assert alice.tap.passed().bytes == passed.bytes
        assert outcome.message.group == group
        alice.device.lists = nothing_listed()
        assert isinstance(await alice.messenger.send_held(outcome.message), Queued)
        for other in (bob, carol):
            assert read((await received(other, "look")).files[0]) == listed


async def test_a_file_is_brought_to_a_relay_once_and_each_member_has_it(tmp_path: Path) -> None:
    async with group_stage(tmp_path, "Alice", "Bob", "Carol", "Dan") as stage:
        alice, *others = stage.people
        group = await together(alice, *others)
        data = os.urandom(3000)
        before = bytes(alice.tap.up).count(b"PUT /v1/blobs")
        sent = await write(alice, group, Draft("for all", (Bytes(data, "n.bin"),)))
        for other in others:
            assert read((await received(other, "for all")).files[0]) == data
        assert bytes(alice.tap.up).count(b"PUT /v1/blobs") - before == 1
        assert [send.state for send in alice.messenger.groups.progress(sent)] == [State.SENT] * 3
        with alice.device.store.transaction():
            for other in others:
                alice.device.store.people.change(other.device.identity, standing=Standing.BLOCKED)
        await alice.messenger.groups.send(group, Draft("for nobody", (Bytes(data, "n.bin"),)))
        assert list((alice.device.store.profile / "outgoing").iterdir()) == []


@pytest.mark.parametrize("seen", [0, 2])
async def test_a_member_killed_in_between_is_shown_everything_once(tmp_path: Path, seen: int) -> None:
    async with group_stage(tmp_path, "Alice", "Bob", "Carol") as stage:
        alice, bob, carol = stage.people
        group = await together(alice, bob, carol)
        await carol.leave()
        for n in range(4):
            await write(alice if n % 2 else bob, group, Draft(f"part {n}"))
        await change(alice, group, Rename("Runs"))
        profile, lists = carol.device.store.profile, carol.device.lists
        carol.device.close()
        build(tmp_path / "empty-list", [], made=alice.device.date)
        command = [sys.executable, "-c", MEMBER, str(profile), str(tmp_path / "empty-list")]
        with subprocess.Popen(  # noqa: ASYNC220 - nothing else runs while it is waited for
            command, stdout=subprocess.PIPE, text=True, env=os.environ
        ) as member:
            assert member.stdout is not None
            shown = [member.stdout.readline().strip() for _ in range(seen)]
            member.kill()
        carol.device = Device(
            profile, file_key(profile / "key"), lists=lists, policy=alice.device.policy, clock=time.time
        )
        await carol.come()
        await write(bob, group, Draft("the last one"))
        await received(carol, "the last one")
        texts = [message.text for message in carol.device.store.history.in_group(group)]
        assert sorted(texts) == ["part 0", "part 1", "part 2", "part 3", "the last one"]
        assert set(shown) <= set(texts)
        assert carol.device.store.groups.get(group).name == "Runs"  # type: ignore[union-attr]
