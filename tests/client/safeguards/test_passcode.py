"""Guessing the passcode is slow, and a clock cannot make the wait longer than it may be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreseal_client.errors import SettingError
from foreseal_client.safeguards.passcode import FIRST_WAIT, FREE_TRIES, LONGEST_WAIT, Lock
from sample_stores import CHEAP

LOCK = Lock.new("Aunt Mo", "open sesame", CHEAP)
NOW = 1_795_000_000


def after(tries: int, now: int = NOW) -> Lock:
    lock = LOCK
    for _ in range(tries):
        lock = lock.tried(now)
    return lock


def test_each_wait_is_twice_the_one_before_up_to_an_hour() -> None:
    waits = [after(tries).wait(NOW) for tries in range(FREE_TRIES + 12)]
    assert waits[:FREE_TRIES] == [0] * FREE_TRIES
    assert waits[FREE_TRIES : FREE_TRIES + 3] == [FIRST_WAIT, 2 * FIRST_WAIT, 4 * FIRST_WAIT]
    assert waits[-1] == LONGEST_WAIT
    assert waits == sorted(waits)


@given(tries=st.integers(0, 60), later=st.integers(-(2**40), 2**40))
def test_no_clock_makes_the_wait_negative_or_longer_than_an_hour(tries: int, later: int) -> None:
    assert 0 <= after(tries).wait(NOW + later) <= LONGEST_WAIT


def test_a_right_one_forgets_the_wrong_ones() -> None:
    assert after(9).opened() == LOCK


def test_a_passcode_is_the_same_however_its_letters_are_composed() -> None:
    assert Lock.new("Mo", "caf\u00e9 noir", CHEAP).fits("cafe\u0301 noir")


@pytest.mark.parametrize("holder", ["", "  ", "x" * 65, "Aunt\x1bMo", "Aunt\u202eMo"])
def test_who_holds_it_is_somebody_whose_name_can_be_seen(holder: str) -> None:
    with pytest.raises(SettingError):
        Lock.new(holder, "open sesame", CHEAP)


def test_a_short_one_is_refused() -> None:
    with pytest.raises(SettingError, match="at least"):
        Lock.new("Aunt Mo", "12345", CHEAP)
