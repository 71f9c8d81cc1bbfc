"""Intervals and the card: what so many photographs can show, and what they leave open."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foreseal_client.study.card import Rate, Supposed, card
from foreseal_client.study.intervals import bootstrap, upper_of_none, wilson

SHARES = st.integers(1, 5000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))


@given(SHARES)
def test_a_share_lies_in_its_interval_which_lies_in_nothing_to_all(share: tuple[int, int]) -> None:
    value, low, high = wilson(*share)
    assert 0 <= low <= value <= high <= 1


def test_the_score_interval_is_the_one_of_the_tables() -> None:
    # R. G. Newcombe, Two-sided confidence intervals for the single proportion, 1998, table I, method 3.
    for hits, of, low, high in ((81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611)):
        _, found_low, found_high = wilson(hits, of)
        assert (round(found_low, 4), round(found_high, 4)) == (low, high)


def test_finding_all_of_few_is_not_certainty() -> None:
    assert wilson(10, 10).low < 0.75


@pytest.mark.parametrize(("hits", "of"), [(0, 0), (3, 2), (-1, 5)])
def test_what_is_no_share_has_no_interval(hits: int, of: int) -> None:
    with pytest.raises(ValueError, match="is no share"):
        wilson(hits, of)


def test_nothing_in_n_leaves_three_in_n_open_and_never_more_than_all() -> None:
    assert (upper_of_none(300), upper_of_none(2), upper_of_none(0)) == (0.01, 1.0, 1.0)


def test_photographs_are_drawn_alike_for_a_seed_and_more_of_them_narrow_the_interval() -> None:
    few, many = bootstrap([0.0, 1.0] * 5, 1), bootstrap([0.0, 1.0] * 500, 1)
    assert few == bootstrap([0.0, 1.0] * 5, 1)
    assert many.high - many.low < (few.high - few.low) / 5
    with pytest.raises(ValueError, match="nothing to draw"):
        bootstrap([], 1)


def test_no_false_match_in_the_sample_is_not_nobody_wrongly_stopped() -> None:
    told = card(Rate(90, 100), Rate(0, 100), Supposed(1_000_000, 1e-6), 1)
    assert (told.wrong.value, told.wrong.low) == (0, 0)
    assert 25_000 < told.wrong.high < 40_000
    assert told.right.low < 0.01
    assert told.right.high == 1


def test_the_card_counts_what_it_is_told() -> None:
    told = card(Rate(5_000, 10_000), Rate(100, 10_000), Supposed(1_000, 0.1, 0.5, 0.2), 1)
    assert (told.known, told.stopped.value, told.missed.value) == pytest.approx((100, 25, 75))
    assert (told.wrong.value, told.appeals.value) == pytest.approx((9, 1.8))
    assert told.right.value == pytest.approx(25 / 34)
    for one in (told.stopped, told.missed, told.wrong, told.appeals, told.right):
        assert one.low < one.value < one.high


@settings(max_examples=25)
@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.integers(1, 10**9))
def test_whatever_is_supposed_known_items_are_stopped_or_pass(
    prevalence: float, coverage: float, appeals: float, volume: int
) -> None:
    told = card(Rate(3, 4), Rate(1, 50), Supposed(volume, prevalence, coverage, appeals), 1)
    assert told.stopped.value + told.missed.value == pytest.approx(told.known)
    assert told.appeals.high <= told.wrong.high


@pytest.mark.parametrize("wrong", [{"volume": 0}, {"prevalence": 1.1}, {"coverage": -0.1}, {"appeals": 2.0}])
def test_what_cannot_be_supposed_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"share|at least one"):
        Supposed(**wrong)  # type: ignore[arg-type]


def test_there_is_no_card_without_a_measurement() -> None:
    with pytest.raises(ValueError, match="needs a measured"):
        card(Rate(0, 0), Rate(0, 10), Supposed(), 1)
