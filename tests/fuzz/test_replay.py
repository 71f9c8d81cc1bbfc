"""A short and repeatable part of the fuzzing: whatever is done to a picture's file, `screen` gives a verdict."""

from __future__ import annotations

import random

import pytest

from foreseal_matcher import Bytes, Clear, Looks, Unreadable, screen
from fuzz.mutations import mutated, with_sums_put_right
from fuzz.seeds import seeds
from sample_lists import nothing_listed

SEEDS = dict(seeds())
NOTHING_LISTED = nothing_listed()
each_seed = pytest.mark.parametrize("name", SEEDS)


def verdict_on(content: bytes, looks: Looks = Looks.QUICK) -> Clear | Unreadable:
    verdict = screen(Bytes(content, "fuzzed.jpg"), NOTHING_LISTED, looks).verdict
    assert isinstance(verdict, Clear | Unreadable)
    return verdict


@each_seed
def test_a_seed_is_looked_at_as_it_is_unless_it_is_of_a_kind_that_is_refused(name: str) -> None:
    refused = name.endswith((".bmp", ".tiff", ".svg"))
    assert isinstance(verdict_on(SEEDS[name], Looks.FULL), Unreadable if refused else Clear)


@each_seed
def test_a_seed_that_was_edited_gives_a_verdict_and_no_exception(name: str) -> None:
    chance = random.Random(name)
    verdicts = [verdict_on(mutated(SEEDS[name], list(SEEDS.values()), chance)) for _ in range(60)]
    # An edit that nothing notices would mean that edits do not get where they should.
    assert any(isinstance(verdict, Unreadable) for verdict in verdicts)


def test_an_edited_png_gets_past_its_checksums() -> None:
    whole = SEEDS["plain.png"]
    at = whole.index(b"IHDR") + 8
    edited = whole[:at] + bytes([whole[at] ^ 64]) + whole[at + 1 :]
    assert with_sums_put_right(whole) == whole
    assert with_sums_put_right(edited) != edited
    assert isinstance(verdict_on(with_sums_put_right(edited)), Unreadable)
