"""A list at the scope fence: its person is shown what is new and what changed, and says whether it comes."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Final

from foreseal_client import list_words
from foreseal_client.chat.card import Card, Choice
from foreseal_client.updates.at_fence import AtFence, at_fence
from foreseal_client.updates.refusals import UpdateRefused
from foreseal_matcher.lists import HashList

if TYPE_CHECKING:
    from foreseal_client.chat.desk import ChatDesk

__all__ = ["ask_at_fence", "fence_card", "waiting_lists", "watch_fence"]

_EVERY: Final = 60.0
"""Seconds after which the chat looks whether an update was stopped meanwhile, by the status of one file a list."""


def waiting_lists(desk: ChatDesk) -> list[tuple[HashList, AtFence]]:
    """The lists in force that have something at the fence."""
    found = [(one, at_fence(one.path)) for one in desk.device.lists.lists]
    return [(one, at) for one, at in found if at is not None]


async def watch_fence(desk: ChatDesk, every: float = _EVERY) -> None:
    """Tells of what waits, once for each thing asked, and asks where a card may open by itself; never ends. What was
    answered is not asked again."""
    told: set[tuple[Path, tuple[str, ...]]] = set()
    while True:
        for one, at in waiting_lists(desk):
            if at.kept or (one.path, at.news) in told:
                continue
            told.add((one.path, at.news))
            desk.face.say(list_words.noticed(one.name))
            if desk.face.opens_cards:
                await ask_at_fence(desk, one, at)
        await asyncio.sleep(every)


async def ask_at_fence(desk: ChatDesk, one: HashList, at: AtFence) -> None:
    """Shows the card and does what was decided. An update that finds yet more asks again."""
    reply = await desk.face.ask(fence_card(one, at))
    if reply.choice == "keep":
        desk.face.say(list_words.KEPT if _answered(one, at) else list_words.NOT_KEPT)
    elif reply.choice == "accept" and not desk.fetches_lists:
        desk.face.say(list_words.CANNOT_FETCH)
    elif reply.choice == "accept":
        await _bring(desk, one, at)


def fence_card(one: HashList, at: AtFence) -> Card:
    """What waits, by category and endorser, and three ways on. To accept it is to accept all of it."""
    return Card(
        list_words.title(at), list_words.beyond(at, one.name, one.version),
        (Choice("later", "Not now"), Choice("keep", "Keep the old list"), Choice("accept", "Accept all of it")),
        rows=list_words.changes(at), loud=True,
    )  # fmt: skip


def _answered(one: HashList, at: AtFence) -> bool:
    try:
        at.answered(one.path)
    except OSError:  # such as a folder that belongs to somebody else
        return False
    return True


async def _bring(desk: ChatDesk, one: HashList, at: AtFence) -> None:
    # Loaded for who says yes: the library of updates is large.
    from foreseal_client.updates.fetching import fetcher_for
    from foreseal_client.updates.updating import update

    try:
        done = await asyncio.to_thread(
            lambda: update(at.source, fetcher_for(at.source), one.path, desk.device.date, accept=at.news)
        )
    except UpdateRefused as refused:
        desk.face.say(str(refused))
        return
    await desk.device.newest_lists()
    desk.face.say(list_words.taken(done.list.name, done.list.version))
    desk.face.status_changed()
