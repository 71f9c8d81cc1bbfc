"""What the proof of a reported message shows, and each way in which it does not hold."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreseal_client.reports.proof import LISTABLE, Finding, finding
from foreseal_client.reports.said import Disclosed
from foreseal_client.sealing.keys import DeviceKeys
from reported import Sent

SENT = Sent()
MESSAGE = SENT.message()
PROVING = ("sender", "mailbox", "eid", "content", "commitment", "opening", "signature", "stamp", "key_id")


def found(one: Disclosed, sent: Sent = SENT, mailbox: bytes | None = None) -> Finding:
    return finding(one, mailbox or sent.mailbox, delivered=sent.delivered(one))


def test_what_was_written_signed_and_delivered_is_proven() -> None:
    assert found(MESSAGE) is Finding.PROVEN


@given(st.sampled_from(PROVING), st.integers(0, 10_000), st.integers(1, 255))
def test_nothing_that_proves_a_message_can_be_changed(name: str, place: int, mask: int) -> None:
    value = bytearray(getattr(MESSAGE, name))
    value[place % len(value)] ^= mask
    assert found(msgspec.structs.replace(MESSAGE, **{name: bytes(value)})) not in LISTABLE


@given(st.integers(0, 2**32 - 1).filter(lambda day: day != MESSAGE.day))
def test_a_message_was_delivered_on_its_day_and_on_no_other(day: int) -> None:
    assert found(msgspec.structs.replace(MESSAGE, day=day)) is Finding.UNDELIVERED


def test_other_words_under_the_same_proof_are_altered() -> None:
    assert found(msgspec.structs.replace(MESSAGE, content=MESSAGE.content + b" ")) is Finding.ALTERED


def test_a_reporter_cannot_put_words_into_somebodys_mouth() -> None:
    mine = Sent(sender=DeviceKeys.generate(), recipient=SENT.recipient, stamps=SENT.stamps)
    framed = msgspec.structs.replace(mine.message("what you never wrote"), sender=SENT.sender.identity_public)
    assert found(framed) is Finding.FORGED


def test_a_message_to_somebody_else_is_not_the_reporters() -> None:
    other = Sent(sender=SENT.sender, stamps=SENT.stamps)
    assert found(other.message(), mailbox=SENT.mailbox) is Finding.NOT_THEIRS


def test_a_message_to_somebody_else_does_not_become_the_reporters_by_another_mailbox() -> None:
    other = Sent(sender=SENT.sender, stamps=SENT.stamps)
    renamed = msgspec.structs.replace(other.message(), mailbox=SENT.mailbox)
    assert found(renamed) is Finding.FORGED


def test_a_sender_who_hands_in_what_was_never_sent_lacks_the_stamp() -> None:
    invented = msgspec.structs.replace(MESSAGE, stamp=bytes(32))
    assert found(invented) is Finding.UNDELIVERED


def test_the_stamp_of_another_relay_proves_nothing_here() -> None:
    elsewhere = Sent(sender=SENT.sender, recipient=SENT.recipient)
    assert finding(elsewhere.message(), SENT.mailbox, delivered=SENT.delivered(elsewhere.message())) is (
        Finding.UNDELIVERED
    )


def test_where_the_relay_cannot_be_asked_that_is_said() -> None:
    assert finding(MESSAGE, SENT.mailbox, delivered=None) is Finding.UNCONFIRMED


@pytest.mark.parametrize("delivered", [True, None])
def test_what_was_handed_in_before_is_known_again(delivered: bool | None) -> None:
    assert finding(MESSAGE, SENT.mailbox, delivered=delivered, known=True) is Finding.REPEATED
