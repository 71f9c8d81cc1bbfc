"""Several devices without a relay: sealed letters lie in one heap and are handed over in any order a test likes."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import ExitStack
from pathlib import Path
from typing import Any, cast

from foreseal_client import inbound
from foreseal_client.demo.stage import HOLD_CLOSED
from foreseal_client.device import Device
from foreseal_client.draft import Draft
from foreseal_client.events import Event, GroupChanged
from foreseal_client.group_changes import member_of
from foreseal_client.group_desk import GroupDesk
from foreseal_client.group_inbound import Dropped, GroupChange
from foreseal_client.group_mail import cleared_note, queue_parts
from foreseal_client.groups.changes import Add, Change
from foreseal_client.groups.letters import GroupPart
from foreseal_client.outbound import Queued
from foreseal_client.relay_link import RelayLink
from foreseal_client.sealing.bundles import open_bundle
from foreseal_client.store import Arrived, Contact, Group, GroupStanding, Message, Standing, State
from foreseal_relay import wire
from sample_lists import nothing_listed

__all__ = ["Letter", "Mate", "Post", "added", "change", "contact_of", "say", "write"]

RELAY = "http://relay.example"
NOW = 1_795_000_000


class Letter:
    """An envelope on its way. `writer` and `reader` by name."""

    def __init__(self, writer: str, reader: str, envelope: wire.Deliver) -> None:
        self.writer = writer
        self.reader = reader
        self.envelope = envelope


class Mate:
    """One person's device, with what it has shown, dropped and been told."""

    def __init__(self, name: str, device: Device, post: Post) -> None:
        self.name = name
        self.device = device
        self.shown: list[Message] = []
        self.dropped: list[str] = []
        self.events: list[Event] = []
        group = cast(asyncio.TaskGroup, _NoTasks())
        self.groups = GroupDesk(device, group, self._fetched, self.events.append, lambda: None, self.dropped.append)
        self._post = post

    async def _fetched(self, contact: Contact) -> Contact:
        bundle = await self._post.fetch_bundle(contact.mailbox, contact.token)
        return self.device.complete(contact, bundle)

    @property
    def texts(self) -> list[str]:
        """What others wrote and this person was shown."""
        return [message.text for message in self.shown]

    @property
    def lost(self) -> list[Change]:
        """The changes of this person that they were told do not hold."""
        return [change for event in self.events if isinstance(event, GroupChanged) for change in event.lost]

    def names(self, group: bytes) -> list[str] | None:
        """Who is in a group; `None`: this person is not."""
        found = self.device.store.groups.get(group)
        if found is None or found.standing is not GroupStanding.JOINED:
            return None
        return [member.name for member in found.log.agreed.members]


class Post:
    """Makes devices, carries letters and keeps bundles. `now`: the time on all devices, in seconds since 1970."""

    def __init__(self, folder: Path, *names: str) -> None:
        self.heap: list[Letter] = []
        self.now = NOW
        self._stack = ExitStack()
        self.mates = {name: self._mate(folder / name, name) for name in names}

    def _mate(self, profile: Path, name: str) -> Mate:
        device = Device(
            profile,
            bytes(32),
            lists=nothing_listed(),
            policy=HOLD_CLOSED,
            clock=lambda: self.now,
            name=name,
            relay=RELAY,
        )
        self._stack.callback(device.close)
        return Mate(name, device, self)

    def close(self) -> None:
        """Closes the devices."""
        self._stack.close()

    def introduce(self, one: Mate, other: Mate) -> None:
        """Makes contacts of two people."""
        for mine, theirs in ((one.device, other.device), (other.device, one.device)):
            peer = open_bundle(self._bundle(theirs), None, theirs.identity, theirs.mailbox, mine.today)
            contact = Contact(
                theirs.identity, theirs.account.name, RELAY, theirs.mailbox, theirs.account.delivery_token, None, peer,
                Standing.ACCEPTED, introduced=True,
            )  # fmt: skip
            with mine.store.transaction():
                mine.store.people.put(contact)

    async def link(self, relay: str) -> RelayLink:
        """A link that fetches bundles and nothing else."""
        return cast(RelayLink, _BundleLink(self))

    async def fetch_bundle(self, mailbox: bytes, token: bytes) -> wire.Bundle:
        """The bundle of a device, for who knows its token."""
        device = next(mate.device for mate in self.mates.values() if mate.device.mailbox == mailbox)
        assert token == device.account.delivery_token
        return wire.Bundle(1, self._bundle(device), None)

    def _bundle(self, device: Device) -> bytes:
        return device.store.account.prekeys().signed_bundle(device.account.keys, device.mailbox, device.today)

    def collect(self) -> list[Letter]:
        """Takes what was sealed since out of every outbox; it lies in the heap from now on."""
        new = []
        for mate in self.mates.values():
            store = mate.device.store
            for pending in store.outbox.waiting(RELAY):
                envelope = pending.envelope
                with store.transaction():
                    store.outbox.remove(envelope.eid)
                    store.mark(envelope.eid, State.SENT)
                reader = next(one for one in self.mates.values() if one.device.mailbox == envelope.mailbox)
                deliver = wire.Deliver(
                    envelope.eid, envelope.commitment, mate.device.today, bytes(8), envelope.body, bytes(32)
                )
                new.append(Letter(mate.name, reader.name, deliver))
        new.sort(key=lambda letter: (letter.writer, letter.reader))  # members are written to in an order drawn anew
        self.heap += new
        return new

    async def hand_over(self, letter: Letter) -> None:
        """One letter reaches its reader, who looks at it, and at what waited for it."""
        self.heap.remove(letter)
        reader = self.mates[letter.reader]
        taken = inbound.take(letter.envelope, reader.device)
        if isinstance(taken, inbound.Rejected):
            reader.dropped.append(taken.reason)
        assert isinstance(taken, Arrived | inbound.Rejected | inbound.Repeated)
        await self.look(reader)

    async def look(self, reader: Mate) -> None:
        """A reader looks at what was taken, and fetches the keys it lacks."""
        device = reader.device
        while arrived := device.store.inbox.waiting(RELAY):
            for one in arrived:
                match await inbound.admit(one, device, self.link, lambda done, total: None):
                    case Message() as message:
                        reader.shown.append(message)
                    case Dropped(reason):
                        reader.dropped.append(reason)
                    case GroupChange(group, lost):
                        reader.groups.learned(group, lost)
            for reach in device.store.groups.waiting(RELAY):
                await reader.groups.reach(reach)
        for reach in device.store.groups.waiting(RELAY):
            await reader.groups.reach(reach)

    async def settle(self) -> None:
        """Everything that is under way arrives, in order, until nothing moves any more."""
        while self.collect() or self.heap:
            for letter in list(self.heap):
                await self.hand_over(letter)

    async def founded(self, creator: Mate, *others: Mate) -> bytes:
        """A group of contacts that all of them have."""
        contacts = [creator.device.store.people.get(other.device.identity) for other in others]
        group = await creator.groups.found("Walks", [contact for contact in contacts if contact is not None])
        assert isinstance(group, Group), group
        await self.settle()
        return group.id


class _NoTasks:
    """Where a task group is wanted: nothing is done by itself."""

    def create_task(self, work: Coroutine[Any, Any, None]) -> None:
        work.close()


class _BundleLink:
    def __init__(self, post: Post) -> None:
        self.fetch_bundle = post.fetch_bundle


async def change(author: Mate, group: bytes, what: Change) -> None:
    """Makes a change that is allowed."""
    done = await author.groups.change(group, what)
    assert isinstance(done, Group), done


async def write(author: Mate, group: bytes, text: str) -> Message:
    """Writes to a group."""
    outcome = await author.groups.send(group, Draft(text))
    assert isinstance(outcome, Queued), outcome
    return outcome.message


def added(alice: Mate, somebody: Mate) -> Add:
    """The change that takes a contact of Alice's in."""
    contact = alice.device.store.people.get(somebody.device.identity)
    assert contact is not None
    return Add(member_of(contact))


def contact_of(one: Mate, other: Mate) -> Contact:
    """The other as a contact of the one."""
    contact = one.device.store.people.get(other.device.identity)
    assert contact is not None
    return contact


async def say(writer: Mate, part: GroupPart, reader: Mate) -> None:
    """Says something about a group to one person."""
    cleared = await cleared_note(writer.device)
    with writer.device.store.transaction():
        queue_parts(cleared, [part], [reader.device.identity], writer.device)
