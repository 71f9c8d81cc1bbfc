"""Two people who are given two lists find out by the messages they write anyway."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from foreseal_client.demo.stage import Person, Stage
from foreseal_client.draft import Draft
from foreseal_client.store import Direction, State
from foreseal_client.transparency.evidence import Evidence
from foreseal_client.updates.fetching import fetcher_for
from foreseal_client.updates.updating import update
from foreseal_matcher.lists import FollowedLists
from sample_repositories import TODAY, Publisher
from stage_fixture import accept, arrival, setting


@asynccontextmanager
async def given(folder: Path, publishers: dict[str, Publisher]) -> AsyncIterator[Stage]:
    """Alice and Bob, each with the list of a publisher, both begun with the same keys."""
    async with setting(folder) as stage:
        for name, person in (("alice", stage.alice), ("bob", stage.bob)):
            publisher, out = publishers[name], folder / f"list of {name}"
            source = str(publisher.repository.folder)
            update(source, fetcher_for(source), out, TODAY, root=publisher.root)
            await person.device.follow(FollowedLists([out]))
        yield stage


def notices(person: Person) -> list[str]:
    history = person.device.store.history
    return [m.text for m in history.with_contact(person.peer.identity) if m.state is State.NOTICE]


def compared(person: Person) -> list[str]:
    return [found.judgement for found in person.device.store.heads.all()]


async def said(sender: Person, receiver: Person, text: str) -> None:
    await arrival(receiver, await accept(sender, Draft(text)))


async def test_colluding_endorsers_and_log_are_found_out_by_the_next_message_each_way(tmp_path: Path) -> None:
    honest = Publisher.beginning(tmp_path / "one")
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    split = Publisher.in_folder(tmp_path / "two")
    honest.publish(1)
    split.publish(1)
    honest.publish(2)
    split.publish(3)
    async with given(tmp_path, {"alice": honest, "bob": split}) as stage:
        await said(stage.alice, stage.bob, "hello")
        (line,) = notices(stage.bob)
        assert "two different histories" in line
        (found,) = [one for one in stage.bob.device.store.heads.all() if one.judgement == "split-view"]
        assert Evidence.decode(found.evidence).key == honest.log_key
        await said(stage.bob, stage.alice, "hello yourself")
        assert len(notices(stage.alice)) == 1
        await said(stage.alice, stage.bob, "again")
        assert len(notices(stage.bob)) == 1
        assert not [m for m in stage.bob.device.store.history.with_contact(stage.bob.peer.identity)
                    if m.direction is Direction.IN and m.state is State.WITHHELD]  # fmt: skip


async def test_who_is_behind_in_the_same_log_is_not_alarmed_and_alarms_nobody(tmp_path: Path) -> None:
    publisher = Publisher.beginning(tmp_path / "one")
    publisher.publish(1)
    async with given(tmp_path, {"alice": publisher, "bob": publisher}) as stage:
        source = str(publisher.repository.folder)
        publisher.publish(2)
        update(source, fetcher_for(source), tmp_path / "list of bob", TODAY)
        await stage.bob.device.newest_lists()
        await said(stage.alice, stage.bob, "hello")
        assert compared(stage.bob) == ["older"]
        await said(stage.bob, stage.alice, "hello yourself")
        assert compared(stage.alice) == ["ahead"]
        assert notices(stage.alice) == notices(stage.bob) == []
