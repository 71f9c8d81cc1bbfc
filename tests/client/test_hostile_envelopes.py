"""Whatever an envelope holds inside, taking it is an outcome with a sentence, and what is kept does not change."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foreseal_client.inbound import Rejected, Unopened
from foreseal_client.sealing import franking
from foreseal_client.sealing.letter import Letter, LetterContent, encode_letter
from foreseal_client.sealing.opening import unwrap
from foreseal_client.sealing.sealed_sender import Inner, sealed_bytes
from foreseal_client.store import Arrived, State
from foreseal_relay import wire
from hostile_world import Person, World


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with tempfile.TemporaryDirectory() as folder:
        made = World(Path(folder), "AB")
        made.introduce(made.people["B"], made.people["A"])
        made.write(made.people["A"], made.people["B"], "one")
        made.deliver(made.flights[0])
        yield made
        made.close()


def kept(person: Person) -> tuple[Any, ...]:
    """All that must not change."""
    store = person.device.store
    people = store.people.all()
    messages = [m for each in people for m in store.history.with_contact(each.identity) if m.state is State.SHOWN]
    return (store.account.prekeys(), people, [store.people.sessions(each.identity) for each in people], messages)


def envelope(world: World, plain: bytes, commitment: bytes = bytes(32), eid: bytes = b"") -> wire.Deliver:
    """Anything, sealed to B as its public bundle allows everybody."""
    bundle = world.people["A"].contact(world.people["B"])
    assert bundle is not None
    assert bundle.bundle is not None
    body = sealed_bytes(plain, bundle.bundle.payload)
    return wire.Deliver(eid or secrets.token_bytes(16), commitment, 1, bytes(8), body, bytes(32))


def refused(world: World, deliver: wire.Deliver) -> str:
    bob = world.people["B"]
    before = kept(bob)
    outcome = world.land(deliver, bob)
    assert isinstance(outcome, Rejected | Unopened), outcome
    assert kept(bob) == before
    assert outcome.reason.endswith((".", "it."))
    return outcome.reason


def genuine(world: World) -> Inner:
    """A message of A's that B has not seen, taken apart."""
    alice, bob = world.people.values()
    assert world.write(alice, bob, f"text {secrets.token_hex(4)}")
    deliver = world.flights.pop().deliver
    return unwrap(deliver.body, bob.device.store.account.prekeys(), bob.device.mailbox)


_VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**63), 2**64 - 1), st.binary(max_size=64), st.text(max_size=8),
    st.sampled_from([bytes(32), b"\x01" + bytes(31), bytes(16), bytes(1088), [], [[]], {}]),
)  # fmt: skip
_SLOW_WORLD = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


@_SLOW_WORLD
@given(plain=st.binary(max_size=300))
def test_random_bytes_inside_are_refused(world: World, plain: bytes) -> None:
    refused(world, envelope(world, plain))


@_SLOW_WORLD
@given(data=st.data())
def test_a_genuine_message_with_any_field_exchanged_is_refused(world: World, data: st.DataObject) -> None:
    fields: list[Any] = msgspec.msgpack.decode(msgspec.msgpack.encode(genuine(world)))
    at = data.draw(st.integers(0, len(fields) - 1))
    nested = fields[at] if isinstance(fields[at], list) else fields
    inside = at if nested is fields else data.draw(st.integers(0, len(nested) - 1))
    nested[inside] = data.draw(_VALUES.filter(lambda value: value != nested[inside]))
    refused(world, envelope(world, msgspec.msgpack.encode(fields)))


@_SLOW_WORLD
@given(length=st.integers(0, 400))
def test_a_genuine_message_cut_off_anywhere_is_refused(world: World, length: int) -> None:
    plain = msgspec.msgpack.encode(genuine(world))
    refused(world, envelope(world, plain[: min(length, len(plain) - 1)]))


def letter_of(world: World, content: bytes, **forged: bytes) -> wire.Deliver:
    """A letter that A's own ratchet has encrypted, with something in its franking forged."""
    alice, bob = world.people.values()
    contact = alice.contact(bob)
    assert contact is not None
    session = alice.device.store.people.sessions(bob.identity).current
    assert session is not None
    eid, keys = secrets.token_bytes(16), alice.device.account.keys
    commitment, opening = franking.commit(content)
    signature = franking.sign_opening(
        forged.get("by", keys.identity), commitment, opening, forged.get("mailbox", contact.mailbox),
        forged.get("eid", eid),
    )  # fmt: skip
    letter = Letter(content, forged.get("opening", opening), signature)
    commitment = forged.get("commitment", commitment)
    session, message = session.encrypt(msgspec.msgpack.encode(letter), commitment, eid)
    with alice.device.store.transaction():
        known = alice.device.store.people.sessions(bob.identity).put(session, 20_000)
        alice.device.store.people.put_sessions(bob.identity, known)
    inner = Inner(1, keys.identity_public, alice.device.mailbox, 1, session.id, session.round, session.pending, message)
    return envelope(world, msgspec.msgpack.encode(inner), commitment, eid)


CONTENT = encode_letter(LetterContent(1, 60, "forged"))


@pytest.mark.parametrize("forged", [{"opening": bytes(32)}, {"commitment": bytes(32)}])
def test_a_letter_that_does_not_fit_its_commitment_is_refused(world: World, forged: dict[str, bytes]) -> None:
    assert "commitment" in refused(world, letter_of(world, CONTENT, **forged))


@pytest.mark.parametrize("forged", [{"by": bytes(32)}, {"mailbox": bytes(16)}, {"eid": bytes(16)}])
def test_a_letter_signed_by_another_or_for_another_is_refused(world: World, forged: dict[str, bytes]) -> None:
    assert "not signed" in refused(world, letter_of(world, CONTENT, **forged))


@pytest.mark.parametrize(
    "content", [b"", b"\xc1", msgspec.msgpack.encode([2, 0, ""]), msgspec.msgpack.encode("a text")]
)
def test_a_letter_that_is_malformed_inside_is_refused_though_its_writer_signed_it(world: World, content: bytes) -> None:
    refused(world, letter_of(world, content))


def test_a_letter_with_nothing_forged_arrives(world: World) -> None:
    assert isinstance(world.land(letter_of(world, CONTENT), world.people["B"]), Arrived)
    assert ("forged", "A") in [(m.text, "A") for m in kept(world.people["B"])[3]]
