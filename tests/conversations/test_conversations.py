"""Whole conversations through a relay in its own process, over real sockets."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from foreseal_client import pictures
from foreseal_client.demo.stage import write_list
from foreseal_client.draft import Draft
from foreseal_client.errors import CardError, PeerFaultError, RelayRefusedError, RolledBackError
from foreseal_client.events import Connection, ContactChanged, MessageChanged, Refused
from foreseal_client.outbound import Queued
from foreseal_client.relay_link import SocketLink
from foreseal_client.sealing import franking
from foreseal_client.sealing.seal import Envelope
from foreseal_client.store import Direction, Message, Standing, State
from foreseal_matcher import Bytes, Clear, ListSet, Match, Mode, OnFailure, Policy, Reason, Unreadable
from foreseal_relay import wire
from stage_fixture import accept, arrival, introduced, read, setting, stopped


def _waiting(message: Message) -> Callable[[MessageChanged], bool]:
    return lambda event: event.message.id == message.id and event.message.state is State.WAITING


async def test_two_people_write_to_each_other_in_both_directions(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        await introduced(stage)
        for n in range(3):
            for one, other in ((stage.alice, stage.bob), (stage.bob, stage.alice)):
                arrived = await arrival(other, await accept(one, Draft(f"{one.name} {n} \u200d\u202e grüße")))
                assert (arrived.text, arrived.state) == (f"{one.name} {n} \u200d\u202e grüße", State.SHOWN)


async def test_both_see_the_same_safety_number(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        await introduced(stage)
        alice, bob = stage.alice, stage.bob
        assert alice.device.safety_number(alice.peer) == bob.device.safety_number(bob.peer)


async def test_more_messages_than_an_invitation_carries_arrive_before_the_other_ever_answers(tmp_path: Path) -> None:
    """Bob is away: the ninth envelope waits for his token, and leaves by itself once he has come."""
    async with setting(tmp_path) as stage:
        await stage.bob.leave()
        alice = stage.alice
        outcomes = [
            await alice.messenger.send(alice.peer, Draft(f"part {n}")) for n in range(wire.INVITATION_SENDS + 2)
        ]
        sent = [outcome.message for outcome in outcomes]
        for message in sent[wire.INVITATION_SENDS :]:
            await alice.until(MessageChanged, _waiting(message))
        await stage.bob.come()
        assert [(await arrival(stage.bob, message)).text for message in sent] == [message.text for message in sent]


@pytest.mark.parametrize("size", [0, 1, 70_000, 3 * 1024 * 1024])
async def test_a_file_of_any_size_arrives_byte_identical(tmp_path: Path, size: int) -> None:
    async with setting(tmp_path) as stage:
        data = secrets.token_bytes(size)
        (tmp_path / "notes.bin").write_bytes(data)
        for person in (stage.alice, stage.bob):
            person.device.policy = Policy(Mode.HOLD, OnFailure.OPEN)  # an empty file cannot be checked
        item = stage.alice.device.attach(tmp_path / "notes.bin")
        (tmp_path / "notes.bin").write_bytes(b"changed after it was attached")
        arrived = await arrival(stage.bob, await accept(stage.alice, Draft("here", (item,))))
        assert [read(file) for file in arrived.files] == [data]
        assert [file.name for file in arrived.files] == ["notes.bin"]


async def test_files_of_other_kinds_say_that_only_exact_copies_could_be_found(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        sent = await accept(stage.alice, Draft("", (Bytes(b"%PDF-1.7 and so on", "letter.pdf"),)))
        assert sent.verdict == Clear((Reason.OTHER_KIND,))


async def test_a_held_picture_makes_no_traffic_and_leaves_no_copy(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        await introduced(stage)
        alice = stage.alice
        listed = pictures.generate("poster", 3, (320, 240))
        alice.device.lists = write_list(tmp_path / "list", "demo", [listed])
        before, kept = alice.tap.passed(), sorted((tmp_path / "alice" / "files").iterdir())
        outcome = await stopped(alice, Draft("look", (Bytes(pictures.edited(listed, "as-webp"), "p.webp"),)))
        assert isinstance(outcome.held.verdict, Match)
        assert outcome.message.state is State.HELD
        assert alice.tap.passed() == before
        assert alice.device.store.outbox.relays() == set()
        assert sorted((tmp_path / "alice" / "files").iterdir()) == kept


async def test_under_hold_nothing_overrides_a_match_and_under_warn_the_person_may(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        alice = stage.alice
        listed = pictures.generate("poster", 3, (320, 240))
        alice.device.lists = write_list(tmp_path / "list", "demo", [listed])
        draft = Draft("", (Bytes(listed, "p.jpg"),))
        assert not (await stopped(alice, draft, acknowledged=True)).held.may_override
        alice.device.policy = Policy(Mode.WARN, OnFailure.CLOSED)
        assert (await stopped(alice, draft)).held.may_override
        outcome = await alice.messenger.send(alice.peer, draft, acknowledged=True)
        assert isinstance(outcome, Queued)
        assert isinstance(outcome.message.verdict, Match)
        assert (await arrival(stage.bob, outcome.message)).state is State.SHOWN


@pytest.mark.parametrize("mode", [Mode.OFF, Mode.OBSERVE])
async def test_under_off_and_observe_a_listed_picture_passes_with_its_verdict(tmp_path: Path, mode: Mode) -> None:
    async with setting(tmp_path) as stage:
        listed = pictures.generate("poster", 3, (320, 240))
        stage.alice.device.lists = write_list(tmp_path / "list", "demo", [listed])
        stage.alice.device.policy = Policy(mode, OnFailure.CLOSED)
        sent = await accept(stage.alice, Draft("", (Bytes(listed, "p.jpg"),)))
        assert isinstance(sent.verdict, Match)
        assert read((await arrival(stage.bob, sent)).files[0]) == listed


@pytest.mark.parametrize(
    ("wrong", "reason"), [("absent", Reason.LIST_ABSENT), ("cut", Reason.LIST_DAMAGED), ("edited", Reason.LIST_DAMAGED)]
)
async def test_without_a_usable_list_the_policy_decides_open_or_closed(
    tmp_path: Path, wrong: str, reason: Reason
) -> None:
    folder = tmp_path / "list"
    write_list(folder, "demo", [])
    column = next(path for path in folder.rglob("pdq.bin"))
    if wrong == "absent":
        folder = tmp_path / "nowhere"
    elif wrong == "cut":
        column.write_bytes(column.read_bytes()[:-7])
    else:
        column.write_bytes(bytes(32) + column.read_bytes()[32:])
    async with setting(tmp_path) as stage:
        alice, draft = stage.alice, Draft("", (Bytes(pictures.generate("quilt", 4, (320, 240)), "q.jpg"),))
        alice.device.lists = ListSet.open([folder], alice.device.date)
        held = (await stopped(alice, draft)).held.verdict
        assert isinstance(held, Unreadable)
        assert held.reason is reason
        alice.device.policy = Policy(Mode.HOLD, OnFailure.OPEN)
        assert isinstance((await accept(alice, draft)).verdict, Unreadable)
        assert (await accept(alice, Draft("a text needs no list"))).verdict == Clear()


async def test_an_incoming_listed_picture_is_withheld_and_its_text_with_it(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        listed = pictures.generate("nebula", 3, (320, 240))
        stage.bob.device.lists = write_list(tmp_path / "list", "demo", [listed])
        arrived = await arrival(stage.bob, await accept(stage.alice, Draft("hm", (Bytes(listed, "n.jpg"),))))
        assert arrived.state is State.WITHHELD
        assert isinstance(arrived.verdict, Match)


async def test_each_incoming_message_can_be_proven_and_to_nobody_elses_mailbox(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        arrived = await arrival(stage.bob, await accept(stage.alice, Draft("I did say this")))
        proof, bob = stage.bob.device.store.history.proof(arrived.id), stage.bob.device
        assert proof is not None
        assert arrived.eid is not None
        signed = (stage.bob.peer.identity, proof.signature, proof.commitment, proof.opening)
        assert franking.signed_by(*signed, bob.mailbox, arrived.eid)
        assert not franking.signed_by(*signed, stage.alice.device.mailbox, arrived.eid)
        assert len(proof.stamp) == 32


async def test_a_relay_killed_at_any_moment_of_a_conversation_loses_and_repeats_nothing(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        await introduced(stage)
        alice, bob = stage.alice, stage.bob
        queued = []
        for n in range(24):
            outcome = await alice.messenger.send(alice.peer, Draft(f"part {n}"))
            assert isinstance(outcome, Queued)
            queued.append(outcome.message)
            if n in (5, 11, 17):
                await stage.relay.kill()
                await stage.relay.start()
        for message in queued:
            await arrival(bob, message)
        shown = [m.eid for m in bob.device.store.history.with_contact(bob.peer.identity) if m.direction is Direction.IN]
        assert len(shown) == len(set(shown)) == len(queued) + 1


async def test_what_is_written_while_the_relay_is_away_leaves_when_it_is_back(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        await introduced(stage)
        await stage.relay.kill()
        outcome = await stage.alice.messenger.send(stage.alice.peer, Draft("are you there?"))
        assert isinstance(outcome, Queued)
        await stage.relay.start()
        assert (await arrival(stage.bob, outcome.message)).text == "are you there?"


async def test_an_envelope_that_arrives_twice_is_shown_once(tmp_path: Path) -> None:
    """The relay's memory of what was acknowledged is gone: its data was restored from a copy."""
    async with setting(tmp_path) as stage:
        await introduced(stage)
        sent = await accept(stage.alice, Draft("once"))
        await arrival(stage.bob, sent)
        row = stage.bob.device.store.inbox
        assert sent.eid is not None
        assert row.seen(sent.eid)
        before = len(stage.bob.device.store.history.with_contact(stage.bob.peer.identity))
        await arrival(stage.bob, await accept(stage.alice, Draft("next")))
        assert len(stage.bob.device.store.history.with_contact(stage.bob.peer.identity)) == before + 1


@pytest.mark.parametrize("change", ["body", "commitment", "eid"])
async def test_an_envelope_altered_on_its_way_is_dropped_and_said(tmp_path: Path, change: str) -> None:
    async with setting(tmp_path) as stage:
        await introduced(stage)
        alice = stage.alice
        await stage.relay.kill()
        outcome = await alice.messenger.send(alice.peer, Draft("real"))
        envelope = alice.device.store.outbox.waiting(stage.relay.url)[0].envelope
        value = bytearray(getattr(envelope, change))
        value[0] ^= 1
        forged: Envelope = msgspec.structs.replace(envelope, **{change: bytes(value)})
        if change != "eid":
            forged = msgspec.structs.replace(forged, eid=secrets.token_bytes(16))
        await stage.relay.start()
        async with SocketLink(stage.relay.url) as link:
            to = alice.peer
            await link.send(wire.Send(1, forged.mailbox, forged.eid, 3600, to.token, forged.commitment, forged.body))
        await stage.bob.until(Refused)
        assert (await arrival(stage.bob, outcome.message)).text == "real"


async def test_an_invitation_opens_one_conversation_only(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        await introduced(stage)
        text = await stage.bob.messenger.invite()
        invitation = stage.alice.device.read_invitation(text)
        async with SocketLink(stage.relay.url) as link:
            one = await link.fetch_bundle(invitation.mailbox, invitation.token)
            again = await link.fetch_bundle(invitation.mailbox, invitation.token)
            assert one.one_time == again.one_time  # a lost answer costs nothing
            with pytest.raises(RelayRefusedError, match="not-deliverable"):
                await link.fetch_bundle(invitation.mailbox, secrets.token_bytes(32))


async def test_ones_own_invitation_is_refused(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        with pytest.raises(CardError, match="your own"):
            await stage.bob.messenger.accept_invitation(await stage.bob.messenger.invite())


async def test_a_relay_that_hands_over_somebody_elses_keys_is_found_out(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        alice, bob = stage.alice.device, stage.bob.device
        invitation = alice.read_invitation(await stage.bob.messenger.invite())
        prekeys = alice.store.account.prekeys()
        theirs = prekeys.signed_bundle(alice.account.keys, bob.mailbox, alice.today)
        with pytest.raises(PeerFaultError, match="not signed"):
            alice.add_contact(invitation, wire.Bundle(1, theirs))


async def test_somebody_blocked_is_dropped_unread_and_then_refused_by_the_relay(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        await introduced(stage)
        alice, bob = stage.alice, stage.bob
        with bob.device.store.transaction():
            bob.device.store.people.change(bob.peer.identity, standing=Standing.BLOCKED)
        before = len(bob.device.store.history.with_contact(bob.peer.identity))
        await accept(alice, Draft("hello?"))
        assert "blocked" in (await bob.until(Refused)).reason
        await bob.messenger.block(bob.peer)
        outcome = await alice.messenger.send(alice.peer, Draft("hello again?"))
        await alice.until(MessageChanged, _waiting(outcome.message))
        assert len(bob.device.store.history.with_contact(bob.peer.identity)) == before


async def test_everybody_else_is_told_the_new_token_when_one_is_blocked(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        await introduced(stage)
        alice, bob = stage.alice, stage.bob
        old, since = alice.peer.token, len(alice.log)
        identity = secrets.token_bytes(32)
        with bob.device.store.transaction():
            bob.device.store.people.put(msgspec.structs.replace(bob.peer, identity=identity, name="Aaron"))
        blocked = bob.device.store.people.get(identity)
        assert blocked is not None
        await bob.messenger.block(blocked)
        changed = await alice.until(ContactChanged, lambda event: event.contact.token != old, since)
        assert changed.contact.token == bob.device.account.delivery_token
        sent = await accept(alice, Draft("still here"))
        await bob.until(MessageChanged, lambda event: event.message.eid == sent.eid)


async def test_a_stranger_without_an_invitation_is_a_request_until_accepted(tmp_path: Path) -> None:
    """Alice holds a token the relay takes, but shows Bob none that he gave."""
    async with setting(tmp_path) as stage:
        bob = stage.bob
        with bob.device.store.transaction():
            assert bob.device.store.account.take_invitation(stage.alice.peer.invitation, bob.device.now)
        sent = await accept(stage.alice, Draft("you do not know me"))
        event = await bob.until(ContactChanged)
        assert event.contact.standing is Standing.REQUESTED
        assert bob.device.store.history.with_contact(event.contact.identity) == []
        await bob.messenger.accept_request(event.contact)
        assert (await arrival(bob, sent)).text == "you do not know me"


async def test_a_device_restored_from_an_old_copy_is_found_out_and_sends_nothing(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        await introduced(stage)
        alice, peer = stage.alice, stage.alice.peer
        with alice.device.store.transaction():
            alice.device.store._database.run("UPDATE account SET generation = generation - 3")
        await alice.leave()
        coming = asyncio.create_task(alice.come())
        lost = await alice.until(Connection, lambda event: "restored" in event.reason)
        assert not lost.online
        coming.cancel()
        with pytest.raises(RolledBackError):
            await alice.messenger.send(peer, Draft("from an old state"))
        assert alice.device.store.outbox.relays() == set()


async def test_a_restart_of_the_client_keeps_what_was_queued(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        await introduced(stage)
        await stage.relay.kill()
        outcome = await stage.alice.messenger.send(stage.alice.peer, Draft("", (Bytes(b"x" * 5000, "x.bin"),)))
        await stage.alice.leave()
        await stage.relay.start()
        await stage.alice.come()
        assert [read(f) for f in (await arrival(stage.bob, outcome.message)).files] == [b"x" * 5000]
        await stage.alice.until(
            MessageChanged, lambda e: e.message.id == outcome.message.id and e.message.state == "sent"
        )
        assert list((tmp_path / "alice" / "outgoing").iterdir()) == []


async def test_an_attachment_that_is_gone_from_the_relay_is_said_beside_the_text(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        await introduced(stage)
        await stage.bob.leave()
        sent = await accept(stage.alice, Draft("see this", (Bytes(b"x" * 5000, "x.bin"),)))
        for path in (stage.relay.data / "blobs").rglob("*"):
            if path.is_file():
                path.unlink()
        await stage.bob.come()
        arrived = await arrival(stage.bob, sent)
        assert (arrived.text, arrived.files) == ("see this", ())
        assert "not at the relay any more" in arrived.note
