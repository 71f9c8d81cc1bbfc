"""A list that is updated while two people talk: what it names now is stopped, and nobody restarts anything."""

from __future__ import annotations

import asyncio
from pathlib import Path

from foreseal_client.draft import Draft
from foreseal_client.events import MessageChanged
from foreseal_client.publishing.publishing import prepare_list
from foreseal_client.store import State
from foreseal_client.updates.fetching import fetcher_for
from foreseal_client.updates.updating import update
from foreseal_matcher import Bytes, Match, Reason, Unreadable
from foreseal_matcher.lists import FollowedLists, from_picture
from sample_pictures import encoded, picture
from sample_repositories import NOW, TODAY, Publisher
from stage_fixture import accept, arrival, setting, stopped


async def test_what_an_update_lists_is_stopped_in_mid_chat_and_what_the_next_withdraws_is_released(
    tmp_path: Path,
) -> None:
    sent = encoded(picture(31), "PNG")
    publisher = Publisher.beginning(tmp_path / "publisher")
    publisher.publish(1)
    source, folder = str(publisher.repository.folder), tmp_path / "list"
    update(source, fetcher_for(source), folder, TODAY, root=publisher.root)
    async with setting(tmp_path) as stage:
        alice = stage.alice.device
        await alice.follow(FollowedLists([folder]))
        arrived = await arrival(stage.bob, await accept(stage.alice, Draft("one", (Bytes(sent, "one.png"),))))
        assert arrived.state is not State.WITHHELD

        listed = publisher.write(from_picture(sent, 1, category="category-0", source="tests"), "2")
        assert prepare_list(publisher.repository, listed, NOW)
        publisher.complete()
        await asyncio.to_thread(update, source, fetcher_for(source), folder, TODAY)

        outcome = await stopped(stage.alice, Draft("two", (Bytes(sent, "two.png"),)))
        assert isinstance(outcome.held.verdict, Match)
        assert outcome.message.state is State.HELD
        assert [facts.version for facts in alice.lists.describe(TODAY)] == ["2"]

        others = from_picture(encoded(picture(32), "PNG"), 1, category="category-0", source="tests")
        assert prepare_list(publisher.repository, publisher.write(others, "3"), NOW)
        publisher.complete()
        await asyncio.to_thread(update, source, fetcher_for(source), folder, TODAY)
        await alice.newest_lists()
        held = outcome.message.id
        await stage.alice.until(MessageChanged, lambda e: (e.message.id, e.message.state) == (held, State.RELEASED))


async def test_a_list_that_is_taken_away_in_mid_chat_is_missed_at_the_next_check(tmp_path: Path) -> None:
    publisher = Publisher.beginning(tmp_path / "publisher")
    publisher.publish(1)
    source, folder = str(publisher.repository.folder), tmp_path / "list"
    update(source, fetcher_for(source), folder, TODAY, root=publisher.root)
    async with setting(tmp_path) as stage:
        await stage.alice.device.follow(FollowedLists([folder]))
        await accept(stage.alice, Draft("one", (Bytes(encoded(picture(32), "PNG"), "one.png"),)))
        folder.rename(tmp_path / "away")
        outcome = await stopped(stage.alice, Draft("two", (Bytes(encoded(picture(33), "PNG"), "two.png"),)))
        verdict = outcome.held.verdict
        assert isinstance(verdict, Unreadable)
        assert verdict.reason is Reason.LIST_ABSENT
