"""A device that was put back throws everything old away, and loses and repeats nothing of what it can know of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from foreseal_client import outbound, pictures, words
from foreseal_client.beginning_anew import MAX_STEPS_BACK, ONCE_IN, begin_anew
from foreseal_client.conversation.deleting import delete_for_both
from foreseal_client.conversation.letters import queue_notes
from foreseal_client.demo.stage import write_list
from foreseal_client.draft import Draft
from foreseal_client.group_mail import cleared_note
from foreseal_client.inbound import Repeated
from foreseal_client.store import Arrived, State
from foreseal_matcher import Bytes
from foreseal_relay.token_wire import Kind, epoch_of
from hostile_world import DAY, Person, World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, "AB")
    ada, bob = made.people.values()
    made.introduce(bob, ada)
    for by, to, text in ((ada, bob, "one"), (bob, ada, "two"), (ada, bob, "three")):
        if by is bob:
            made.renew(bob, ada)
        assert made.write(by, to, text)
        assert isinstance(made.deliver(made.flights[0]), Arrived)
    yield made
    made.close()


def put_back(world: World, person: Person) -> None:
    """As it was before it and the other wrote twice more."""
    other = next(each for each in world.people.values() if each is not person)
    world.save(person)
    for by, to, text in ((person, other, "lost 1"), (other, person, "lost 2")):
        assert world.write(by, to, text)
        world.deliver(world.flights[0])
    world.put_back(person, person.saved[-1])


def settle(world: World) -> None:
    """Everything arrives, and what is broken mends."""
    for _ in range(6):
        world.pass_time(3601)
        while world.flights:
            world.deliver(world.flights[0])
        for person in world.people.values():
            world.mend(person)


def texts(world: World, person: Person) -> list[str]:
    return [text for text, _ in world.shown(person)]


def test_nothing_old_is_left_and_the_counter_is_above_the_relays(world: World) -> None:
    ada, bob = world.people.values()
    put_back(world, ada)
    device, store = ada.device, ada.device.store
    old = (store.account.prekeys(), store.people.sessions(bob.identity), device.account)
    assert world.write(ada, bob, "sealed with old keys")
    queued = store.outbox.relays()
    told = begin_anew(device, old[2].generation + 40)
    assert queued == store.outbox.relays() == set()
    assert device.account.generation == old[2].generation + 41
    assert device.account.delivery_token != old[2].delivery_token
    assert store.account.prekeys().one_time == ()
    assert store.account.prekeys().generations[0] != old[0].generations[0]
    assert store.people.sessions(bob.identity).kept == ()
    assert store.people.sessions(bob.identity).last_round == old[1].last_round
    assert told is not None
    assert [line.note for line in told] == [words.BEGUN_ANEW]


def test_both_write_on_in_a_new_session_and_nothing_is_shown_twice(world: World) -> None:
    ada, bob = world.people.values()
    put_back(world, ada)
    world.begin_anew(ada)
    settle(world)
    for by, to, text in ((ada, bob, "after 1"), (bob, ada, "after 2")):
        world.renew(by, to)
        assert world.write(by, to, text)
    settle(world)
    assert texts(world, bob) == ["one", "three", "lost 1", "after 1"]
    assert texts(world, ada) == ["two", "after 2"]
    sessions = [one.device.store.people.sessions(two.identity).current for one, two in ((ada, bob), (bob, ada))]
    assert sessions[0] is not None
    assert sessions[1] is not None
    assert sessions[0].id == sessions[1].id


@pytest.mark.parametrize("had_left", [True, False])
def test_what_waited_is_sealed_anew_under_its_id_and_shown_once_whether_or_not_it_had_left(
    world: World, had_left: bool
) -> None:
    ada, bob = world.people.values()
    contact = ada.contact(bob)
    assert contact is not None
    outcome = world.run(outbound.send(Draft("did this leave?"), contact, ada.device))
    world.written["did this leave?"] = ("A", "B")
    (old,) = ada.device.store.outbox.waiting("http://relay.example")
    world.save(ada)
    if had_left:
        world.hand_over(ada)
        assert isinstance(world.deliver(world.flights[0]), Arrived)
    world.put_back(ada, ada.saved[-1])
    world.begin_anew(ada)
    again = [flight for flight in world.flights if flight.deliver.eid == old.envelope.eid]
    assert len(again) == 1
    assert again[0].deliver.body != old.envelope.body, "never the old ciphertext"
    if had_left:
        assert isinstance(world.deliver(again[0]), Repeated)
    settle(world)
    assert texts(world, bob).count("did this leave?") == 1
    assert ada.device.store.history.get(outcome.message.id).state is State.SENT  # type: ignore[union-attr]


def test_what_waited_for_somebody_whose_keys_ran_out_leaves_once_they_have_been_online(world: World) -> None:
    ada, bob = world.people.values()
    contact = ada.contact(bob)
    assert contact is not None
    world.run(outbound.send(Draft("see you next month"), contact, ada.device))
    world.written["see you next month"] = ("A", "B")
    world.pass_time(40 * DAY)
    world.begin_anew(ada)
    assert world.flights == []
    assert not world.write(ada, bob, "and this?")
    world.come_online(bob)
    world.renew(ada, bob)
    world.send_paused(ada)
    settle(world)
    assert texts(world, bob) == ["one", "three", "see you next month"]


def test_a_message_that_is_listed_by_now_is_held_when_it_would_be_sealed_anew(world: World, tmp_path: Path) -> None:
    """It goes the way everything goes: through the check that is in force now."""
    ada, bob = world.people.values()
    contact, listed = ada.contact(bob), pictures.generate("poster", 3, (320, 240))
    assert contact is not None
    world.run(outbound.send(Draft("", (Bytes(listed, "p.jpg"),)), contact, ada.device))
    ada.device.lists = write_list(tmp_path / "list", "demo", [listed])
    assert begin_anew(ada.device, ada.device.account.generation + 1) is not None
    world.renew(ada, bob)
    (message,) = ada.device.store.history.paused(bob.identity)
    world.run(outbound.send(Draft("", message.files), contact, ada.device, held=message))
    assert ada.device.store.history.get(message.id).state is State.HELD  # type: ignore[union-attr]
    assert ada.device.store.outbox.relays() == set()


def test_no_token_is_kept_that_may_have_been_shown_since(world: World) -> None:
    """Shown twice, it would tell a relay that one device wrote to both mailboxes."""
    device = world.people["A"].device
    purse, relay, epoch = device.store.purse, device.account.relay, epoch_of(device.today)
    with device.store.transaction():
        purse.pin(relay, b"keys", b"login")
        purse.put(relay, Kind.FIRST_CONTACT, epoch, [b"1", b"2", b"3"], device.today)
        assert purse.take(relay, Kind.FIRST_CONTACT, b"an envelope", 1, epoch) == [b"1"]
    assert begin_anew(device, device.account.generation + 1) is not None
    with device.store.transaction():
        assert purse.take(relay, Kind.FIRST_CONTACT, b"an envelope", 1, epoch) == []
    assert purse.drawn(relay, Kind.FIRST_CONTACT) < device.today, "new ones are drawn at the next login"
    assert (purse.listed(relay), purse.login(relay)) == (b"keys", b"login")


def test_a_request_to_delete_that_was_sealed_and_thrown_away_is_made_again(world: World) -> None:
    ada, bob = world.people.values()
    (one,) = (each for each in ada.device.store.history.with_contact(bob.identity, 10) if each.text == "one")
    assert delete_for_both(one, ada.device) == (bob.identity,)
    assert queue_notes(world.run(cleared_note(ada.device)), bob.identity, ada.device)
    assert ada.device.store.conversations.owing() == [], "it lies in the outbox, sealed"
    world.begin_anew(ada)
    settle(world)
    assert "one" not in texts(world, bob)
    assert bob.device.store.fading.blanked(ada.identity, one.eid or b"") is not None


@pytest.mark.parametrize("behind", [MAX_STEPS_BACK + 1, 2**62])
def test_a_device_whose_backup_lives_elsewhere_stops_and_changes_nothing(world: World, behind: int) -> None:
    device = world.people["A"].device
    before = device.store.account.get()
    assert before is not None
    assert begin_anew(device, before.generation + behind) is None
    assert device.store.account.get() == before


def test_a_device_that_is_behind_again_within_a_month_has_a_twin_and_stops(world: World) -> None:
    device = world.people["A"].device
    assert begin_anew(device, device.account.generation + 1) is not None
    world.pass_time(ONCE_IN - 1)
    assert begin_anew(device, device.account.generation + 1) is None
    world.pass_time(1)
    assert begin_anew(device, device.account.generation + 1) is not None


def test_a_device_that_has_stopped_does_not_begin_anew(world: World) -> None:
    device = world.people["A"].device
    device.note_rolled_back()
    assert begin_anew(device, device.account.generation + 1) is None


def test_a_fault_on_the_way_leaves_everything_as_it_was(world: World) -> None:
    device = world.people["A"].device
    store = device.store
    before = (store.account.get(), store.account.prekeys(), store.people.all())
    store._database.run("CREATE TRIGGER full BEFORE INSERT ON messages BEGIN SELECT RAISE(ABORT, 'full'); END")
    with pytest.raises(Exception, match="full"):
        begin_anew(device, device.account.generation + 1)
    assert (store.account.get(), store.account.prekeys(), store.people.all()) == before
    assert before[0] is not None
    assert device.account.delivery_token == before[0].delivery_token
