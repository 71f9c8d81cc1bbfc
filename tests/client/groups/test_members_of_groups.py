"""Who may be written to, told and asked in a group, member by member."""

from __future__ import annotations

import pytest

from foreseal_client import outbound
from foreseal_client.draft import Draft
from foreseal_client.errors import ChangedSinceCheckError
from foreseal_client.group_mail import cleared_note, ways_to
from foreseal_client.groups.changes import Impossible, Leave, MakeAdmin, Remove, Rename, changed
from foreseal_client.groups.letters import asking, parts_with
from foreseal_client.groups.state import GroupState, sign_state
from foreseal_client.mail import sealed_attachments, sealed_for
from foreseal_client.outbound import Queued
from foreseal_client.request_desk import block_and_lock_out
from foreseal_client.sealing.attachments import seal_attachments
from foreseal_client.store import State
from foreseal_matcher import Bytes, Cleared, decide, screen
from group_post import Mate, Post, added, change, contact_of, say, write


async def test_only_contacts_who_have_answered_are_added(post: Post) -> None:
    alice, bob, carol, dan = post.mates.values()
    group = await post.founded(alice, bob, carol)
    with alice.device.store.transaction():
        alice.device.store.people.change(dan.device.identity, invitation=bytes(32))
    refused = await alice.groups.change(group, added(alice, dan))
    assert isinstance(refused, Impossible)
    assert "not answered" in refused.reason
    unknown = await carol.groups.change(group, added(alice, dan))
    assert isinstance(unknown, Impossible)


async def test_a_question_is_answered_to_members_only(post: Post) -> None:
    alice, bob, carol, dan = post.mates.values()
    group = await post.founded(alice, bob, carol, dan)
    await change(alice, group, Remove(dan.device.identity))
    await change(alice, group, Rename("Without Dan"))
    await post.settle()
    wanted = alice.groups.get(group).log.agreed.in_force.hash
    await say(dan, asking(group, wanted), alice)
    await post.settle()
    assert "not answered" in " ".join(alice.dropped)


async def test_what_is_written_to_somebody_who_has_left_is_dropped_there(post: Post) -> None:
    alice, bob, carol, _ = post.mates.values()
    group = await post.founded(alice, bob, carol)
    await write(bob, group, "are you still there?")
    await change(carol, group, Leave())
    await post.settle()
    assert (alice.texts, carol.texts) == (["are you still there?"], [])
    assert "not in any more" in " ".join(carol.dropped)


async def test_states_from_somebody_who_is_not_in_the_group_are_not_taken(post: Post) -> None:
    alice, bob, carol, dan = post.mates.values()
    group = await post.founded(alice, bob, carol, dan)
    await change(alice, group, MakeAdmin(dan.device.identity))
    await post.settle()
    before = dan.groups.get(group)
    await change(alice, group, Remove(dan.device.identity))
    await post.settle()
    late = changed(before.log.agreed, dan.device.identity, Rename("Dan's"))
    assert isinstance(late, GroupState)
    part = parts_with(before.log, [sign_state(late, dan.device.account.keys.identity)])
    await say(dan, part[0], bob)
    await post.settle()
    assert "said who is in it" in " ".join(bob.dropped)
    assert bob.groups.get(group).log.agreed.losing == ()


async def test_word_of_a_group_that_one_is_not_in_waits_and_makes_no_group(post: Post) -> None:
    alice, bob, carol, dan = post.mates.values()
    group = await post.founded(alice, bob, carol)
    log = alice.groups.get(group).log
    await say(alice, parts_with(log, [log.agreed.in_force])[0], dan)
    await post.settle()
    assert dan.groups.all() == []
    await change(alice, group, added(alice, dan))
    await post.settle()
    assert dan.names(group) == ["Alice", "Bob", "Carol", "Dan"]
    assert len(dan.groups.get(group).log.states) == 2  # what waited has been taken, too


async def test_a_member_whose_keys_are_not_here_is_told_the_state_and_the_messages_when_they_come(post: Post) -> None:
    alice, bob, carol, dan = post.mates.values()
    group = await post.founded(alice, bob, carol, dan)
    await change(alice, group, MakeAdmin(bob.device.identity))
    await post.settle()
    with bob.device.store.transaction():
        bob.device.store.people.change(dan.device.identity, bundle=None)
    await change(bob, group, Rename("Runs"))
    assert {letter.reader for letter in post.collect()} == {"Alice", "Carol"}
    await post.look(bob)
    await post.settle()
    assert dan.groups.get(group).name == "Runs"
    with bob.device.store.transaction():
        bob.device.store.people.change(dan.device.identity, bundle=None)
    written = await write(bob, group, "not for Dan yet")
    assert {letter.reader for letter in post.collect()} == {"Alice", "Carol"}
    assert State.WAITING in [send.state for send in bob.groups.progress(written)]
    await post.look(bob)
    await post.settle()
    assert dan.texts == ["not for Dan yet"]
    assert [send.state for send in bob.groups.progress(written)] == [State.SENT] * 3


async def test_an_invitations_token_is_handed_on_to_nobody(post: Post) -> None:
    alice, bob, carol, _ = post.mates.values()
    group = alice.groups.get(await post.founded(alice, bob, carol))
    with alice.device.store.transaction():
        alice.device.store.people.change(bob.device.identity, invitation=bytes(32))
    assert {way.identity for way in ways_to(group, alice.device)} == {alice.device.identity, carol.device.identity}


async def test_blocked_people_are_not_written_to_in_a_group(post: Post) -> None:
    alice, bob, carol, _ = post.mates.values()
    group = await post.founded(alice, bob, carol)
    contact = alice.device.store.people.get(carol.device.identity)
    assert contact is not None
    block_and_lock_out(contact, alice.device, lambda _: None)
    refused = await alice.groups.change(group, added(alice, carol))
    assert isinstance(refused, Impossible)
    assert "Carol is blocked" in str(refused)
    written = await write(alice, group, "not for Carol")
    assert [send.identity for send in alice.groups.progress(written)] == [bob.device.identity]
    await change(alice, group, Rename("Runs"))
    assert {letter.reader for letter in post.collect()} == {"Bob"}


async def test_who_blocks_somebody_tells_the_others_in_the_group_the_new_way_in(post: Post) -> None:
    alice, bob, carol, dan = post.mates.values()
    await post.founded(alice, bob, carol, dan)
    contact = carol.device.store.people.get(alice.device.identity)
    assert contact is not None
    block_and_lock_out(contact, carol.device, lambda _: None)
    await post.look(carol)
    await post.settle()
    for other in (bob, dan):
        known = other.device.store.people.get(carol.device.identity)
        assert known is not None
        assert known.token == carol.device.account.delivery_token
    known = alice.device.store.people.get(carol.device.identity)
    assert known is not None
    assert known.token != carol.device.account.delivery_token


@pytest.mark.parametrize("junk", [b"\xc0", b"\x94\x09\xc4\x01a\x00\xc4\x01b", b"no part of a letter"])
async def test_a_letter_with_nonsense_about_a_group_is_refused_by_name(post: Post, junk: bytes) -> None:
    alice, bob, *_ = post.mates.values()
    cleared = await cleared_note(alice.device)
    with alice.device.store.transaction():
        nothing = seal_attachments(cleared, alice.device.store.new_outgoing)
        sealed = sealed_for(cleared, bob.device.identity, nothing, alice.device, group=junk)
        alice.device.store.outbox.put(bob.device.identity, sealed)
    await post.settle()
    assert bob.shown == []
    assert "group" in " ".join(bob.dropped)
    assert isinstance(await outbound.send(Draft("a word"), contact_of(alice, bob), alice.device), Queued)
    await post.settle()
    assert bob.texts == ["a word"]


async def test_blobs_of_another_draft_are_not_sealed_for_a_member(post: Post) -> None:
    alice, bob, *_ = post.mates.values()
    first, second = await _cleared(alice, b"one file"), await _cleared(alice, b"another file")
    others = await sealed_attachments(first, alice.device)
    with alice.device.store.transaction(), pytest.raises(ChangedSinceCheckError):
        sealed_for(second, bob.device.identity, others, alice.device)


async def _cleared(mate: Mate, data: bytes) -> Cleared[Draft]:
    draft = Draft("", (Bytes(data, "n.bin"),))
    screened, _ = await mate.device.measured(screen, draft, mate.device.policy)
    decided = decide(screened, mate.device.policy)
    assert isinstance(decided, Cleared)
    return decided


async def test_states_of_each_message_are_kept_for_each_member(post: Post) -> None:
    alice, bob, carol, _ = post.mates.values()
    group = await post.founded(alice, bob, carol)
    written = await write(alice, group, "one by one")
    first, second = alice.groups.progress(written)
    assert first.eid is not None
    store = alice.device.store
    with store.transaction():
        store.mark(first.eid, State.SENT)
    assert [send.state for send in alice.groups.progress(written)] == [State.SENT, State.QUEUED]
    assert store.history.get(written.id).state is State.QUEUED  # type: ignore[union-attr]
    assert second.eid is not None
    with store.transaction():
        store.mark(second.eid, State.REFUSED)
    now = store.message_of(second.eid)
    assert now is not None
    assert now.state is State.SENT
