"""Slots of the clock: what leaves in them says nothing of when its cause was."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foreseal_client.conversation.slots import RECEIPT_SLOT, TYPING_SLOT, next_slot
from foreseal_client.conversation.typing import MAX_UNANSWERED, Typing

DAY = 86_400
SECRET, BOB, EVE = b"s" * 32, b"B" * 32, b"E" * 32
TIMES = st.integers(0, 2**33)


@pytest.mark.parametrize("step", [RECEIPT_SLOT, TYPING_SLOT])
@settings(max_examples=50)
@given(now=TIMES)
def test_a_slot_comes_after_now_and_within_two_steps(step: int, now: int) -> None:
    assert now < next_slot(SECRET, BOB, now, step) <= now + 2 * step


@settings(max_examples=50)
@given(day=st.integers(0, 2**16), one=st.integers(0, DAY - 1), other=st.integers(0, DAY - 1))
def test_the_slots_of_one_day_lie_whole_steps_apart_whenever_they_are_asked_for(day: int, one: int, other: int) -> None:
    slots = [next_slot(SECRET, BOB, day * DAY + at, RECEIPT_SLOT) for at in (one, other)]
    if slots[0] // DAY == slots[1] // DAY:
        assert (slots[0] - slots[1]) % RECEIPT_SLOT == 0


def test_slots_differ_between_contacts_days_and_devices() -> None:
    """Twelve at random among 3,600 would be the same once in billions of runs; the secret makes it none."""
    first = next_slot(SECRET, BOB, 0, RECEIPT_SLOT) % RECEIPT_SLOT
    others = [
        next_slot(SECRET, EVE, 0, RECEIPT_SLOT), next_slot(b"t" * 32, BOB, 0, RECEIPT_SLOT),
        *(next_slot(SECRET, BOB, day * DAY, RECEIPT_SLOT) for day in range(1, 11)),
    ]  # fmt: skip
    assert {slot % RECEIPT_SLOT for slot in others} != {first}


def test_whatever_happens_between_two_slots_leaves_at_the_second() -> None:
    slot = next_slot(SECRET, BOB, 1_000_000, RECEIPT_SLOT)
    assert {next_slot(SECRET, BOB, slot + after, RECEIPT_SLOT) for after in range(0, RECEIPT_SLOT, 60)} == {
        slot + RECEIPT_SLOT
    }


def test_typing_is_said_once_a_slot_however_often_a_key_is_pressed() -> None:
    typing = Typing(SECRET)
    for now in range(1000, 1000 + TYPING_SLOT):
        typing.typed(BOB, now)
    slot = next_slot(SECRET, BOB, 1000, TYPING_SLOT)
    assert typing.take_due(slot - 1) == []
    assert typing.take_due(slot) == [BOB]
    assert typing.take_due(slot + 5 * TYPING_SLOT) == []


def test_a_draft_that_was_handed_in_is_not_typed_any_more() -> None:
    typing = Typing(SECRET)
    typing.typed(BOB, 1000)
    typing.ended(BOB)
    assert typing.take_due(1000 + TYPING_SLOT) == []


def test_a_slot_that_was_slept_through_is_told_to_nobody() -> None:
    typing = Typing(SECRET)
    typing.typed(BOB, 1000)
    assert typing.take_due(1000 + DAY) == []
    assert typing.next_due() is None


def test_somebody_who_is_away_gets_a_few_notices_and_then_none_until_they_write() -> None:
    typing, told = Typing(SECRET), 0
    for now in range(0, 100 * TYPING_SLOT, TYPING_SLOT):
        told += len(typing.take_due(now))
        typing.typed(BOB, now)
    assert told == MAX_UNANSWERED
    typing.heard(BOB)
    typing.typed(BOB, 3000)
    assert typing.take_due(3000 + TYPING_SLOT - 1) == [BOB]
