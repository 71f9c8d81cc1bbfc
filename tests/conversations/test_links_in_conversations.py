"""A listed link in a text is held on its way out, and withheld on its way in."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from foreseal_client.draft import Draft
from foreseal_client.store import State
from foreseal_matcher import Clear, ListSet, Looks, Match, Mode, OnFailure, Policy
from foreseal_matcher.lists import from_links
from sample_lists import build
from stage_fixture import accept, arrival, setting, stopped

LINK = "hxxps://bad[.]example/page"
TEXT = f"look at {LINK}, it is odd"


def listing(folder: Path, made: date) -> ListSet:
    build(folder, list(from_links(["https://bad.example"], "links", 1, category="c", source="tests")), made=made)
    return ListSet.open([folder], made)


async def test_a_listed_link_is_held_and_makes_no_traffic(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        alice = stage.alice
        alice.device.lists = listing(tmp_path / "list", alice.device.date)
        before = alice.tap.passed()
        outcome = await stopped(alice, Draft(TEXT))
        verdict = outcome.held.verdict
        assert isinstance(verdict, Match)
        assert verdict.span is not None
        assert TEXT[slice(*verdict.span)] == LINK
        assert outcome.message.state is State.HELD
        assert alice.tap.passed() == before


async def test_a_text_without_the_link_passes_and_one_with_another_link_too(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        alice = stage.alice
        alice.device.lists = listing(tmp_path / "list", alice.device.date)
        for text in ("look at this, it is odd", "https://good.example/bad.example"):
            arrived = await arrival(stage.bob, await accept(alice, Draft(text)))
            assert (arrived.text, arrived.verdict) == (text, Clear())


async def test_an_incoming_listed_link_is_withheld_under_the_looks_of_the_policy(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        bob = stage.bob
        bob.device.lists = listing(tmp_path / "list", bob.device.date)
        bob.device.policy = Policy(Mode.HOLD, OnFailure.CLOSED, Looks.FULL)
        arrived = await arrival(bob, await accept(stage.alice, Draft(TEXT)))
        assert arrived.state is State.WITHHELD
        assert isinstance(arrived.verdict, Match)


async def test_plain_text_passes_where_there_is_no_list_and_a_link_does_not(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        stage.alice.device.lists = ListSet.empty()
        await accept(stage.alice, Draft("see readme.txt"))
        outcome = await stopped(stage.alice, Draft("see https://good.example/"))
        assert outcome.message.state is State.HELD
