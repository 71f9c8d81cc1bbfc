"""How new somebody is, and what follows: moments, reminders, links that cannot be opened."""

from __future__ import annotations

import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreseal_client.safeguards.first_contacts import TooMany, may_write_first
from foreseal_client.safeguards.newness import days_known, links_open, moment_for, reminder_for, unlinked
from foreseal_client.safeguards.requests import (
    MAX_REQUEST_LETTERS,
    MAX_REQUEST_TEXT,
    MAX_REQUESTS,
    as_shown,
    refusal,
)
from foreseal_client.safeguards.settings import ORDINARY, YOUNG

EVE = b"e" * 32
LINKS = ["https://example.org/a?b", "http://a.b", "www.example.com", "hxxps://example.org", "ftp://example.net/x"]
SCHEME = re.compile(r"[a-z]+://", re.IGNORECASE)


@given(text=st.text(max_size=120), links=st.lists(st.sampled_from(LINKS), max_size=3))
def test_no_link_of_a_stranger_can_be_opened_by_a_terminal(text: str, links: list[str]) -> None:
    shown = unlinked(" ".join([text, *links]))
    assert not SCHEME.search(shown)
    assert not re.search(r"www\.[a-z]", shown)


@given(text=st.text(alphabet="abc ,!\n", max_size=60))
def test_a_text_without_links_is_left_as_it_is(text: str) -> None:
    assert unlinked(text) == text


def test_a_link_stays_readable() -> None:
    assert unlinked("see https://example.org/a.html now") == "see https[:]//example[.]org/a[.]html now"


@given(texts=st.lists(st.text(max_size=400), max_size=6))
def test_what_is_shown_of_a_request_is_short_whatever_was_written(texts: list[str]) -> None:
    shown, shortened = as_shown(texts)
    assert len(shown) <= 3 * MAX_REQUEST_TEXT  # each sign of a link may become three
    assert shortened == (len("\n".join(text for text in texts if text)) > MAX_REQUEST_TEXT)


@pytest.mark.parametrize(("known", "asked"), [(None, True), (0, True), (29, True), (30, False), (400, False)])
def test_a_young_person_is_asked_for_a_moment_until_the_contact_is_not_new(known: int | None, asked: bool) -> None:
    for outgoing in (True, False):
        assert (moment_for(EVE, known, YOUNG, outgoing=outgoing) is not None) is asked
        assert moment_for(EVE, known, ORDINARY, outgoing=outgoing) is None


@pytest.mark.parametrize(("known", "said"), [(None, False), (0, True), (6, True), (7, False)])
def test_a_reminder_is_for_the_first_days_of_a_contact(known: int | None, said: bool) -> None:
    assert (reminder_for(EVE, known, ORDINARY) is not None) is said


@pytest.mark.parametrize(("known", "young", "ordinary"), [(None, False, False), (0, False, True), (30, True, True)])
def test_links_of_who_is_no_contact_never_open(known: int | None, young: bool, ordinary: bool) -> None:
    assert (links_open(known, YOUNG), links_open(known, ORDINARY)) == (young, ordinary)


def test_a_clock_that_was_put_back_makes_nobody_known_for_longer() -> None:
    assert days_known(100, 90) == 0


@given(limit=st.integers(0, 50), today=st.integers(0, 60))
def test_first_contacts_are_as_many_as_the_limit_says(limit: int, today: int) -> None:
    refused = may_write_first(today, msgspec.structs.replace(ORDINARY, first_contacts=limit))
    assert refused == (TooMany(today, limit) if today >= limit else None)


def test_strangers_are_dropped_when_uninvited_when_they_write_too_often_and_when_too_many_wait() -> None:
    assert refusal("Eve", invited_only=False, letters=MAX_REQUEST_LETTERS - 1, waiting=MAX_REQUESTS - 1) == ""
    assert "without an invitation" in refusal("Eve", invited_only=True, letters=0, waiting=0)
    assert refusal("Eve", invited_only=False, letters=MAX_REQUEST_LETTERS, waiting=0)
    assert refusal("Eve", invited_only=False, letters=0, waiting=MAX_REQUESTS)
