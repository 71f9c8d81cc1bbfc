"""Messages that disappear, and deletion: what is gone is gone, and nobody deletes what somebody else wrote."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from foreseal_client.conversation.hearing import TIMER_LEAP, hear
from foreseal_client.events import ConversationChanged, MessageGone
from foreseal_client.sealing.letter import LetterContent
from foreseal_client.sealing.notes import Notes, Timer
from foreseal_client.store import Ground, State
from foreseal_matcher import Bytes
from quiet_people import Two

HOUR = 3600


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    made = Two(tmp_path)
    yield made
    made.close()


def pages(profile: Path) -> bytes:
    """All pages of a store, deciphered: SQLCipher's are AES-256-CBC, each with its own vector in its last 80 bytes."""
    raw = (profile / "store.db").read_bytes()
    told = []
    for at in range(0, len(raw), 4096):
        page = raw[at : at + 4096]
        body = page[16 if at == 0 else 0 : 4016]
        cipher = Cipher(algorithms.AES(bytes(32)), modes.CBC(page[4016:4032])).decryptor()
        told.append(cipher.update(body) + cipher.finalize())
    return b"".join(told)


def test_nothing_disappears_unless_somebody_sets_a_timer(two: Two) -> None:
    two.wait(HOUR, 600)
    assert two.texts(two.ada) == two.texts(two.bob) == ["hello Bob", "hello Ada"]


def test_a_timer_counts_from_sending_here_and_from_reading_there(two: Two) -> None:
    two.set_timer(two.ada, 60)
    two.carry(two.ada)
    two.say(two.ada, "soon gone")
    two.wait(50)
    assert "soon gone" in two.texts(two.ada)
    two.wait(20)
    assert "soon gone" not in two.texts(two.ada)
    assert "soon gone" in two.texts(two.bob)
    two.desk(two.bob).read([two.message(two.bob, "soon gone")])
    two.wait(50)
    assert "soon gone" in two.texts(two.bob)
    two.wait(20)
    assert "soon gone" not in two.texts(two.bob)
    assert any(isinstance(event, MessageGone) for event in two.events["B"])
    assert two.texts(two.bob) == ["hello Bob", "hello Ada"], "what was written before the timer stays"


def test_both_write_under_the_timer_that_one_of_them_set(two: Two) -> None:
    two.set_timer(two.ada, 60)
    two.carry(two.ada)
    assert any(isinstance(event, ConversationChanged) for event in two.events["B"])
    assert "A set messages to disappear 1 minute" in two.history(two.bob)[-1].note
    two.say(two.bob, "under hers")
    two.wait(70)
    assert "under hers" not in two.texts(two.bob)


def test_what_waits_for_the_relay_does_not_disappear_before_it_left(two: Two) -> None:
    two.set_timer(two.ada, 60)
    two.write(two.ada, "queued")
    two.wait(2 * HOUR, 600)
    assert two.message(two.ada, "queued").state is State.QUEUED


def test_what_the_relay_will_not_take_disappears_as_what_it_took(two: Two) -> None:
    two.set_timer(two.ada, 60)
    two.write(two.ada, "not taken")
    with two.ada.device.store.transaction():
        two.ada.device.store.mark(two.message(two.ada, "not taken").eid or b"", State.REFUSED)
    two.wait(70)
    assert "not taken" not in two.texts(two.ada)


def test_what_came_due_while_the_client_was_closed_is_gone_when_it_opens(two: Two) -> None:
    two.set_timer(two.ada, 60)
    two.say(two.ada, "gone at the next start")
    two.world.pass_time(HOUR)
    two.restart(two.ada)
    assert "gone at the next start" not in two.texts(two.ada)


def test_of_what_disappears_nothing_is_left_on_the_disk(two: Two) -> None:
    two.set_timer(two.bob, 60)
    two.carry(two.bob)
    marker = "a phrase that nobody else writes"
    two.write(two.ada, marker, (Bytes(bytes(3000), "kept name.bin"),))
    profile = two.ada.device.store.profile
    two.ada.device.store._database.empty_log()
    assert marker.encode() in pages(profile)
    assert b"kept name.bin" in pages(profile)
    assert len(list((profile / "files").iterdir())) == 1
    two.world.hand_over(two.ada)
    two.world.flights.clear()
    two.wait(80)
    assert two.texts(two.ada) == ["hello Bob", "hello Ada"]
    assert marker.encode() not in pages(profile)
    assert b"kept name.bin" not in pages(profile)
    assert list((profile / "files").iterdir()) == []
    assert (profile / "store.db-wal").stat().st_size == 0


def test_timers_that_cross_end_as_the_same_on_both_sides(two: Two) -> None:
    two.set_timer(two.ada, HOUR)
    two.set_timer(two.bob, 60)
    two.carry(two.ada)
    two.carry(two.bob)
    two.say(two.ada, "x")
    assert [two.desk(person).settled(two.other(person).identity).timer for person in (two.ada, two.bob)] == [60, 60]


def test_a_late_letter_does_not_bring_an_earlier_timer_back(two: Two) -> None:
    two.write(two.ada, "written before")
    two.world.hand_over(two.ada)
    late = two.world.flights.pop()
    two.set_timer(two.ada, 60)
    two.carry(two.ada)
    two.world.flights.append(late)
    two.carry(two.ada)
    assert two.desk(two.bob).settled(two.ada.identity).timer == 60


@pytest.mark.parametrize("seconds", [-1, 1, 29, 365 * 86_400 + 1])
def test_a_time_that_cannot_be_is_not_set(two: Two, seconds: int) -> None:
    with pytest.raises(ValueError, match="30 seconds to 365 days"):
        two.set_timer(two.ada, seconds)
    assert two.sealed(two.ada) == 0


def test_nobody_brings_the_last_number_of_a_timer_nearer(two: Two) -> None:
    store, ada = two.bob.device.store, two.ada.identity
    for version, held in ((TIMER_LEAP + 1, 0), (TIMER_LEAP, 60)):
        content = LetterContent(1, 0, "", notes=Notes(timer=Timer(version, 60)))
        with store.transaction():
            hear(ada, content, store, now=two.world.now)
        assert store.conversations.get(ada).timer == held


# --- deletion -------------------------------------------------------------------------------------------------------


def test_deleted_here_is_gone_here_and_nobody_is_told(two: Two) -> None:
    two.desk(two.bob).delete_here(two.message(two.bob, "hello Bob"))
    assert two.texts(two.bob) == ["hello Ada"]
    assert two.sealed(two.bob) == 0
    assert two.texts(two.ada) == ["hello Bob", "hello Ada"]


def test_deleted_for_both_leaves_a_line_and_no_content_on_both_sides(two: Two) -> None:
    for person in (two.ada, two.bob):
        said_of = two.message(person, "hello Bob").id
        person.device.store.appeals.put(said_of, Ground.WRONGLY_LISTED, "it is mine", at=0)
    two.world.run(two.desk(two.ada).delete_for_both(two.message(two.ada, "hello Bob")))
    assert two.carry(two.ada) == 1
    for person in (two.ada, two.bob):
        line = two.history(person)[0]
        assert (line.state, line.text, line.digest, line.cost) == (State.DELETED, "", bytes(32), None)
        assert person.device.store.history.proof(line.id) is None
        # What that person said of it, had it been stopped, is about nothing now.
        assert person.device.store.appeals.get(line.id) is None
    with pytest.raises(ValueError, match="deleted already"):
        two.world.run(two.desk(two.ada).delete_for_both(two.history(two.ada)[0]))


def test_what_had_not_left_does_not_leave_and_its_deletion_is_asked_for_all_the_same(two: Two) -> None:
    two.write(two.ada, "on second thoughts")
    two.world.run(two.desk(two.ada).delete_for_both(two.message(two.ada, "on second thoughts")))
    assert two.carry(two.ada) == 1
    assert "on second thoughts" not in two.texts(two.bob)


def test_a_deletion_that_overtakes_its_message_holds_for_it(two: Two) -> None:
    two.write(two.ada, "overtaken")
    two.world.hand_over(two.ada)
    late = two.world.flights.pop()
    two.world.run(two.desk(two.ada).delete_for_both(two.message(two.ada, "overtaken")))
    two.carry(two.ada)
    two.world.flights.append(late)
    two.carry(two.ada)
    assert "overtaken" not in two.texts(two.bob)
    assert two.history(two.bob)[-1].state is State.DELETED


def test_somebody_elses_message_cannot_be_deleted_for_both(two: Two) -> None:
    with pytest.raises(ValueError, match="yourself"):
        two.world.run(two.desk(two.bob).delete_for_both(two.message(two.bob, "hello Bob")))


def test_a_request_to_delete_what_its_sender_did_not_write_changes_nothing(two: Two) -> None:
    """Bob names the envelope that Ada wrote: at her device it is hers, at his it is not from her asking."""
    store, eid = two.ada.device.store, two.message(two.ada, "hello Bob").eid
    assert eid is not None
    with store.transaction():
        hear(two.bob.identity, LetterContent(1, 0, "", notes=Notes(deleted=(eid,))), store, now=0)
    assert two.texts(two.ada) == ["hello Bob", "hello Ada"]


def test_a_message_that_was_deleted_is_not_revived_by_what_becomes_of_its_envelope(two: Two) -> None:
    message = two.message(two.ada, "hello Bob")
    two.world.run(two.desk(two.ada).delete_for_both(message))
    store = two.ada.device.store
    with store.transaction():
        store.mark(message.eid or b"", State.SENT)
        store.mark_unread(message.eid or b"", two.bob.identity)
        store.history.reveal(message.id)
    assert two.history(two.ada)[0].state is State.DELETED


def test_a_draft_that_was_stopped_is_deleted_without_a_word_to_anybody(two: Two) -> None:
    store = two.ada.device.store
    with store.transaction():
        held = store.history.add(
            two.bob.identity, two.message(two.ada, "hello Bob").direction, State.HELD, at=0, text="stopped",
            verdict=two.message(two.ada, "hello Bob").verdict, digest=bytes(32),
        )  # fmt: skip
    two.world.run(two.desk(two.ada).delete_for_both(held))
    assert store.history.get(held.id) is None
    assert two.sealed(two.ada) == 0


def test_letters_of_clients_that_know_more_are_read(two: Two) -> None:
    content = msgspec.msgpack.decode(msgspec.msgpack.encode(LetterContent(1, 0, "x", notes=Notes(60))))
    content[7].append("a later note")
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(content), type=LetterContent).notes == Notes(60)
