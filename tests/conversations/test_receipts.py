"""Receipts and typing: nothing unless both want it, nothing that tells when, and nothing because of a check."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from foreseal_client import pictures
from foreseal_client.checks import Check
from foreseal_client.conversation.slots import RECEIPT_SLOT, TYPING_SLOT
from foreseal_client.demo.stage import write_list
from foreseal_client.draft import Opened
from foreseal_client.events import ContactTypes
from foreseal_client.outbound import NotSent
from foreseal_client.sealing.notes import Shares
from foreseal_client.showing import Receipt, show, withhold
from foreseal_client.store import Arrived, Message, Owed, Proof, Received, Standing, State
from foreseal_matcher import Bytes, Held, decide, screen
from hostile_world import Person
from quiet_people import Two

BOTH = Shares.RECEIPTS | Shares.TYPING
DAY = 86_400


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    made = Two(tmp_path)
    yield made
    made.close()


def received(two: Two, text: str) -> Received:
    return two.message(two.ada, text).received


def read(two: Two, person: Person) -> None:
    two.desk(person).read(two.history(person))


@pytest.mark.parametrize("willing", ["nobody", "A", "B"])
def test_nothing_is_told_unless_both_want_it(two: Two, willing: str) -> None:
    for person in (two.ada, two.bob):
        if person.name == willing:
            two.share(person, BOTH)
            two.carry(person)
    two.say(two.ada, "read in silence")
    read(two, two.bob)
    for _ in range(10):
        two.desk(two.bob).typing(two.contact(two.bob))
        two.wait(RECEIPT_SLOT, 600)
        assert two.sealed(two.bob) == 0
    assert received(two, "read in silence") is Received.UNKNOWN


def test_delivered_and_read_are_told_at_a_slot_of_the_clock_and_not_before(two: Two) -> None:
    two.share_both(BOTH)
    two.say(two.ada, "first")
    two.say(two.ada, "second")
    two.desk(two.bob).read([two.message(two.bob, "first")])
    assert two.sealed(two.bob) == 0, "reading must not make traffic"
    waited = 0
    while not two.sealed(two.bob):
        two.wait(50, 50)
        waited += 50
    assert waited <= 2 * RECEIPT_SLOT
    assert two.carry(two.bob) == 1, "one letter for all of it"
    assert (received(two, "first"), received(two, "second")) == (Received.READ, Received.DELIVERED)


def test_when_something_was_read_does_not_move_the_letter_that_says_so(tmp_path: Path) -> None:
    """The same device and day, and three moments of reading between two slots: the letter leaves at the same second."""
    two = Two(tmp_path)
    two.share_both(BOTH)
    two.world.now += DAY - two.world.now % DAY  # the offset is another one on each day
    left = set()
    for hour, minutes in ((2, 1), (4, 20), (6, 45)):
        two.world.now += hour * RECEIPT_SLOT - two.world.now % DAY
        two.say(two.ada, f"read after {minutes}")
        two.wait(minutes * 60, minutes * 60)
        read(two, two.bob)
        while two.carry(two.bob) == 0:
            two.wait(30, 30)
        left.add(two.world.now % RECEIPT_SLOT // 30)
    assert len(left) == 1
    two.close()


def test_a_slot_that_was_missed_is_not_caught_up_when_the_device_comes_back(two: Two) -> None:
    two.share_both(BOTH)
    two.say(two.ada, "while offline")
    two.online = False
    two.wait(2 * RECEIPT_SLOT, 600)
    two.online = True
    two.step(two.bob)
    assert two.sealed(two.bob) == 0
    two.world.pass_time(5 * RECEIPT_SLOT)
    two.restart(two.bob)
    two.step(two.bob)
    assert two.sealed(two.bob) == 0


def test_receipts_go_along_with_a_letter_that_goes_anyway(two: Two) -> None:
    two.share_both(BOTH)
    two.say(two.ada, "told with the answer")
    read(two, two.bob)
    two.write(two.bob, "answer")
    assert two.carry(two.bob) == 1
    assert received(two, "told with the answer") is Received.READ
    two.wait(3 * RECEIPT_SLOT, 600)
    assert two.sealed(two.bob) == 0


def test_what_is_hidden_is_told_like_what_is_shown(two: Two, tmp_path: Path) -> None:
    """A receipt that is missing for what matched would say that it matched."""
    listed = pictures.generate("poster", 3, (320, 240))
    two.share_both(BOTH)
    store = two.bob.device.store
    states = []
    for lists in (two.bob.device.lists, write_list(tmp_path / "list", "demo", [listed])):
        two.bob.device.lists = lists
        message = arrives(two, listed)
        assert [kind for (kind,) in store._database.rows("SELECT kind FROM owed")] == [Owed.DELIVERED]
        two.desk(two.bob).read([message])
        assert [kind for (kind,) in store._database.rows("SELECT kind FROM owed")] == [Owed.READ]
        store._database.run("DELETE FROM owed")
        states.append(message.state)
    assert states == [State.SHOWN, State.WITHHELD]


def arrives(two: Two, picture: bytes) -> Message:
    """The picture, as if it had been fetched: `show` and `withhold` are what the way in ends with."""
    device, eid = two.bob.device, bytes([len(two.history(two.bob))]) * 16
    opened = Opened(two.ada.identity, eid, "", (Bytes(picture, "p.jpg"),), two.world.now)
    unkept = Check(None, device.policy)
    proof = Proof(bytes(32), bytes(32), bytes(64), 0, bytes(8), bytes(32))
    receipt = Receipt(proof, b"", "", unkept)
    with device.store.transaction():
        device.store.inbox.put(Arrived(eid, two.ada.identity, b"", proof, None))
    decided = decide(screen(opened, device.lists), device.policy)
    if isinstance(decided, Held):
        message = withhold(opened, decided, receipt, device)
    else:
        message = show(decided, receipt, device)
    assert message is not None
    return message


def test_a_stranger_never_gets_a_receipt_and_never_sees_typing(two: Two) -> None:
    two.share_both(BOTH)
    store = two.bob.device.store
    with store.transaction():
        store.people.change(two.ada.identity, standing=Standing.REQUESTED)
    two.say(two.ada, "from a request")
    read(two, two.bob)
    two.desk(two.bob).typing(two.contact(two.bob))
    two.wait(3 * RECEIPT_SLOT, 600)
    assert store.conversations.owing() == []
    assert two.sealed(two.bob) == 0 or two.carry(two.bob) == 0
    assert received(two, "from a request") is Received.UNKNOWN


def test_nobody_but_its_reader_says_that_a_message_was_read(two: Two) -> None:
    two.share_both(BOTH)
    store, eid = two.ada.device.store, two.message(two.ada, "hello Bob").eid
    assert eid is not None
    with store.transaction():
        store.fading.note_received(b"E" * 32, [eid], Received.READ)
    assert received(two, "hello Bob") is Received.UNKNOWN
    with store.transaction():
        store.fading.note_received(two.bob.identity, [eid], Received.READ)
        store.fading.note_received(two.bob.identity, [eid], Received.DELIVERED)
    assert received(two, "hello Bob") is Received.READ


def test_receipts_that_were_owed_are_forgotten_when_they_are_switched_off(two: Two) -> None:
    two.share_both(BOTH)
    two.say(two.ada, "never told")
    read(two, two.bob)
    two.share(two.bob, Shares.NOTHING)
    two.carry(two.bob)
    two.wait(3 * RECEIPT_SLOT, 600)
    assert two.sealed(two.bob) == 0
    assert received(two, "never told") is Received.UNKNOWN


# --- typing ---------------------------------------------------------------------------------------------------------


def test_typing_is_said_at_a_slot_and_shown_for_a_while(two: Two) -> None:
    two.share_both(BOTH)
    two.desk(two.bob).typing(two.contact(two.bob))
    assert two.sealed(two.bob) == 0, "a key must not make traffic"
    two.wait(2 * TYPING_SLOT)
    assert two.carry(two.bob) == 1
    (event,) = [event for event in two.events["A"] if isinstance(event, ContactTypes)]
    assert event.until > two.world.now
    assert two.texts(two.ada) == ["hello Bob", "hello Ada"]
    assert len(two.history(two.ada)) == 2, "no line in the conversation"


def test_a_notice_of_typing_that_was_long_under_way_is_not_shown(two: Two) -> None:
    two.share_both(BOTH)
    two.desk(two.bob).typing(two.contact(two.bob))
    two.wait(2 * TYPING_SLOT)
    two.world.hand_over(two.bob)
    two.world.pass_time(300)
    two.carry(two.bob)
    assert not any(isinstance(event, ContactTypes) for event in two.events["A"])


# --- what must not be seen from outside -----------------------------------------------------------------------------


def test_a_send_that_is_held_makes_no_traffic_whatever_is_switched_on(two: Two, tmp_path: Path) -> None:
    two.share_both(BOTH)
    two.set_timer(two.ada, 60)
    two.carry(two.ada)
    two.say(two.bob, "answer this")
    read(two, two.ada)
    listed = pictures.generate("poster", 3, (320, 240))
    two.ada.device.lists = write_list(tmp_path / "list", "demo", [listed])
    two.desk(two.ada).typing(two.contact(two.ada))
    outcome = two.write(two.ada, "look", (Bytes(listed, "p.jpg"),))
    assert isinstance(outcome, NotSent)
    assert two.sealed(two.ada) == 0
    two.step(two.ada)
    two.world.pass_time(TYPING_SLOT)
    two.step(two.ada)
    assert two.sealed(two.ada) == 0, "the keys that were pressed for it are not told after it either"
    ((_, due),) = two.ada.device.store.conversations.owing()
    two.world.now = due
    two.step(two.ada)
    assert two.sealed(two.ada) == 1, "the receipt goes at its slot, as if nothing had been stopped"


def test_a_send_that_is_held_leaves_a_receipt_at_the_slot_it_had(two: Two, tmp_path: Path) -> None:
    two.share_both(BOTH)
    two.say(two.bob, "answer this")
    read(two, two.ada)
    before = two.ada.device.store.conversations.owing()
    listed = pictures.generate("poster", 3, (320, 240))
    two.ada.device.lists = write_list(tmp_path / "list", "demo", [listed])
    assert isinstance(two.write(two.ada, "look", (Bytes(listed, "p.jpg"),)), NotSent)
    assert two.ada.device.store.conversations.owing() == before
