"""Two people and a real relay process, for tests of whole conversations."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from foreseal_client.demo.relay_process import RelayProcess
from foreseal_client.demo.stage import HOLD_CLOSED, Person, Stage
from foreseal_client.demo.tap import Tap
from foreseal_client.device import Device
from foreseal_client.draft import Draft
from foreseal_client.events import ContactChanged, MessageChanged
from foreseal_client.outbound import NotSent, Outcome, Queued, Resting
from foreseal_client.store import Contact, Direction, Message, State
from foreseal_client.store.key import file_key
from foreseal_matcher.content import Item
from sample_lists import nothing_listed

__all__ = ["accept", "accept_for", "arrival", "message_in", "read", "setting", "stopped", "two_relays"]


@asynccontextmanager
async def setting(folder: Path, *, introduced: bool = True) -> AsyncIterator[Stage]:
    """A stage on which nothing is listed and no list has a problem."""
    async with Stage.set_up(folder, introduced=introduced) as stage:
        for person in (stage.alice, stage.bob):
            person.device.lists = nothing_listed()
        yield stage


@asynccontextmanager
async def two_relays(folder: Path) -> AsyncIterator[tuple[Person, Person]]:
    """Alice at one relay and Bob at another, introduced to each other."""
    async with AsyncExitStack() as stack:
        people = []
        for name in ("Alice", "Bob"):
            relay = RelayProcess(folder / f"relay of {name}")
            await relay.start()
            stack.push_async_callback(relay.stop)
            profile = folder / name
            profile.mkdir()
            device = Device(
                profile, file_key(profile / "key"), lists=nothing_listed(), policy=HOLD_CLOSED, clock=time.time,
                name=name, relay=relay.url,
            )  # fmt: skip
            tap = await stack.enter_async_context(Tap.listening(*relay.address))
            person = Person(name, device, tap)
            stack.callback(device.close)
            stack.push_async_callback(person.leave)
            await person.come()
            people.append(person)
        alice, bob = people
        contact = await alice.messenger.accept_invitation(await bob.messenger.invite())
        await alice.messenger.send(contact, Draft())
        await alice.until(ContactChanged, lambda event: event.contact.invitation is None)
        yield alice, bob


async def accept(sender: Person, draft: Draft) -> Message:
    """Sends; returns once the relay has it."""
    return await accept_for(sender, sender.peer, draft)


async def accept_for(sender: Person, to: Contact, draft: Draft) -> Message:
    """Sends to one of several contacts; returns once the relay has it."""
    outcome = await sender.messenger.send(to, draft)
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


def message_in(outcome: Outcome) -> Message:
    """The message that came of sending, where nobody was asked to take a moment."""
    assert not isinstance(outcome, Resting), outcome
    return outcome.message


def read(item: Item) -> bytes:
    """An item's bytes."""
    with item.open() as reader:
        return reader.read()
