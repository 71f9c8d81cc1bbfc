"""Two people and a real relay process, for tests of whole conversations."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from foreseal_client.demo.stage import Person, Stage
from foreseal_client.draft import Draft
from foreseal_client.events import ContactChanged, MessageChanged
from foreseal_client.outbound import NotSent, Queued
from foreseal_client.store import Direction, Message, State
from foreseal_matcher.content import Item
from sample_lists import nothing_listed

__all__ = ["accept", "arrival", "introduced", "read", "setting", "stopped"]


@asynccontextmanager
async def setting(folder: Path) -> AsyncIterator[Stage]:
    """A stage on which nothing is listed and no list has a problem."""
    async with Stage.set_up(folder) as stage:
        for person in (stage.alice, stage.bob):
            person.device.lists = nothing_listed()
        yield stage


async def introduced(stage: Stage) -> None:
    """Alice has written, and Bob's address has come back."""
    await arrival(stage.bob, await accept(stage.alice, Draft(f"hello {secrets.token_hex(4)}")))
    await stage.alice.until(ContactChanged, lambda event: event.contact.invitation is None)


async def accept(sender: Person, draft: Draft) -> Message:
    """Sends; returns once the relay has it."""
    outcome = await sender.messenger.send(sender.peer, draft)
    assert isinstance(outcome, Queued), outcome
    sent = outcome.message
    await sender.until(MessageChanged, lambda e: e.message.id == sent.id and e.message.state is State.SENT)
    return sent


async def arrival(receiver: Person, sent: Message) -> Message:
    """The message as it arrived."""
    event = await receiver.until(
        MessageChanged, lambda e: e.message.direction is Direction.IN and e.message.eid == sent.eid
    )
    return event.message


async def stopped(sender: Person, draft: Draft, *, acknowledged: bool = False) -> NotSent:
    """Sends what should be held."""
    outcome = await sender.messenger.send(sender.peer, draft, acknowledged=acknowledged)
    assert isinstance(outcome, NotSent), outcome
    return outcome


def read(item: Item) -> bytes:
    """An item's bytes."""
    with item.open() as reader:
        return reader.read()
