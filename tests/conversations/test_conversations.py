"""Whole conversations through a relay in its own process, over real sockets."""

from __future__ import annotations

import asyncio
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from foreseal_client import pictures
from foreseal_client.demo.stage import Person, write_list
from foreseal_client.draft import Draft
from foreseal_client.errors import CardError, PeerFaultError, RelayRefusedError, RolledBackError
from foreseal_client.events import Connection, ContactChanged, MessageChanged, Refused
from foreseal_client.outbound import Queued
from foreseal_client.relay_link import SocketLink
from foreseal_client.sealing import franking
from foreseal_client.sealing.letter import Letter, LetterContent, encode_letter
from foreseal_client.sealing.ratchet import RatchetMessage
from foreseal_client.sealing.seal import Envelope
from foreseal_client.sealing.sealed_sender import Inner, seal_body, sealed_bytes
from foreseal_client.sealing.session import Session
from foreseal_client.store import Direction, Message, Standing, State
from foreseal_matcher import Bytes, Clear, Held, ListSet, Match, Mode, OnFailure, Policy, Reason, Unreadable
from foreseal_relay import wire
from stage_fixture import accept, accept_for, arrival, read, setting, stopped, two_relays


def _resealed_under(eid: bytes, person: Person, session: Session) -> Envelope:
    """What a client of one's own could do: a letter of ours, under an id of somebody else's choice."""
    device, to = person.device, person.peer
    assert to.bundle is not None
    content = encode_letter(LetterContent(1, 0, "under Alice's own id"))
    commitment, opening = franking.commit(content)
    keys = device.account.keys
    signature = franking.sign_opening(keys.identity, commitment, opening, to.mailbox, eid)
    message = session.encrypt(msgspec.msgpack.encode(Letter(content, opening, signature)), commitment, eid)
    with device.store.transaction():
        device.store.people.put_session(to.identity, session, heard=False)
    inner = Inner(1, keys.identity_public, device.mailbox, 1, None, message)
    return Envelope(eid, to.mailbox, commitment, seal_body(inner, to.bundle.payload))


def _with_depth(encoded: bytes, depth: int) -> bytes:
    """A MessagePack array of less than sixteen elements, with one more that is an array in an array in an array..."""
    return bytes([encoded[0] + 1]) + encoded[1:] + b"\x91" * depth + b"\x90"


def _waiting(message: Message) -> Callable[[MessageChanged], bool]:
    return lambda event: event.message.id == message.id and event.message.state is State.WAITING


async def test_two_people_write_to_each_other_in_both_directions(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        for n in range(3):
            for one, other in ((stage.alice, stage.bob), (stage.bob, stage.alice)):
                arrived = await arrival(other, await accept(one, Draft(f"{one.name} {n} \u200d\u202e grüße")))
                assert (arrived.text, arrived.state) == (f"{one.name} {n} \u200d\u202e grüße", State.SHOWN)


async def test_both_see_the_same_safety_number(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        alice, bob = stage.alice, stage.bob
        assert alice.device.safety_number(alice.peer) == bob.device.safety_number(bob.peer)


async def test_more_messages_than_an_invitation_carries_arrive_before_the_other_ever_answers(tmp_path: Path) -> None:
    """Bob is away: the ninth envelope waits for his token, and leaves by itself once he has come."""
    async with setting(tmp_path, introduced=False) as stage:
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
async def test_a_listed_picture_passes_under_off_without_and_under_observe_with_its_verdict(
    tmp_path: Path, mode: Mode
) -> None:
    async with setting(tmp_path) as stage:
        listed = pictures.generate("poster", 3, (320, 240))
        stage.alice.device.lists = write_list(tmp_path / "list", "demo", [listed])
        stage.alice.device.policy = Policy(mode, OnFailure.CLOSED)
        sent = await accept(stage.alice, Draft("", (Bytes(listed, "p.jpg"),)))
        assert isinstance(sent.verdict, Match) is (mode is Mode.OBSERVE)
        assert (sent.verdict == Clear((Reason.POLICY_OFF,))) is (mode is Mode.OFF)
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
        assert len(shown) == len(set(shown)) == len(queued)


async def test_what_is_written_while_the_relay_is_away_leaves_when_it_is_back(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        await stage.relay.kill()
        outcome = await stage.alice.messenger.send(stage.alice.peer, Draft("are you there?"))
        assert isinstance(outcome, Queued)
        await stage.relay.start()
        assert (await arrival(stage.bob, outcome.message)).text == "are you there?"


async def test_an_envelope_that_arrives_twice_is_shown_once(tmp_path: Path) -> None:
    """The relay's data is put back to a copy from before the acknowledgement: it delivers the same envelope again."""
    async with setting(tmp_path) as stage:
        alice, bob = stage.alice, stage.bob
        await bob.leave()
        sent = await accept(alice, Draft("once"))
        await stage.relay.kill()
        shutil.copytree(stage.relay.data, tmp_path / "copy")
        await stage.relay.start()
        await bob.come()
        await arrival(bob, sent)
        await bob.leave()
        await stage.relay.kill()
        shutil.rmtree(stage.relay.data)
        shutil.copytree(tmp_path / "copy", stage.relay.data)
        await stage.relay.start()
        await bob.come()
        following = await accept(alice, Draft("next"))
        await arrival(bob, following)
        assert sent.eid is not None
        assert bytes(bob.tap.down).count(sent.eid) == 2
        texts = [m.text for m in bob.device.store.history.with_contact(bob.peer.identity) if m.text]
        assert texts == ["once", "next"]


async def test_an_envelope_sent_back_under_its_own_id_arrives_and_stops_nothing(tmp_path: Path) -> None:
    """Whoever got an envelope knows its id. One sent back under it must not stop the mail behind it."""
    async with setting(tmp_path) as stage:
        alice, bob = stage.alice, stage.bob
        sent = await accept(alice, Draft("to Bob"))
        await arrival(bob, sent)
        await stage.relay.kill()
        assert sent.eid is not None
        session = bob.device.store.people.sessions(bob.peer.identity)[0]
        reused = _resealed_under(sent.eid, bob, session)
        await stage.relay.start()
        async with SocketLink(stage.relay.url) as link:
            to = bob.peer
            await link.send(wire.Send(1, to.mailbox, sent.eid, 3600, to.token, reused.commitment, reused.body))
        after = await accept(bob, Draft("behind it"))
        assert (await arrival(alice, after)).text == "behind it"
        texts = [m.text for m in alice.device.store.history.with_contact(alice.peer.identity) if m.text]
        assert texts == ["to Bob", "under Alice's own id", "behind it"]


@pytest.mark.parametrize("change", ["body", "commitment", "eid"])
async def test_an_envelope_altered_on_its_way_is_dropped_and_said(tmp_path: Path, change: str) -> None:
    async with setting(tmp_path) as stage:
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


async def test_an_envelope_of_endless_depth_is_dropped_like_any_other(tmp_path: Path) -> None:
    """Surplus elements are skipped, and skipping nested ones recurses."""
    async with setting(tmp_path) as stage:
        bundle = stage.alice.peer.bundle
        assert bundle is not None
        inner = Inner(1, bytes(32), bytes(16), 1, None, RatchetMessage(bytes(32), 0, 0, b""))
        to = stage.alice.peer
        body = sealed_bytes(_with_depth(msgspec.msgpack.encode(inner), 5000), bundle.payload)
        async with SocketLink(stage.relay.url) as link:
            await link.send(wire.Send(1, to.mailbox, secrets.token_bytes(16), 3600, to.token, bytes(32), body))
        assert "malformed" in (await stage.bob.until(Refused)).reason
        await arrival(stage.bob, await accept(stage.alice, Draft("still here")))


async def test_a_full_mailbox_holds_up_nobody_else(tmp_path: Path) -> None:
    """One contact's mail is refused for a while; another's at the same relay goes out."""
    async with setting(tmp_path) as stage:
        alice = stage.alice
        real, refusing = alice.peer, alice.peer.mailbox
        other = msgspec.structs.replace(real, identity=secrets.token_bytes(32), name="Aaron", mailbox=bytes(16))
        with alice.device.store.transaction():
            alice.device.store.people.put(other)
        assert other.mailbox != refusing
        link = await alice.messenger._link(stage.relay.url)
        send = link.send

        async def full_for_one(frame: wire.Send) -> bool:
            if frame.mailbox == bytes(16):
                raise RelayRefusedError(wire.RejectCode.FULL, 3600)
            return await send(frame)

        link.send = full_for_one  # type: ignore[method-assign]
        bundle = real.bundle
        assert bundle is not None
        moved = msgspec.structs.replace(bundle.payload, mailbox=bytes(16))
        with alice.device.store.transaction():
            alice.device.store.people.change(other.identity, bundle=msgspec.structs.replace(bundle, payload=moved))
        stuck = await alice.messenger.send(other, Draft("to a full mailbox"))
        sent = await accept_for(alice, real, Draft("to Bob"))
        assert (await arrival(stage.bob, sent)).text == "to Bob"
        waits = alice.device.store.history.get(stuck.message.id)
        assert waits is not None
        assert waits.state is State.QUEUED


async def test_people_at_two_relays_exchange_texts_and_files(tmp_path: Path) -> None:
    async with two_relays(tmp_path) as (alice, bob):
        for one, other in ((alice, bob), (bob, alice)):
            sent = await accept(one, Draft(f"from {one.name}", (Bytes(b"x" * 5000, "x.bin"),)))
            arrived = await arrival(other, sent)
            assert (arrived.text, [read(file) for file in arrived.files]) == (f"from {one.name}", [b"x" * 5000])


async def test_an_introduction_that_a_crash_left_undone_is_made_at_the_next_login(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        alice, bob = stage.alice, stage.bob
        await bob.leave()
        with bob.device.store.transaction():
            bob.device.store.people.change(bob.peer.identity, introduced=False)
        since = len(alice.log)
        await bob.come()
        await alice.until(ContactChanged, since=since)
        assert bob.peer.introduced


async def test_a_held_file_of_any_size_leaves_no_copy_once_it_is_discarded(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        alice = stage.alice
        big = pictures.generate("poster", 3, (320, 240)) + bytes(2_000_000)
        (tmp_path / "big.jpg").write_bytes(big)
        alice.device.lists = write_list(tmp_path / "list", "demo", [big])
        draft = Draft("", (alice.device.attach(tmp_path / "big.jpg"),))
        await stopped(alice, draft)
        alice.device.discard(draft)
        assert list((tmp_path / "alice" / "files").iterdir()) == []


async def test_what_is_revealed_goes_through_the_gate_again(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        listed = pictures.generate("nebula", 3, (320, 240))
        bob = stage.bob
        bob.device.lists = write_list(tmp_path / "list", "demo", [listed])
        arrived = await arrival(bob, await accept(stage.alice, Draft("hm", (Bytes(listed, "n.jpg"),))))
        assert arrived.state is State.WITHHELD
        assert isinstance(await bob.messenger.reveal(arrived), Held)
        bob.device.policy = Policy(Mode.WARN, OnFailure.CLOSED)
        revealed = await bob.messenger.reveal(arrived)
        assert not isinstance(revealed, Held)
        assert revealed.state is State.SHOWN


async def test_an_invitation_opens_one_conversation_only(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
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
    async with setting(tmp_path, introduced=False) as stage:
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
        alice, peer = stage.alice, stage.alice.peer
        with alice.device.store.transaction():
            alice.device.store._database.run("UPDATE account SET generation = generation - 3")
        for restart in range(3):  # each one would bring a counter that goes on nearer to the relay's
            await alice.leave()
            since = len(alice.log)
            coming = asyncio.create_task(alice.come())
            lost = await alice.until(Connection, lambda event: "restored" in event.reason, since)
            assert not lost.online, restart
            coming.cancel()
            with pytest.raises(RolledBackError):
                await alice.messenger.send(peer, Draft("from an old state"))
        assert alice.device.store.outbox.relays() == set()


async def test_a_restart_of_the_client_keeps_what_was_queued(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
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
        await stage.bob.leave()
        sent = await accept(stage.alice, Draft("see this", (Bytes(b"x" * 5000, "x.bin"),)))
        for path in (stage.relay.data / "blobs").rglob("*"):
            if path.is_file():
                path.unlink()
        await stage.bob.come()
        arrived = await arrival(stage.bob, sent)
        assert (arrived.text, arrived.files) == ("see this", ())
        assert "not at the relay any more" in arrived.note
