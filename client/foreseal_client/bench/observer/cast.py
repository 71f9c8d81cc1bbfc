"""Who is on the observer's stage: people with the real client, their contacts and groups, a desk and a relay."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from foreseal_client import login
from foreseal_client.bench.observer.seen import Notes, kinds_by_key
from foreseal_client.cards import parse_card
from foreseal_client.demo.relay_process import RelayProcess
from foreseal_client.demo.stage import HOLD_CLOSED, Person
from foreseal_client.demo.tap import Tap
from foreseal_client.device import Device
from foreseal_client.draft import Draft
from foreseal_client.events import ContactChanged, GroupChanged
from foreseal_client.relay_link import SocketLink
from foreseal_client.spacing import Spacing
from foreseal_client.store import Contact, Group
from foreseal_client.store.key import file_key
from foreseal_client.study.scripted import known_picture
from foreseal_matcher import ListSet
from foreseal_matcher.lists import Purpose, build_list, from_picture
from foreseal_relay.token_wire import read_issuer_list

__all__ = ["DESK", "PEOPLE", "Cast", "set_up"]

DESK: Final = "the desk"
PEOPLE: Final = ("Ann", "Ben", "Cleo", "Dan", "Eve", "Fay")
_GROUPS: Final = (("Ann", "Ben", "Cleo", "Dan"), ("Dan", "Eve", "Fay"))
_CONTACTS: Final = (("Ann", "Ben"), ("Ann", "Cleo"), ("Ann", "Dan"), ("Dan", "Eve"), ("Dan", "Fay"), ("Ben", "Eve"))
_QUIET: Final = 0.2


@dataclass(frozen=True, slots=True)
class Cast:
    """Who is on this stage, what they share, and who may still write to whom for the first time. `desk`: its card."""

    people: dict[str, Person]
    groups: dict[str, list[Group]]
    strangers: dict[str, list[str]]
    desk: str

    def friends(self, person: Person) -> list[Contact]:
        """The contacts whom this person writes to."""
        names = {other for pair in _among(self.people, _CONTACTS) for other in pair if person.name in pair}
        wanted = {self.people[name].device.identity for name in names - {person.name}}
        return [contact for contact in person.device.store.people.all() if contact.identity in wanted]


@asynccontextmanager
async def set_up(
    folder: Path, spacing: Spacing, names: Sequence[str]
) -> AsyncIterator[tuple[Cast, Notes, dict[str, str]]]:
    """Everybody connected, and what making contacts brought about has passed. The observer's notes go on; beside them
    mailboxes in hex by the name of their owner."""
    async with AsyncExitStack() as stack:
        relay = RelayProcess(folder / "relay")
        stack.push_async_callback(relay.stop)
        await relay.start()
        async with SocketLink(relay.url) as link:
            listed = read_issuer_list(await link.issuer() or b"")
        notes = Notes({} if listed is None else kinds_by_key(listed))
        lists = _list(folder / "list")
        people = {}
        for name in names:
            tap = await stack.enter_async_context(Tap.listening(*relay.address))
            tap.watchers.append(notes.watch(name))
            person = Person(name, _device(folder / name, name, relay.url, lists), tap, spacing)
            stack.callback(person.device.close)
            stack.push_async_callback(person.leave)
            await person.come()
            await person.messenger.first_contact.take_requests(is_open=True)
            people[name] = person
        for one, other in _among(names, _CONTACTS):
            await _introduce(people[one], people[other])
        cast = Cast(people, await _groups(people), _strangers(names), await _desk(folder, relay.url, stack))
        await _quiet(notes)
        mailboxes = {name: person.device.mailbox.hex() for name, person in people.items()}
        yield cast, notes, mailboxes | {DESK: parse_card(cast.desk).mailbox.hex()}


async def _quiet(notes: Notes) -> None:
    """Until what making contacts and groups brought about has passed."""
    before = -1
    while before != len(notes.seen):
        before = len(notes.seen)
        await asyncio.sleep(_QUIET)


async def _groups(people: dict[str, Person]) -> dict[str, list[Group]]:
    joined: dict[str, list[Group]] = {name: [] for name in people}
    for founder, *others in _among(people, _GROUPS):
        one = people[founder]
        wanted = {people[other].device.identity for other in others}
        contacts = [contact for contact in one.device.store.people.all() if contact.identity in wanted]
        group = await one.messenger.groups.found("A walk", contacts)
        if not isinstance(group, Group):
            raise TypeError(f"The group of {founder} was not founded: {group}")
        id = group.id
        for other in others:
            await people[other].until(GroupChanged, lambda event, id=id: event.group.id == id)  # type: ignore[misc]
        for name in (founder, *others):
            joined[name].append(group)
    return joined


async def _introduce(one: Person, other: Person) -> None:
    contact = await one.messenger.accept_invitation(await other.messenger.invite())
    await one.messenger.send(contact, Draft())
    who = contact.identity
    await one.until(ContactChanged, lambda event: event.contact.identity == who and event.contact.invitation is None)


async def _desk(folder: Path, relay: str, stack: AsyncExitStack) -> str:
    """A mailbox that takes reports; its card. Who sits at it does not matter here."""
    device = _device(folder / "desk", "Desk", relay, ListSet.empty())
    stack.callback(device.close)
    with device.store.transaction():
        device.store.account.take_requests(is_open=True)
        generation = device.store.account.next_generation()
    async with (
        SocketLink(relay) as link,
        link.inbox(device.account.keys.login_public, generation, device.sign_login) as inbox,
    ):
        await login.set_up(inbox, device, desk=True)
    return device.card()


def _strangers(names: Sequence[str]) -> dict[str, list[str]]:
    """Whom everybody can write to for the first time, each pair one way."""
    known = {frozenset(pair) for pair in _CONTACTS}
    known |= {frozenset((one, other)) for group in _GROUPS for one in group for other in group}
    return {
        name: [other for other in names if other > name and frozenset((name, other)) not in known] for name in names
    }


def _among(names: Iterable[str], sets: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Those of whom all are here."""
    return [each for each in sets if set(each) <= set(names)]


def _list(folder: Path) -> ListSet:
    """A list of the one picture that is held."""
    today, rows = datetime.now(UTC).date(), from_picture(known_picture(), 1, category="bench", source="bench")
    build_list(folder, rows, name="observer", version="1", made=today, purpose=Purpose.SYNTHETIC)
    return ListSet.open([folder], today)


def _device(profile: Path, name: str, relay: str, lists: ListSet) -> Device:
    profile.mkdir(parents=True)
    return Device(
        profile, file_key(profile / "key"), lists=lists, policy=HOLD_CLOSED,
        clock=lambda: datetime.now(UTC).timestamp(), name=name, relay=relay,
    )  # fmt: skip
