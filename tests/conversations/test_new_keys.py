"""Whole conversations: somebody known turns up under a new key."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from foreseal_client import contacts
from foreseal_client.demo.stage import HOLD_CLOSED, Person, Stage
from foreseal_client.device import Device
from foreseal_client.draft import Draft
from foreseal_client.events import ContactChanged, KeyChanged, MessageChanged
from foreseal_client.outbound import Paused, Queued
from foreseal_client.store import Contact, Evidence, State
from foreseal_client.store.key import file_key
from foreseal_matcher import Bytes
from sample_lists import nothing_listed
from stage_fixture import accept_for, arrival, message_in, read, setting


@asynccontextmanager
async def set_up_anew(person: Person, stage: Stage) -> AsyncIterator[Person]:
    """The same person with a device made from nothing."""
    profile = stage.folder / "anew"
    profile.mkdir()
    device = Device(
        profile, file_key(profile / "key"), lists=nothing_listed(), policy=HOLD_CLOSED, clock=time.time,
        name=person.name, relay=stage.relay.url,
    )  # fmt: skip
    anew = Person(person.name, device, person.tap)
    await anew.come()
    try:
        yield anew
    finally:
        await anew.leave()
        device.close()


def _of(person: Person, identity: bytes) -> Contact:
    found = person.device.store.people.get(identity)
    assert found is not None
    return found


async def test_messages_to_a_new_key_wait_until_it_was_looked_at_and_then_leave(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        alice, bob = stage.alice, stage.bob
        contacts.mark_verified(alice.peer, alice.device)
        old = alice.peer
        async with set_up_anew(bob, stage) as anew:
            contact = await alice.messenger.accept_invitation(await anew.messenger.invite())
            told = await alice.until(KeyChanged)
            assert (told.change.earlier, told.change.evidence) == (old.identity, Evidence.NAME)
            picture = Bytes(bytes(range(256)) * 8000, "notes.bin")
            outcome = await alice.messenger.send(contact, Draft("is it you?", (picture,)))
            assert isinstance(outcome, Paused)
            assert outcome.message.state is State.PAUSED
            assert alice.device.store.outbox.waiting(stage.relay.url) == []
            assert not contacts.verified(contact, alice.device)
            # Bob's old device is still written to: a name stops nobody's mail.
            assert isinstance(await alice.messenger.send(old, Draft("hello")), Queued)

            since = len(alice.log)
            await alice.messenger.accept_key(told.change)
            sent = await alice.until(
                MessageChanged, lambda e: e.message.id == outcome.message.id and e.message.state is State.SENT, since
            )
            arrived = await arrival(anew, sent.message)
            assert [read(file) for file in arrived.files] == [picture.data]
            history = alice.device.store.history.with_contact(contact.identity)
            assert [m.text for m in history if m.state is not State.NOTICE and m.text] == ["is it you?"]


async def test_somebody_who_writes_under_a_known_name_gets_no_answer_and_no_address(tmp_path: Path) -> None:
    """Alice gave an invitation to somebody; who used it calls himself Bob."""
    async with setting(tmp_path) as stage:
        alice, bob = stage.alice, stage.bob
        async with set_up_anew(bob, stage) as anew:
            contact = await anew.messenger.accept_invitation(await alice.messenger.invite())
            await accept_for(anew, contact, Draft("it is me, on a new phone"))
            told = await alice.until(KeyChanged)
            newcomer = _of(alice, told.change.identity)
            assert (newcomer.name, newcomer.introduced, newcomer.bundle) == ("Bob", False, None)
            paused = await alice.messenger.send(newcomer, Draft("really?"))
            assert isinstance(paused, Paused)

            since = len(anew.log)
            await alice.messenger.accept_key(told.change)
            await anew.until(ContactChanged, lambda event: event.contact.invitation is None, since)
            event = await anew.until(MessageChanged, lambda e: e.message.text == "really?", since)
            assert event.message.state is State.SHOWN


async def test_what_was_written_to_a_new_key_waits_across_a_restart(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        alice, bob = stage.alice, stage.bob
        async with set_up_anew(bob, stage) as anew:
            contact = await alice.messenger.accept_invitation(await anew.messenger.invite())
            change = (await alice.until(KeyChanged)).change
            assert isinstance(await alice.messenger.send(contact, Draft("later")), Paused)
            await alice.leave()
            contacts.look_at(change, alice.device)  # and then the process ended
            await alice.come()
            event = await anew.until(MessageChanged, lambda e: e.message.text == "later")
            assert event.message.state is State.SHOWN


async def test_what_was_sealed_already_stays_when_a_contacts_mailbox_gets_another_key(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        alice = stage.alice
        old, store = alice.peer, alice.device.store
        await stage.relay.kill()
        outcome = await alice.messenger.send(old, Draft("sealed before anybody knew"))
        newcomer = msgspec.structs.replace(old, identity=b"n" * 32, name="Bob's new phone")
        with store.transaction():
            store.people.put(newcomer)
            change = contacts.meet(newcomer, store, proven=True, now=60, today=1)
        assert change is not None
        since = len(alice.log)
        await stage.relay.start()

        def is_now(state: State) -> Callable[[MessageChanged], bool]:
            return lambda event: event.message.id == message_in(outcome).id and event.message.state is state

        await alice.until(MessageChanged, is_now(State.PAUSED), since)
        await alice.messenger.accept_key(change)
        await alice.until(MessageChanged, is_now(State.SENT), since)
