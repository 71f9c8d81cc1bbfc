"""Six people, a desk and a relay: what they do, drawn from a seed, with the real client, while an observer takes notes.

Everybody does one thing after the other, all of them at once, with idle moments drawn in between.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from foreseal_client import login
from foreseal_client.bench.observer.seen import Notes, Seen, kinds_by_key
from foreseal_client.cards import parse_card
from foreseal_client.demo.relay_process import RelayProcess
from foreseal_client.demo.stage import HOLD_CLOSED, Person
from foreseal_client.demo.tap import Tap
from foreseal_client.device import Device
from foreseal_client.draft import Draft
from foreseal_client.events import ContactChanged, GroupChanged, MessageChanged
from foreseal_client.handing_over import hand_in
from foreseal_client.outbound import NotSent, Queued
from foreseal_client.relay_link import SocketLink
from foreseal_client.reports.said import Category, TipOff
from foreseal_client.spacing import Gap
from foreseal_client.store import Contact, Group, State
from foreseal_client.store.key import file_key
from foreseal_client.study.scripted import draft_of, known_picture
from foreseal_matcher import ListSet
from foreseal_matcher.lists import Purpose, build_list, from_picture
from foreseal_relay.token_wire import ALLOWANCE, Kind, read_issuer_list

__all__ = ["DESK", "KINDS", "Act", "Record", "played"]

KINDS: Final = ("text", "long text", "picture", "group", "held", "idle", "request", "report", "away")
"""What somebody does. `group`: a text to a group; `held`: a picture that is stopped; `idle`: nothing."""
DESK: Final = "the desk"
_WEIGHTS: Final = (6, 1, 3, 4, 3, 0, 1, 1, 2)
_PEOPLE: Final = ("Ann", "Ben", "Cleo", "Dan", "Eve", "Fay")
_GROUPS: Final = (("Ann", "Ben", "Cleo", "Dan"), ("Dan", "Eve", "Fay"))
_CONTACTS: Final = (("Ann", "Ben"), ("Ann", "Cleo"), ("Ann", "Dan"), ("Dan", "Eve"), ("Dan", "Fay"), ("Ben", "Eve"))
_QUIET: Final = 0.2
_MOST_IDLE: Final = 1.5
"""Seconds between two things that somebody does, at most."""


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody really did. `to`: names; `began`, `ended`: on the notes' clock, until the relay had all of it."""

    kind: str
    by: str
    to: tuple[str, ...]
    began: float
    ended: float


@dataclass(frozen=True, slots=True)
class Record:
    """A run: the observer's notes, and beside them what is true. `mailboxes`: in hex, by the name of their owner, who
    is also the address that they come from."""

    seen: tuple[Seen, ...]
    acts: tuple[Act, ...]
    mailboxes: dict[str, str]


@dataclass
class _Cast:
    """Who is on this stage, what they share, and who may still write to whom for the first time."""

    people: dict[str, Person]
    groups: dict[str, list[Group]]
    strangers: dict[str, list[str]]
    desk: str
    acts: list[Act] = field(default_factory=list)


async def played(
    folder: Path, seed: int, each: int, gap: Gap, idle: float = _MOST_IDLE, names: Sequence[str] = _PEOPLE
) -> Record:
    """A run in which everybody does `each` things. `gap`: pauses of the clients between envelopes for different people;
    `idle`: seconds between two acts, at most; `names`: who takes part, at least those of the first group."""
    chance = random.Random(f"{seed} observer")
    # Who does what follows from the seed; what overtakes what is up to the machine.
    plans = {name: chance.choices(KINDS, _WEIGHTS, k=each) for name in names}
    async with _set_up(folder, gap, names) as (cast, notes, mailboxes):
        async with asyncio.TaskGroup() as group:
            for name, plan in plans.items():
                group.create_task(_live(name, plan, cast, random.Random(f"{seed} {name}"), idle))
        seen = tuple(notes.seen)
    return Record(seen, tuple(sorted(cast.acts, key=lambda act: act.began)), mailboxes)


@asynccontextmanager
async def _set_up(folder: Path, gap: Gap, names: Sequence[str]) -> AsyncIterator[tuple[_Cast, Notes, dict[str, str]]]:
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
            person = Person(name, _device(folder / name, name, relay.url, lists), tap, gap)
            stack.callback(person.device.close)
            stack.push_async_callback(person.leave)
            await person.come()
            await person.messenger.first_contact.take_requests(is_open=True)
            people[name] = person
        for one, other in _among(names, _CONTACTS):
            await _introduce(people[one], people[other])
        cast = _Cast(people, await _groups(people), _strangers(names), await _desk(folder, relay.url, stack))
        await _quiet(notes)
        mailboxes = {name: person.device.mailbox.hex() for name, person in people.items()}
        yield cast, notes, mailboxes | {DESK: parse_card(cast.desk).mailbox.hex()}


async def _quiet(notes: Notes) -> None:
    """Until what making contacts and groups brought about has passed."""
    before = -1
    while before != len(notes.seen):
        before = len(notes.seen)
        await asyncio.sleep(_QUIET)


async def _live(name: str, plan: list[str], cast: _Cast, chance: random.Random, idle: float) -> None:
    reports = ALLOWANCE[Kind.REPORT]
    for kind in plan:
        await asyncio.sleep(chance.uniform(0, idle))
        if (kind == "request" and not cast.strangers[name]) or (kind == "report" and not reports):
            kind = "text"  # nobody is left to be written to for the first time, or no token for the desk
        reports -= kind == "report"
        began = time.monotonic()
        to = await _act(kind, cast.people[name], cast, chance, idle)
        ended = time.monotonic()
        cast.acts.append(Act(kind, name, to, began, ended))
        if kind == "held":  # and as long without anything, to be told from it
            await asyncio.sleep(ended - began)
            cast.acts.append(Act("idle", name, (), ended, time.monotonic()))


async def _act(kind: str, person: Person, cast: _Cast, chance: random.Random, idle: float) -> tuple[str, ...]:
    match kind:
        case "away":
            await person.leave()
            await asyncio.sleep(chance.uniform(0, idle))
            await person.come()
            return ()
        case "group":
            group = chance.choice(cast.groups[person.name])
            await _until_sent(person, await person.messenger.groups.send(group.id, draft_of("text", chance)))
            names = [member.name for member in group.log.agreed.members]
            return tuple(one for one in names if one != person.name)
        case "request":
            other = cast.people[cast.strangers[person.name].pop()]
            contact = await person.messenger.requests.begin(other.device.card())
            if isinstance(contact, Contact):
                await _until_sent(person, await person.messenger.send(contact, draft_of("text", chance)))
            return (other.name,)
        case "report":
            said = TipOff(Category.OTHER, "", f"https://found.example/{chance.randrange(10**6)}")
            await hand_in(said, cast.desk, person.device, person.messenger.first_contact)
            return (DESK,)
        case _:
            contact = chance.choice(_friends(person, cast))
            outcome = await person.messenger.send(contact, draft_of(kind, chance), rested=True)
            await _until_sent(person, outcome)
            return () if isinstance(outcome, NotSent) else (contact.name,)


async def _until_sent(person: Person, outcome: object) -> None:
    if isinstance(outcome, Queued):
        sent = outcome.message.id
        await person.until(MessageChanged, lambda e: e.message.id == sent and e.message.state is State.SENT)


def _friends(person: Person, cast: _Cast) -> list[Contact]:
    names = {other for pair in _among(cast.people, _CONTACTS) for other in pair if person.name in pair} - {person.name}
    wanted = {cast.people[name].device.identity for name in names}
    return [contact for contact in person.device.store.people.all() if contact.identity in wanted]


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
