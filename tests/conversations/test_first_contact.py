"""Writing to somebody of whom only the card is known, blocking, and a relay that would mark who asks."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from drawn_tokens import draw
from foreseal_client.demo.stage import Person
from foreseal_client.draft import Draft
from foreseal_client.errors import RelayRefusedError
from foreseal_client.events import Connection, ContactChanged, MessageChanged, OtherKeys
from foreseal_client.messenger import Messenger
from foreseal_client.outbound import Queued
from foreseal_client.relay_link import SocketLink
from foreseal_client.store import Contact, Standing, State
from foreseal_matcher import Bytes
from foreseal_relay.admission import NONCE_BYTES, Registration, code_bytes, new_code
from foreseal_relay.store import SqliteStore
from foreseal_relay.token_wire import ALLOWANCE, Kind, epoch_of
from foreseal_relay.tokens import Issuer
from stage_fixture import accept_for, arrival
from town import Town, a_town, drawn


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with a_town(tmp_path) as town:
        yield town


def requested(person: Person) -> Contact:
    (contact,) = person.device.store.people.all()
    assert contact.standing is Standing.REQUESTED
    return contact


async def test_a_card_leads_to_a_request_and_once_accepted_to_a_conversation(town: Town) -> None:
    alice, bob = await town.person("Alice"), await town.person("Bob")
    await bob.messenger.first_contact.take_requests(is_open=True)
    contact = await alice.messenger.requests.begin(bob.device.card())
    assert isinstance(contact, Contact)
    sent = await accept_for(alice, contact, Draft("a stranger's hello", (Bytes(b"a file", "file.txt"),)))
    await bob.until(ContactChanged, lambda event: event.contact.standing is Standing.REQUESTED)
    assert bob.device.store.history.with_contact(alice.device.identity) == []
    await bob.messenger.accept_request(requested(bob))
    assert (await arrival(bob, sent)).text == "a stranger's hello"
    bob.messenger._let_out()
    await alice.until(ContactChanged, lambda event: bool(event.contact.token))
    assert alice.device.store.purse.left(town.url, Kind.FIRST_CONTACT) == ALLOWANCE[Kind.FIRST_CONTACT] - 1
    answered = alice.device.store.people.get(contact.identity)
    assert answered is not None
    await accept_for(alice, answered, Draft("and this costs nothing"))
    assert alice.device.store.purse.left(town.url, Kind.FIRST_CONTACT) == ALLOWANCE[Kind.FIRST_CONTACT] - 1


async def test_a_card_of_somebody_who_takes_no_requests_leads_nowhere_and_neither_does_one_of_nobody(
    town: Town,
) -> None:
    alice, bob = await town.person("Alice"), await town.person("Bob")
    nobody = town.device("Nobody")
    answers = []
    for card in (bob.device.card(), nobody.card()):
        with pytest.raises(RelayRefusedError) as refused:
            await alice.messenger.requests.begin(card)
        answers.append((refused.value.code, refused.value.retry_after, str(refused.value)))
    assert answers[0] == answers[1]
    assert alice.device.store.people.all() == []


async def test_a_relay_that_makes_tokens_with_another_key_gets_nothing_and_is_named(town: Town) -> None:
    alice = await town.person("Alice")
    await drawn(alice)
    assert alice.device.store.purse.left(town.url, Kind.BLOB) == ALLOWANCE[Kind.BLOB]
    await alice.leave()
    with alice.device.store.transaction():  # another day, as far as drawing goes
        alice.device.store._database.run("DELETE FROM draws")
    store = town.relay.mailboxes.store
    assert isinstance(store, SqliteStore)
    await store.writer.write(lambda connection: connection.execute("DELETE FROM draws").rowcount)
    first = town.relay.mailboxes.issuer
    object.__setattr__(town.relay.mailboxes, "issuer", Issuer(b"\x22" * 32, first._first))
    await alice.come()
    await drawn(alice)
    told = await alice.until(OtherKeys)
    assert "other keys for tokens" in told.reason
    assert alice.device.store.purse.left(town.url, Kind.BLOB) == ALLOWANCE[Kind.BLOB]
    alice.messenger.first_contact.forget_keys(town.url)
    assert alice.device.store.purse.listed(town.url) is None


async def test_a_connection_that_breaks_is_gone_on_with_by_a_ticket(town: Town) -> None:
    alice = await town.person("Alice")
    asked = bytes(alice.tap.up).count(b"HTTP/1.1")
    for connection in list(town.relay.connections):
        await connection.response.close(code=1001)
    await alice.until(Connection, lambda event: not event.online)
    await alice.until(Connection, lambda event: event.online, since=len(alice.log) - 1)
    assert bytes(alice.tap.up).count(b"HTTP/1.1") > asked
    assert alice.messenger._receiving.inbox is not None
    assert alice.messenger._receiving.inbox.resumed
    sent = await alice.messenger.invite()  # and it is a whole inbox
    assert sent.startswith("foreseal:invite:")


@pytest.mark.parametrize("registration", [Registration.INVITATION, Registration.WORK])
async def test_a_relay_that_asks_for_something_says_what_and_lets_in_who_brings_it(
    tmp_path: Path, registration: Registration
) -> None:
    async with a_town(tmp_path, registration) as town:
        object.__setattr__(town.relay.mailboxes.admission, "bits", 8)
        device, code = town.device("Alice"), None
        if registration is Registration.INVITATION:
            async with Messenger.running(device, SocketLink) as messenger:
                with messenger.events() as events:
                    while not isinstance(event := await events.get(), Connection):
                        pass
                    assert "Ask whoever runs it" in event.reason
            secret = town.relay.mailboxes.admission.secret
            code = code_bytes(new_code(secret, bytes(NONCE_BYTES), time.time()))
        async with Messenger.running(device, SocketLink, code=code) as messenger:
            await messenger.online()


async def test_a_blob_without_tokens_waits_and_goes_when_there_are_some(town: Town) -> None:
    alice, bob = await town.person("Alice"), await town.person("Bob")
    contact = await alice.messenger.accept_invitation(await bob.messenger.invite())
    await drawn(alice)
    with alice.device.store.transaction():
        alice.device.store._database.run("DELETE FROM tokens")
    outcome = await alice.messenger.send(contact, Draft("with a file", (Bytes(b"sealed", "a.txt"),)))
    assert isinstance(outcome, Queued)
    refused = b"HTTP/1.1 402"
    async with asyncio.timeout(20):
        while refused not in bytes(alice.tap.down):  # noqa: ASYNC110 - the tap tells nobody
            await asyncio.sleep(0)
    await alice.leave()
    now = time.time()
    with alice.device.store.transaction():
        (token,) = draw(town.relay.mailboxes.issuer, Kind.BLOB, now)
        alice.device.store.purse.put(town.url, Kind.BLOB, epoch_of(alice.device.today), [token], alice.device.today)
    await alice.come()
    await alice.until(MessageChanged, lambda e: e.message.id == outcome.message.id and e.message.state is State.SENT)
    assert alice.device.store.purse.left(town.url, Kind.BLOB) == 0
