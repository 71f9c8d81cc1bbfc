"""Verdicts in the local store outlive the versions that wrote them."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from foreseal_client.verdicts import decode_verdict, encode_verdict
from foreseal_matcher import Entry, Match

BEFORE_DATES = bytes.fromhex(
    "99a56d6174636884a2696407a9616c676f726974686da3706471a863617465676f7279a464656d6fa6736f75726365a574657374"
    "73a464656d6fa131041f00a5706c61696ec0"
)
"""A match that was stored before entries said when they were added."""


def test_a_match_stored_before_entries_had_a_day_is_still_read() -> None:
    match = Match(Entry(7, "pdq", "demo", "tests"), "demo", "1", 4, 31, 0, "plain")
    assert decode_verdict(BEFORE_DATES) == match


def test_the_day_and_the_dispute_of_an_entry_are_kept() -> None:
    match = Match(Entry(7, "film", "demo", "tests", date(2026, 11, 1), True), "demo", "1", 4, 31, 0, "plain")
    assert decode_verdict(encode_verdict(match)) == match


@pytest.mark.parametrize("length", [0, 1, 20, len(BEFORE_DATES) - 1])
def test_a_verdict_that_was_cut_off_is_refused(length: int) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode_verdict(BEFORE_DATES[:length])
