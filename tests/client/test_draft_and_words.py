"""Drafts, verdicts as bytes, and the words on the screen."""

from __future__ import annotations

import itertools
import unicodedata
from dataclasses import replace
from datetime import date

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from foreseal_client import words
from foreseal_client.draft import MAX_ATTACHMENTS, MAX_TEXT, Draft
from foreseal_client.verdicts import decode_verdict, encode_verdict
from foreseal_matcher import (
    Bytes,
    Clear,
    Entry,
    ListSet,
    Match,
    Mode,
    OnFailure,
    Overlap,
    Policy,
    Reason,
    Unreadable,
    Verdict,
)

MATCH = Match(Entry(7, "pdq", "demo", "tests"), "demo", "1", 4, 31, 0, "plain")
LINK = Match(Entry(8, "link", "demo", "tests"), "demo", "1", 0, 0, look="link", span=(6, 31))
FILM = Match(Entry(9, "film", "demo", "tests"), "demo", "1", 6, 31, 0, "film", overlap=Overlap(12, 14, 12, 20))
VERDICTS: list[Verdict] = [
    Clear(), Clear((Reason.OTHER_KIND,)), MATCH, LINK, FILM, *(Unreadable(reason, "why", 1) for reason in Reason)
]  # fmt: skip
POLICIES = [Policy(mode, failure) for mode, failure in itertools.product(Mode, OnFailure)]


def test_a_draft_that_would_not_fit_is_refused() -> None:
    Draft("x" * MAX_TEXT)
    with pytest.raises(ValueError, match="Shorten"):
        Draft("ü" * (MAX_TEXT // 2 + 1))
    with pytest.raises(ValueError, match="no meaning"):
        Draft("\ud800")
    with pytest.raises(ValueError, match="Rename"):
        Draft("", (Bytes(b"", "n" * 256),))
    with pytest.raises(ValueError, match="files"):
        Draft("", (Bytes(b""),) * (MAX_ATTACHMENTS + 1))


@given(st.text(max_size=20), st.lists(st.binary(max_size=5), max_size=3), st.text(max_size=20))
def test_another_content_has_another_digest(text: str, files: list[bytes], other: str) -> None:
    draft = Draft(text, tuple(Bytes(data) for data in files))
    assert draft.digest == Draft(text, tuple(Bytes(data, "renamed") for data in files)).digest
    assert (draft.digest == Draft(other, draft.attachments).digest) is (text == other)
    assert draft.digest != Draft(text, (*draft.attachments, Bytes(b""))).digest


@pytest.mark.parametrize("verdict", VERDICTS)
def test_a_verdict_comes_back_as_it_was(verdict: Verdict) -> None:
    assert decode_verdict(encode_verdict(verdict)) == verdict


def test_a_verdict_stored_before_links_were_matched_can_still_be_read() -> None:
    before = msgspec.msgpack.decode(encode_verdict(MATCH))
    assert before.pop() is None
    assert decode_verdict(msgspec.msgpack.encode(before)) == MATCH


def test_a_listed_link_is_told_without_calling_it_a_picture_and_with_its_place() -> None:
    assert "A link in it leads to" in words.stopped(LINK)
    assert "picture" not in words.stopped(LINK)
    assert words.outcome(LINK) == "has a link that is listed on demo"
    assert ("Where", "characters 7 to 31 of the text") in words.explained(LINK, None)


def test_a_film_is_told_by_how_much_of_it_was_found() -> None:
    assert words.thing(FILM) == "film"
    assert words.thing(replace(FILM, look="at 0:12", overlap=None)) == "film"
    assert words.thing(MATCH) == "picture"
    assert words.thing(replace(MATCH, look="exact")) == "file"
    told = dict(words.explained(FILM, None))
    assert told["In common"] == "12 of 14 parts of this film, 12 of 20 of the listed one"
    assert told["Distance"].endswith("6 of at most 31 bits")


def test_why_says_since_when_an_entry_is_listed_and_that_it_is_disputed() -> None:
    entry = Entry(7, "md5", "demo", "tests", date(2026, 11, 1), True)
    told = words.explained(replace(MATCH, entry=entry), None)
    assert ("Entry", "7 (demo, from tests, listed since 2026-11-01, disputed)") in told
    assert ("Algorithm", "MD5, exact copy") in told
    assert ("Entry", "7 (demo, from tests)") in words.explained(MATCH, None)


@given(st.binary(max_size=60))
@example(b"\x91\xa1\x80")  # a name that is no UTF-8
def test_random_bytes_are_no_verdict(data: bytes) -> None:
    try:
        verdict = decode_verdict(data)
    except msgspec.DecodeError:
        return
    assert decode_verdict(encode_verdict(verdict)) == verdict


@pytest.mark.parametrize("policy", POLICIES)
def test_what_a_policy_says_of_itself_is_what_it_does(policy: Policy) -> None:
    said = words.consequence(policy)
    if policy.mode in (Mode.OFF, Mode.OBSERVE):
        assert "Everything passes" in said
        assert "stopped" not in said
    else:
        assert "is stopped" in said
        assert ("cannot be checked passes" in said) is (policy.on_failure is OnFailure.OPEN)
    assert ("send it anyway" in said) is (policy.mode is Mode.WARN)


@pytest.mark.parametrize("found", [v for v in VERDICTS if not isinstance(v, Clear)])
def test_the_card_blames_nobody_and_says_what_left(found: Match | Unreadable) -> None:
    said = words.stopped(found)
    assert "not sent" in said
    assert words.NOTHING_LEFT in said
    assert not {"guilty", "innocent", "illegal", "verdict", "abuse"} & set(said.lower().split())
    assert str(MATCH.distance) not in said  # a gauge for finding out what passes


@pytest.mark.parametrize("policy", POLICIES)
def test_policy_and_what_follows_a_failure_are_always_on_the_status_line(policy: Policy) -> None:
    line = words.status(policy, (), ListSet.empty(), None)
    assert f"check: {policy.mode}" in line
    assert policy.on_failure in line
    assert "PROBLEM: there is no hash list on this device" in line


@given(st.text())
def test_control_and_direction_characters_are_shown_and_never_obeyed(text: str) -> None:
    shown = words.visible(text)
    assert not any(unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp"} and c != "\u200d" for c in shown)
    if all(c.isalnum() for c in text):
        assert shown == text


def test_a_direction_override_in_a_name_is_spelled_out() -> None:
    assert words.visible("gpj.\u202egnp") == "gpj.\\u202egnp"
    assert words.visible("a\nb", lines=True) == "a\nb"
    assert words.visible("a\nb") == "a\\nb"
    assert words.visible("\x1b[2Jx") == "\\x1b[2Jx"
    assert words.visible("[bold]👩\u200d🔬") == "[bold]👩\u200d🔬"
