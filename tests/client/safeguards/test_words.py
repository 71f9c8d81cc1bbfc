"""What is said: help lines of the right form, simple words for young people, nothing that blames or frightens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreseal_client.errors import SettingError
from foreseal_client.safeguards import words
from foreseal_client.safeguards.first_contacts import TooMany
from foreseal_client.safeguards.help_lines import lines_for, read_help_lines, regions
from foreseal_client.safeguards.newness import Moment, Reminder
from foreseal_client.safeguards.requests import Request
from foreseal_client.safeguards.settings import ORDINARY, YOUNG
from foreseal_client.safeguards.young import explained, if_the_holder_is_the_danger

SHIPPED = read_help_lines(files("foreseal_client.safeguards").joinpath("help_lines.toml").read_text("utf-8"))
MAX_WORDS, MAX_LETTERS = 15, 10
KNOWN_LONG = {"passphrase", "fingerprints"}
TERMS = re.compile(r"encrypt|metadata|token|relay|identity key|verdict|policy|protocol|hash", re.IGNORECASE)
BLAMING = re.compile(r"\b(?:guilty|innocent|verdict|your fault(?<!not your fault)|AI|illegal|stupid)\b")
EVE = b"e" * 32


def simple() -> Iterator[str]:
    yield from explained(YOUNG, "Aunt Mo")
    yield from if_the_holder_is_the_danger("Aunt Mo")
    yield from words.PRESSURED


def sentences(text: str) -> list[str]:
    return [part for part in re.split(r"(?<=[.?!:])\s+", text) if part]


@pytest.mark.parametrize("line", sorted(set(simple())))
def test_what_a_young_person_reads_is_short_and_made_of_short_words(line: str) -> None:
    for sentence in sentences(line):
        found = re.findall(r"[A-Za-z']+", sentence)
        assert len(found) <= MAX_WORDS, sentence
        assert [word for word in found if len(word) > MAX_LETTERS and word.lower() not in KNOWN_LONG] == []
    assert not TERMS.search(line)


def test_it_is_always_said_who_holds_the_passcode_and_that_they_cannot_read_anything() -> None:
    told = explained(YOUNG, "Aunt Mo")
    assert "The passcode is held by: Aunt Mo." in told
    assert "The passcode does not let them read your messages." in told
    assert "You need no passcode for that." in told


def test_the_person_with_the_passcode_is_spoken_of_as_a_danger_and_what_remains_is_said() -> None:
    told = if_the_holder_is_the_danger("Aunt Mo")
    assert "What if Aunt Mo is the one who hurts you?" in told
    assert any("can unlock this device" in line for line in told)


def everything_said() -> list[str]:
    request = Request(EVE, "Eve", "hi", True, 2, 1, "Ada", False)
    return [
        *simple(), words.PUBLIC, words.NOT_LISTED, words.CHECK_THE_NUMBER, words.EVIDENCE_KEPT,
        *words.request(request), words.requests_waiting(0), words.requests_waiting(3), words.blocked("Eve"),
        words.moment(Moment(EVE, 1, True), "Eve"), words.moment(Moment(EVE, None, False), "Eve"),
        words.reminder(Reminder(EVE, 0), "Eve"), words.first_contacts_used_up(TooMany(3, 3)),
        *words.settings_lines(ORDINARY), *words.settings_lines(YOUNG),
    ]  # fmt: skip


def test_nothing_that_is_said_blames_anybody() -> None:
    assert [line for line in everything_said() if BLAMING.search(line)] == []


@given(name=st.text(min_size=1, max_size=64))
def test_a_strangers_name_is_shown_and_not_obeyed(name: str) -> None:
    request = Request(EVE, name, "", False, 0, 0, name, False)
    said = [*words.request(request), words.moment(Moment(EVE, 3, True), name), words.reminder(Reminder(EVE, 3), name)]
    assert not any("\x1b" in line or "\n" in line or "\u202e" in line for line in said)


def test_a_moment_says_the_same_whatever_the_file_shows() -> None:
    assert words.moment.__annotations__.keys() == {"about", "name", "return"}
    assert set(Moment.__struct_fields__) == {"identity", "days", "outgoing"}


@pytest.mark.parametrize("line", SHIPPED, ids=lambda line: f"{line.region} {line.name}")
def test_a_shipped_help_line_names_a_source_and_never_a_day_that_is_to_come(line: object) -> None:
    assert isinstance(line, type(SHIPPED[0]))
    assert line.source.startswith("https://")
    assert line.reach.startswith("https://") or re.fullmatch(r"[0-9][0-9 -]{2,}", line.reach)
    assert line.checked is None or line.checked <= date(2026, 11, 22)


def test_a_region_has_its_own_lines_and_those_for_everywhere() -> None:
    assert {line.region for line in lines_for("de", SHIPPED)} == {"DE", "*"}
    assert {line.region for line in lines_for("ZZ", SHIPPED)} == {"*"}
    assert lines_for(None, SHIPPED) == SHIPPED
    assert "*" not in regions(SHIPPED)


@pytest.mark.parametrize(
    "text",
    ["", "[[line", "line = 3", '[[line]]\nregion = "DE"', "\x00", "a = [" * 5000,
     '[[line]]\nregion="de"\nname="n"\nreach="1"\nabout="a"\nsource="s"',
     '[[line]]\nregion="DE"\nname="n"\nreach="1"\nabout="a"\nsource="s"\nchecked="soon"',
     '[[line]]\nregion="DE"\nname="n"\nreach="1"\nabout="a"\nsource="s"\ncheckd=2026-01-01'],
)  # fmt: skip
def test_a_file_of_help_lines_with_a_slip_in_it_is_refused(text: str) -> None:
    with pytest.raises(SettingError):
        read_help_lines(text)
