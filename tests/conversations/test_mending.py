"""Broken sessions: what is said, what begins anew, what is marked, and what must not set anything off."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from foreseal_client import login
from foreseal_client.inbound import Rejected, Repeated, Unopened
from foreseal_client.sealing.prekeys import KEPT_DAYS, ROTATE_DAYS
from foreseal_client.sealing.ratchet import RatchetMessage
from foreseal_client.sealing.sealed_sender import Inner, seal_body
from foreseal_client.store import Arrived, Direction, Message, Standing, State
from foreseal_client.store.mending import MEND_AGAIN
from foreseal_client.upkeep import RENEW_DAYS, StaleBundles
from foreseal_relay import wire
from hostile_world import DAY, Person, World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, "AB")
    made.introduce(made.people["B"], made.people["A"])
    yield made
    made.close()


def talk(world: World, *lines: str) -> None:
    """Lines such as "A: text", each delivered before the next is written."""
    for line in lines:
        by, text = line.split(": ")
        to = world.people["B" if by == "A" else "A"]
        if by == "B" and (contact := world.people["B"].contact(to)) and contact.bundle is None:
            world.people["B"].device.complete(contact, wire.Bundle(1, to.bundles[-1]))
        assert world.write(world.people[by], to, text)
        assert isinstance(world.deliver(world.flights[-1]), Arrived), line


def history(person: Person, other: Person) -> list[Message]:
    return person.device.store.history.with_contact(other.identity)


def put_back(world: World, name: str, *lines: str) -> None:
    """Somebody's device, as it was before these lines."""
    person = world.people[name]
    world.save(person)
    talk(world, *lines)
    world.put_back(person, person.saved[-1])


def test_a_device_that_was_put_back_says_what_it_cannot_open_and_the_next_message_opens(world: World) -> None:
    a, b = world.people.values()
    talk(world, "A: one", "B: two")
    put_back(world, "A", "A: three", "B: four", "A: five", "B: six")
    assert world.write(b, a, "seven")
    outcome = world.deliver(world.flights[-1])
    assert isinstance(outcome, Unopened)
    assert outcome.message is not None
    said = history(a, b)[-1]
    assert (said.state, said.text, said.direction) == (State.UNOPENED, "", Direction.IN)
    assert "B's name" in said.note
    world.mend(a)
    assert isinstance(world.deliver(world.flights[-1]), Arrived)
    talk(world, "B: eight", "A: nine")
    assert {("eight", "B")} <= set(world.shown(a))
    assert {("nine", "A")} <= set(world.shown(b))


def test_what_could_not_be_opened_is_marked_as_unread_where_it_was_written_and_nothing_is_sent_again(
    world: World,
) -> None:
    a, b = world.people.values()
    talk(world, "A: one", "B: two")
    put_back(world, "A", "A: three", "B: four", "A: five", "B: six")
    assert world.write(b, a, "seven")
    world.deliver(world.flights[-1])
    world.mend(a)
    world.deliver(world.flights[-1])
    assert {m.text: m.state for m in history(b, a) if m.direction is Direction.OUT and m.text} == {
        "two": State.SENT, "four": State.SENT, "six": State.SENT, "seven": State.UNREAD,
    }  # fmt: skip
    assert world.flights == []


def test_only_the_one_it_was_sent_to_can_mark_a_message_as_unread(world: World) -> None:
    a, b = world.people.values()
    talk(world, "A: one", "B: two")
    sent = next(m for m in history(b, a) if m.text == "two")
    assert sent.eid is not None
    with b.device.store.transaction():
        b.device.store.history.mark_unread(sent.eid, secrets.token_bytes(32))
    assert next(m for m in history(b, a) if m.text == "two").state is State.SENT


def test_both_put_back_at_once_begin_at_once_and_settle_on_one_session(world: World) -> None:
    a, b = world.people.values()
    talk(world, "A: one", "B: two")
    world.save(a)
    talk(world, "A: three", "B: four")
    world.save(b)
    talk(world, "A: five", "B: six", "A: seven", "B: eight")
    world.put_back(a, a.saved[-1])
    world.put_back(b, b.saved[-1])
    assert world.write(a, b, "nine")
    assert world.write(b, a, "ten")
    while world.flights:
        world.deliver(world.flights[0])
    world.mend(a)
    world.mend(b)
    while world.flights:
        world.deliver(world.flights[0])
    talk(world, "A: eleven", "B: twelve")
    ours, theirs = a.device.store.people.sessions(b.identity), b.device.store.people.sessions(a.identity)
    assert ours.current is not None
    assert theirs.current is not None
    assert ours.current.id == theirs.current.id


def test_one_contact_is_mended_once_an_hour_however_much_cannot_be_opened(world: World) -> None:
    a, b = world.people.values()
    talk(world, "A: one", "B: two")
    to = b.contact(a)
    assert to is not None
    assert to.bundle is not None
    bundle = to.bundle

    def forged() -> wire.Deliver:
        """What anybody with A's bundle and token can send in B's name."""
        message = RatchetMessage(secrets.token_bytes(32), 0, 0, bytes(100))
        inner = Inner(1, b.identity, b.device.mailbox, 1, secrets.token_bytes(16), 2**40, None, message)
        return wire.Deliver(
            secrets.token_bytes(16), bytes(32), 1, bytes(8), seal_body(inner, bundle.payload), bytes(32)
        )

    before = len(history(a, b))
    for _ in range(5):
        assert isinstance(world.land(forged(), a), Unopened)
        world.mend(a)
    assert (world.mended, len(history(a, b))) == (1, before + 2)  # the sentence, and the empty letter
    world.pass_time(MEND_AGAIN)
    assert isinstance(world.land(forged(), a), Unopened)
    world.mend(a)
    assert world.mended == 2
    while world.flights:
        world.deliver(world.flights[0])
    talk(world, "B: three", "A: four")


def test_a_clock_that_is_set_back_does_not_keep_a_session_broken(world: World) -> None:
    a, b = world.people.values()
    talk(world, "A: one", "B: two")
    store = a.device.store
    with store.transaction():
        assert store.mending.note(b.identity, bytes(16), 1, world.now + 40 * DAY)
        store.mending.begun(b.identity)
        assert store.mending.note(b.identity, bytes(16), 1, world.now)


def test_a_body_that_was_opened_is_a_repetition_under_any_id_and_breaks_nothing(world: World) -> None:
    a = world.people["A"]
    talk(world, "A: one", "B: two")
    again = msgspec.structs.replace(world.landed[-1].deliver, eid=secrets.token_bytes(16))
    assert isinstance(world.land(again, a), Repeated)
    assert a.device.store.mending.relays() == set()


@pytest.mark.parametrize("standing", [Standing.BLOCKED, Standing.REQUESTED])
def test_somebody_who_is_no_contact_mends_nothing(world: World, standing: Standing) -> None:
    a, b = world.people.values()
    talk(world, "A: one", "B: two")
    put_back(world, "A", "A: three", "B: four", "A: five", "B: six")
    with a.device.store.transaction():
        a.device.store.people.change(b.identity, standing=standing)
    assert world.write(b, a, "seven")
    assert isinstance(world.deliver(world.flights[-1]), Rejected)
    assert a.device.store.mending.relays() == set()


def test_a_first_message_without_one_time_prekey_opens_once_also_long_afterwards(world: World) -> None:
    a, b = world.people.values()
    world.introduce(b, a, withheld=True)
    talk(world, "A: one")
    first = world.landed[-1].deliver
    sessions = b.device.store.people.sessions(a.identity)
    assert isinstance(world.land(first, b), Repeated)
    world.pass_time(120 * DAY)  # the envelope's id is forgotten by now; its session is not
    with b.device.store.transaction():
        b.device.store.inbox.mark_seen((), b.device.today)
    assert isinstance(world.land(first, b), Unopened)
    assert b.device.store.people.sessions(a.identity) == sessions
    assert [text for text, _ in world.shown(b)] == ["one"]


def test_a_one_time_prekey_is_gone_with_the_first_message_that_used_it_and_repeats_go_to_its_session(
    world: World,
) -> None:
    a, b = world.people.values()
    stock = len(b.device.store.account.prekeys().one_time)
    for text in ("one", "two"):
        assert world.write(a, b, text)
    later, first = world.flights[1], world.flights[0]
    assert isinstance(world.deliver(later), Arrived)
    assert len(b.device.store.account.prekeys().one_time) == stock - 1
    assert isinstance(world.deliver(first), Arrived)
    assert len(b.device.store.people.sessions(a.identity).kept) == 1


def test_a_first_message_that_does_not_authenticate_uses_up_no_one_time_prekey(world: World) -> None:
    a, b = world.people.values()
    before = b.device.store.account.prekeys()
    assert world.write(a, b, "one")
    flight = world.flights[0]
    assert isinstance(world.land(msgspec.structs.replace(flight.deliver, commitment=bytes(32)), b), Rejected)
    assert b.device.store.account.prekeys() == before


def test_a_session_that_has_to_begin_anew_never_uses_a_one_time_prekey_twice(world: World) -> None:
    a, b = world.people.values()
    assert world.write(a, b, "one")
    contact = a.contact(b)
    assert contact is not None
    assert contact.bundle is not None
    assert contact.bundle.one_time is None


def test_a_session_is_not_begun_with_keys_that_have_expired_but_a_running_one_goes_on(world: World) -> None:
    a, b = world.people.values()
    talk(world, "A: one", "B: two")
    world.pass_time(31 * DAY)
    talk(world, "A: three", "B: four")
    with a.device.store.transaction():
        a.device.store.mending.note(b.identity, bytes(16), 1, world.now)
    assert not world.write(a, b, "five")
    world.come_online(b)
    world.mend(a)
    assert isinstance(world.deliver(world.flights[-1]), Arrived)


def test_keys_are_rotated_by_logging_in_and_old_ones_forgotten(world: World) -> None:
    a = world.people["A"]
    first = a.device.store.account.prekeys().generations[0]
    world.pass_time(ROTATE_DAYS * DAY)
    world.come_online(a)
    assert a.device.store.account.prekeys().generations[0].signed_public != first.signed_public
    assert a.device.store.account.prekeys().generation_of(first.signed_public) is not None
    world.pass_time(KEPT_DAYS * DAY)
    world.come_online(a)
    assert a.device.store.account.prekeys().generation_of(first.signed_public) is None


@pytest.mark.parametrize(("left", "made"), [(20, 0), (11, 0), (10, 10), (3, 17), (0, 20)])
def test_one_time_prekeys_are_replenished_when_the_relay_says_that_few_are_left(
    world: World, left: int, made: int
) -> None:
    a = world.people["A"]
    before = len(a.one_time)
    world.come_online(a, prekeys_left=left)
    assert len(a.one_time) - before == made
    assert left + made == login.PREKEY_STOCK or made == 0


def test_a_contacts_bundle_is_fetched_again_when_it_is_old_and_not_before(world: World) -> None:
    a, b = world.people.values()
    talk(world, "A: one", "B: two")
    stale = StaleBundles(a.device)
    world.pass_time((RENEW_DAYS - 1) * DAY)
    assert stale.relays() == set()
    world.pass_time(DAY)
    (contact,) = stale.waiting("http://relay.example")
    assert contact.identity == b.identity
    world.come_online(b)
    world.renew(a, b)
    assert stale.relays() == set()
    talk(world, "A: three", "B: four")


def test_a_contact_who_has_not_answered_an_invitation_yet_is_not_asked_for_new_keys(world: World) -> None:
    world.pass_time(100 * DAY)
    assert StaleBundles(world.people["A"].device).relays() == set()
