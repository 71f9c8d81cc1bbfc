"""A list that wants to cover more is shown in the chat, with what changed, and comes only when its person says so."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from ada_at_the_chat import Ada, at_the_chat
from foreseal_client import list_words
from foreseal_client.chat.fence import watch_fence
from foreseal_client.publishing.publishing import prepare_list
from foreseal_client.updates.at_fence import AtFence
from foreseal_client.updates.refusals import StoppedAtFence
from foreseal_matcher.lists import FollowedLists, ListedHash
from foreseal_matcher.verdict import Entry
from log_attacks import beyond_scope
from sample_lists import lines
from sample_repositories import NOW, World, world

TITLE = "A list wants to cover more"


async def looks(ada: Ada) -> None:
    """As the chat does by itself, for a moment."""
    task = asyncio.create_task(watch_fence(ada.desk, every=0.001))
    await asyncio.sleep(0.01)
    task.cancel()


def in_force(ada: Ada) -> list[str]:
    return [fact.version for fact in ada.device.lists.describe(ada.device.date)]


def _no_room(*_: object) -> None:
    raise OSError(28, "No space left on device")


async def stopped(here: World) -> None:
    """As an updater is that runs by a clock."""
    with pytest.raises(StoppedAtFence):
        await beyond_scope(here)


async def test_a_list_at_the_fence_is_asked_about_once_and_comes_only_when_it_is_accepted(tmp_path: Path) -> None:
    async with world(tmp_path) as here, at_the_chat(tmp_path) as ada:
        await ada.device.follow(FollowedLists([here.out]))
        await looks(ada)
        assert TITLE not in ada.face.titles()
        await stopped(here)
        await looks(ada)
        card = ada.face.card(TITLE)
        assert [choice.name for choice in card.choices] == ["later", "keep", "accept"]
        assert ("New category", "another purpose") in card.rows
        assert ("Entries: another purpose", "0 before, 1 now") in card.rows
        assert any(name == "Endorser: alice" and "before too" in value for name, value in card.rows)
        assert "Version 1 stays in force" in card.text

        with pytest.MonkeyPatch.context() as full:
            full.setattr("foreseal_client.updates.at_fence._put", _no_room)
            ada.face.will(TITLE, "keep")
            await ada.says("/lists", list_words.NOT_KEPT)

        ada.face.will(TITLE, "keep")
        await ada.line("/lists")
        asked = len(ada.face.cards)
        await looks(ada)
        assert len(ada.face.cards) == asked  # it was answered
        assert in_force(ada) == ["1"]

        ada.face.will(TITLE, "accept")
        ada.desk.fetches_lists = False
        await ada.says("/lists", list_words.CANNOT_FETCH)
        assert in_force(ada) == ["1"]
        ada.desk.fetches_lists = True
        ada.face.will(TITLE, "accept")
        await ada.says("/lists", "The list demo, version 2, is in force.")
        assert in_force(ada) == ["2"]
        before = len(ada.face.cards)
        await ada.line("/lists")
        assert len(ada.face.cards) == before + 1  # nothing waits: the lists alone


def test_of_another_log_nobody_says_that_an_update_stands_in_it() -> None:
    at = AtFence("there", ("log:other.example",), None, None)
    said = f"{list_words.title(at)} {list_words.beyond(at, 'demo', '1')}"
    assert "stands in its public log" not in said
    assert "cover more" not in said
    assert "Nothing was read in it" in said
    assert list_words.changes(at) == (("Another log", "other.example"),)


async def test_what_is_accepted_is_what_was_shown_and_a_source_that_is_gone_is_said(tmp_path: Path) -> None:
    async with world(tmp_path) as here, at_the_chat(tmp_path) as ada:
        await ada.device.follow(FollowedLists([here.out]))
        await stopped(here)
        row = ListedHash(Entry(9_001, "sha256", "a third purpose", "tests"), bytes(32))
        assert prepare_list(here.publisher.repository, here.publisher.write([*lines(20), row], "3"), NOW)
        here.publisher.complete()
        ada.face.will(TITLE, "accept")
        await ada.says("/lists", "category:a third purpose")
        assert in_force(ada) == ["1"]
        shutil.rmtree(here.publisher.repository.folder)
        ada.face.will(TITLE, "accept")
        await ada.says("/lists", "Nothing was changed: a list installed before stays in force.")
        assert in_force(ada) == ["1"]
