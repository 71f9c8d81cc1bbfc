"""Several people at one relay process, for tests of whole conversations in groups."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from foreseal_client.demo.relay_process import RelayProcess
from foreseal_client.demo.stage import HOLD_CLOSED, Person
from foreseal_client.demo.tap import Tap
from foreseal_client.device import Device
from foreseal_client.draft import Draft
from foreseal_client.events import ContactChanged, GroupChanged, MessageChanged
from foreseal_client.group_changes import member_of
from foreseal_client.groups.changes import Add, Change
from foreseal_client.outbound import Queued
from foreseal_client.spacing import AT_ONCE, Spacing
from foreseal_client.store import Contact, Direction, Group, Message, State
from foreseal_client.store.key import file_key
from sample_lists import nothing_listed

__all__ = ["GroupStage", "add", "change", "contact_of", "group_stage", "names", "received", "together", "write"]


@dataclass(frozen=True)
class GroupStage:
    """A relay and people at it. Only the first knows the others; they do not know each other."""

    relay: RelayProcess
    people: tuple[Person, ...]


@asynccontextmanager
async def group_stage(folder: Path, *who: str, spacing: Spacing = AT_ONCE) -> AsyncIterator[GroupStage]:
    """A relay and these people, the first of whom has the others as contacts. `spacing`: of the first one's."""
    async with AsyncExitStack() as stack:
        relay = RelayProcess(folder / "relay")
        stack.push_async_callback(relay.stop)
        await relay.start()
        people: list[Person] = []
        for name in who:
            profile = folder / name
            profile.mkdir()
            device = Device(
                profile, file_key(profile / "key"), lists=nothing_listed(), policy=HOLD_CLOSED, clock=time.time,
                name=name, relay=relay.url,
            )  # fmt: skip
            tap = await stack.enter_async_context(Tap.listening(*relay.address))
            person = Person(name, device, tap, AT_ONCE if people else spacing)
            stack.callback(device.close)
            stack.push_async_callback(person.leave)
            await person.come()
            people.append(person)
        for other in people[1:]:
            await introduce(people[0], other)
        yield GroupStage(relay, tuple(people))


async def introduce(one: Person, other: Person) -> None:
    """Makes contacts of two people, each with the other's address."""
    contact = await one.messenger.accept_invitation(await other.messenger.invite())
    await one.messenger.send(contact, Draft())
    identity = other.device.identity
    await one.until(
        ContactChanged, lambda event: event.contact.identity == identity and event.contact.invitation is None
    )


def contact_of(one: Person, other: Person) -> Contact:
    """The other as a contact of the one."""
    contact = one.device.store.people.get(other.device.identity)
    assert contact is not None
    return contact


async def together(creator: Person, *others: Person, name: str = "Walks") -> bytes:
    """A group of contacts; returns once all of them have it."""
    group = await creator.messenger.groups.found(name, [contact_of(creator, other) for other in others])
    assert isinstance(group, Group), group
    for other in others:
        await other.until(GroupChanged, lambda event: event.group.id == group.id)
    return group.id


async def change(author: Person, group: bytes, what: Change, *witnesses: Person) -> None:
    """A change; returns once the witnesses have the state."""
    done = await author.messenger.groups.change(group, what)
    assert isinstance(done, Group), done
    state = done.log.agreed.in_force.hash
    for witness in witnesses:
        await witness.until(GroupChanged, lambda event: state in event.group.log.states)


async def add(author: Person, group: bytes, newcomer: Person, *witnesses: Person) -> None:
    """Takes somebody in; returns once the witnesses have the state."""
    await change(author, group, Add(member_of(contact_of(author, newcomer))), *witnesses)


async def write(sender: Person, group: bytes, draft: Draft) -> Message:
    """Writes to a group; returns once the relay has it for everybody."""
    outcome = await sender.messenger.groups.send(group, draft)
    assert isinstance(outcome, Queued), outcome
    sent = outcome.message
    await sender.until(MessageChanged, lambda e: e.message.id == sent.id and e.message.state is State.SENT)
    return sent


async def received(receiver: Person, text: str) -> Message:
    """The message of a group with this text, as it arrived."""
    event = await receiver.until(
        MessageChanged,
        lambda e: e.message.direction is Direction.IN and e.message.text == text and e.message.group is not None,
    )
    return event.message


def names(person: Person, group: bytes) -> list[str]:
    """Who is in a group, as this person's device knows it."""
    found = person.device.store.groups.get(group)
    assert found is not None
    return [member.name for member in found.log.agreed.members]
