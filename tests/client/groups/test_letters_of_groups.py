"""What devices say to each other about a group, letter by letter and in any order."""

from __future__ import annotations

import random

import pytest

from foreseal_client import outbound
from foreseal_client.draft import Draft
from foreseal_client.groups.changes import Add, Impossible, Leave, MakeAdmin, Remove, Rename
from foreseal_client.outbound import Queued
from foreseal_client.store import Group, Standing
from group_post import Mate, Post, added, change, contact_of, write


async def test_members_who_are_no_contacts_reach_each_other_and_do_not_become_contacts(post: Post) -> None:
    alice, bob, carol, _ = post.mates.values()
    group = await post.founded(alice, bob, carol)
    await write(bob, group, "from Bob")
    await post.settle()
    assert carol.texts == ["from Bob"]
    known = carol.device.store.people.get(bob.device.identity)
    assert known is not None
    assert known.standing is Standing.MEMBER
    assert carol.device.store.history.with_contact(bob.device.identity) == []


async def test_a_message_that_overtakes_the_state_it_was_written_under_waits_for_it(post: Post) -> None:
    alice, bob, carol, dan = post.mates.values()
    group = await post.founded(alice, bob, carol)
    await change(alice, group, added(alice, dan))
    held_back = [letter for letter in post.collect() if letter.reader != "Dan"]
    await post.hand_over(next(letter for letter in post.heap if letter.reader == "Dan"))
    await write(dan, group, "hello all")
    for letter in post.collect():
        await post.hand_over(letter)
    assert (bob.texts, carol.texts) == ([], [])
    assert contact_of(bob, dan).standing is Standing.MEMBER  # somebody unknown, and no request
    for letter in held_back:
        await post.hand_over(letter)
    assert (bob.texts, carol.texts) == (["hello all"], ["hello all"])


async def test_a_state_that_was_lost_is_asked_for_and_had_from_whoever_wrote_under_it(post: Post) -> None:
    alice, bob, carol, dan = post.mates.values()
    group = await post.founded(alice, bob, carol)
    await change(alice, group, Rename("Runs"))
    await change(alice, group, added(alice, dan))
    for letter in post.collect():
        if letter.reader == "Bob":
            post.heap.remove(letter)  # for good
    await write(alice, group, "who is in?")
    await post.settle()
    assert bob.texts == ["who is in?"]
    assert bob.names(group) == carol.names(group) == ["Alice", "Bob", "Carol", "Dan"]


async def test_who_was_removed_gets_nothing_later_and_is_heard_no_more(post: Post) -> None:
    alice, bob, carol, dan = post.mates.values()
    group = await post.founded(alice, bob, carol, dan)
    await change(alice, group, Remove(dan.device.identity))
    told = post.collect()
    await write(dan, group, "they do not know yet")
    for letter in [*told, *post.collect()]:
        await post.hand_over(letter)
    await write(bob, group, "among us")
    await write(alice, group, "among us, too")
    assert [letter for letter in post.collect() if letter.reader == "Dan"] == []
    await post.settle()
    assert dan.texts == []
    assert dan.names(group) is None
    assert isinstance(await dan.groups.send(group, Draft("still here?")), Impossible)
    for other in (alice, bob, carol):
        assert "they do not know yet" not in other.texts
        assert "not in it" in " ".join(other.dropped)


async def test_what_was_sealed_for_somebody_and_had_not_left_does_not_leave_after_their_removal(post: Post) -> None:
    alice, bob, carol, dan = post.mates.values()
    group = await post.founded(alice, bob, carol, dan)
    written = await write(alice, group, "not for Dan any more")
    await change(alice, group, Remove(dan.device.identity))
    assert [send.identity for send in alice.groups.progress(written)] != []
    assert dan.device.identity not in [send.identity for send in alice.groups.progress(written)]
    await post.settle()
    assert (bob.texts, dan.texts) == (["not for Dan any more"], [])


async def test_of_two_admins_at_once_the_more_senior_one_holds_and_the_other_is_told(post: Post) -> None:
    alice, bob, carol, dan = post.mates.values()
    post.introduce(bob, dan)
    group = await post.founded(alice, bob, carol)
    await change(alice, group, MakeAdmin(bob.device.identity))
    await post.settle()
    await change(alice, group, Rename("Runs"))
    await change(bob, group, added(bob, dan))
    await post.settle()
    assert alice.names(group) == bob.names(group) == carol.names(group) == ["Alice", "Bob", "Carol"]
    assert dan.names(group) is None
    assert alice.lost == carol.lost == []
    (lost,) = bob.lost
    assert isinstance(lost, Add)
    await change(bob, group, lost)
    await post.settle()
    assert dan.names(group) == carol.names(group) == ["Alice", "Bob", "Carol", "Dan"]


async def test_who_left_is_written_to_no_more_and_is_not_brought_back_by_late_word(post: Post) -> None:
    alice, bob, carol, _ = post.mates.values()
    group = await post.founded(alice, bob, carol)
    await change(carol, group, Leave())
    await change(alice, group, Rename("Runs"))  # at the same time, and stronger
    await post.settle()
    assert carol.names(group) is None
    assert alice.names(group) == bob.names(group) == ["Alice", "Bob"]
    await write(bob, group, "the two of us")
    await post.settle()
    assert (alice.texts, carol.texts) == (["the two of us"], [])


async def test_who_was_let_in_and_is_not_after_all_is_told(post: Post) -> None:
    alice, bob, carol, dan = post.mates.values()
    post.introduce(bob, dan)
    group = await post.founded(alice, bob, carol)
    await change(alice, group, MakeAdmin(bob.device.identity))
    await post.settle()
    await change(bob, group, added(bob, dan))
    for letter in post.collect():
        if letter.reader == "Dan":
            await post.hand_over(letter)
    assert dan.names(group) == ["Alice", "Bob", "Carol", "Dan"]
    await change(alice, group, Rename("Runs"))
    await post.settle()
    assert dan.names(group) is None


async def test_a_strangers_invitation_is_a_request_and_nothing_of_it_is_shown_before_it_is_accepted(
    post: Post,
) -> None:
    alice, bob, carol, dan = post.mates.values()
    group = await post.founded(alice, bob, carol)
    with carol.device.store.transaction():
        lured = carol.device.store.people.change(bob.device.identity, standing=Standing.ACCEPTED)
    other = await carol.groups.found("Lured", [lured])
    assert isinstance(other, Group)
    await write(carol, other.id, "come in")
    await post.settle()
    asking = bob.device.store.people.get(carol.device.identity)
    assert asking is not None
    assert asking.standing is Standing.REQUESTED
    assert bob.names(other.id) is None
    assert bob.texts == []
    assert await _said(carol, bob, group, post) == ["in the group we share"]
    with bob.device.store.transaction():
        bob.device.store.people.change(carol.device.identity, standing=Standing.ACCEPTED)
    await post.look(bob)
    assert bob.names(other.id) == ["Carol", "Bob"]
    assert bob.texts == ["in the group we share", "come in"]
    assert dan.texts == []


async def _said(writer: Mate, reader: Mate, group: bytes, post: Post) -> list[str]:
    await write(writer, group, "in the group we share")
    await post.settle()
    return reader.texts


async def test_a_member_who_writes_to_one_alone_becomes_a_request(post: Post) -> None:
    alice, bob, carol, _ = post.mates.values()
    await post.founded(alice, bob, carol)
    contact = carol.device.store.people.get(bob.device.identity)
    assert contact is not None
    assert isinstance(await outbound.send(Draft("just you"), contact, carol.device), Queued)
    await post.settle()
    asking = bob.device.store.people.get(carol.device.identity)
    assert asking is not None
    assert asking.standing is Standing.REQUESTED
    assert bob.texts == []


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_order_letters_come_in_all_settle_and_each_message_is_shown_once(post: Post, seed: int) -> None:
    chance = random.Random(seed)
    alice, bob, carol, dan = post.mates.values()
    post.introduce(bob, dan)
    group = await post.founded(alice, bob, carol)
    await change(alice, group, MakeAdmin(bob.device.identity))
    await post.settle()
    written: list[str] = []
    for step in range(12):
        author = chance.choice([alice, bob, carol])
        doing = chance.randrange(5)
        if doing == 0:
            await author.groups.change(group, Rename(f"Walk {step}"))
        elif doing == 1 and author is not carol:
            await author.groups.change(group, added(author, dan))
        elif doing == 2 and author is not carol:
            await author.groups.change(group, Remove(dan.device.identity))
        else:
            written.append(f"{author.name} {step}")
            await write(author, group, written[-1])
        post.collect()
        for _ in range(chance.randrange(4)):
            if post.heap:
                await post.hand_over(chance.choice(post.heap))
    while post.collect() or post.heap:
        await post.hand_over(chance.choice(post.heap))
    assert alice.names(group) == bob.names(group) == carol.names(group)
    assert dan.names(group) in (None, alice.names(group))
    for mate in (alice, bob, carol):
        assert sorted(mate.texts) == sorted(text for text in written if not text.startswith(mate.name))
    assert len(set(dan.texts)) == len(dan.texts)
