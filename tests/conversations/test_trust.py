"""Whole conversations: who may write, who is believed, and what is dropped."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from foreseal_client import words
from foreseal_client.demo.stage import Person
from foreseal_client.draft import Draft
from foreseal_client.errors import BlockedError, CardError, PeerFaultError, RelayRefusedError, RolledBackError
from foreseal_client.events import Connection, ContactChanged, MessageChanged, Refused
from foreseal_client.relay_link import SocketLink
from foreseal_client.sealing import franking
from foreseal_client.sealing.letter import Letter, LetterContent, encode_letter
from foreseal_client.sealing.ratchet import RatchetMessage
from foreseal_client.sealing.seal import Envelope
from foreseal_client.sealing.sealed_sender import Inner, seal_body, sealed_bytes
from foreseal_client.sealing.session import Session
from foreseal_client.store import Message, Standing, State
from foreseal_relay import wire
from stage_fixture import accept, arrival, message_in, setting


def _resealed_under(eid: bytes, person: Person, session: Session) -> Envelope:
    """What a client of one's own could do: a letter of ours, under an id of somebody else's choice."""
    device, to = person.device, person.peer
    assert to.bundle is not None
    content = encode_letter(LetterContent(1, 0, "under Alice's own id"))
    commitment, opening = franking.commit(content)
    keys = device.account.keys
    signature = franking.sign_opening(keys.identity, commitment, opening, to.mailbox, eid)
    session, message = session.encrypt(msgspec.msgpack.encode(Letter(content, opening, signature)), commitment, eid)
    with device.store.transaction():
        sessions = device.store.people.sessions(to.identity).put(session, device.today)
        device.store.people.put_sessions(to.identity, sessions)
    inner = Inner(1, keys.identity_public, device.mailbox, 1, session.id, session.round, None, message)
    return Envelope(eid, to.mailbox, commitment, seal_body(inner, to.bundle.payload))


def _with_depth(encoded: bytes, depth: int) -> bytes:
    """A MessagePack array of less than sixteen elements, with one more that is an array in an array in an array..."""
    return bytes([encoded[0] + 1]) + encoded[1:] + b"\x91" * depth + b"\x90"


def _waiting(message: Message) -> Callable[[MessageChanged], bool]:
    return lambda event: event.message.id == message.id and event.message.state is State.WAITING


async def test_both_see_the_same_safety_number(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        alice, bob = stage.alice, stage.bob
        assert alice.device.safety_number(alice.peer) == bob.device.safety_number(bob.peer)


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


async def test_an_envelope_sent_back_under_its_own_id_arrives_and_stops_nothing(tmp_path: Path) -> None:
    """Whoever got an envelope knows its id. One sent back under it must not stop the mail behind it."""
    async with setting(tmp_path) as stage:
        alice, bob = stage.alice, stage.bob
        sent = await accept(alice, Draft("to Bob"))
        await arrival(bob, sent)
        await stage.relay.kill()
        assert sent.eid is not None
        session = bob.device.store.people.sessions(bob.peer.identity).current
        assert session is not None
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
        await alice.leave()  # so that the real one cannot come first: then this would be its repetition
        await stage.relay.start()
        async with SocketLink(stage.relay.url) as link:
            to = alice.peer
            await link.send(wire.Send(1, forged.mailbox, forged.eid, 3600, to.token, forged.commitment, forged.body))
        await stage.bob.until(Refused)
        await alice.come()
        assert (await arrival(stage.bob, message_in(outcome))).text == "real"


async def test_an_envelope_of_endless_depth_is_dropped_like_any_other(tmp_path: Path) -> None:
    """Surplus elements are skipped, and skipping nested ones recurses."""
    async with setting(tmp_path) as stage:
        bundle = stage.alice.peer.bundle
        assert bundle is not None
        inner = Inner(1, bytes(32), bytes(16), 1, bytes(16), 1, None, RatchetMessage(bytes(32), 0, 0, b""))
        to = stage.alice.peer
        body = sealed_bytes(_with_depth(msgspec.msgpack.encode(inner), 5000), bundle.payload)
        async with SocketLink(stage.relay.url) as link:
            await link.send(wire.Send(1, to.mailbox, secrets.token_bytes(16), 3600, to.token, bytes(32), body))
        # Malformed, or from nobody known: how deep it may go depends on the stack. Dropped it is either way.
        assert "dropped" in (await stage.bob.until(Refused)).reason
        await arrival(stage.bob, await accept(stage.alice, Draft("still here")))


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


async def test_somebody_blocked_is_dropped_unread_before_and_after_the_token_is_replaced(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        alice, bob = stage.alice, stage.bob
        with bob.device.store.transaction():
            bob.device.store.people.change(bob.peer.identity, standing=Standing.BLOCKED)
        before = len(bob.device.store.history.with_contact(bob.peer.identity))
        await accept(alice, Draft("hello?"))
        assert "blocked" in (await bob.until(Refused)).reason
        await bob.messenger.block(bob.peer)
        # The relay takes the old token for a while, so that nobody else is cut off; it does not know who is blocked.
        since = len(bob.log)
        await accept(alice, Draft("hello again?"))
        assert "blocked" in (await bob.until(Refused, since=since)).reason
        # A letter would bring the token that blocking took away.
        with pytest.raises(BlockedError):
            await bob.messenger.send(bob.peer, Draft("and stay away"))
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


async def test_a_device_that_was_put_back_begins_anew_and_both_write_on(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        alice, bob = stage.alice, stage.bob
        before = alice.device.account.delivery_token
        await alice.leave()
        with alice.device.store.transaction():
            alice.device.store._database.run("UPDATE account SET generation = generation - 3")
        since, at_bob = len(alice.log), len(bob.log)
        await alice.come()
        told = await alice.until(Connection, lambda event: not event.online, since)
        assert told.reason == words.BEGUN_ANEW
        await bob.until(ContactChanged, lambda event: event.contact.token != before, at_bob)
        assert (await arrival(bob, await accept(alice, Draft("with new keys")))).text == "with new keys"
        assert (await arrival(alice, await accept(bob, Draft("welcome back")))).text == "welcome back"
        assert [line.note for line in alice.device.store.history.with_contact(alice.peer.identity)][1:2] == [
            words.BEGUN_ANEW
        ]


async def test_a_device_that_another_one_goes_on_for_is_found_out_and_sends_nothing(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        alice, peer = stage.alice, stage.alice.peer
        run = alice.device.store._database.run
        await alice.leave()
        run("UPDATE account SET generation = generation + 200000")
        await alice.come()
        run("UPDATE account SET generation = generation - 200000")
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
