"""Six people, a desk and a relay: what they do, drawn from a seed, with the real client, while an observer takes notes.

Everybody does one thing after the other, all of them at once, with idle moments drawn in between.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from foreseal_client.bench.observer.cast import DESK, PEOPLE, Cast, set_up
from foreseal_client.bench.observer.seen import Seen
from foreseal_client.demo.stage import Person
from foreseal_client.events import MessageChanged
from foreseal_client.handing_over import hand_in
from foreseal_client.outbound import NotSent, Queued
from foreseal_client.reports.said import Category, TipOff
from foreseal_client.spacing import Spacing
from foreseal_client.store import Contact, State
from foreseal_client.study.scripted import draft_of
from foreseal_relay.token_wire import ALLOWANCE, Kind

__all__ = ["KINDS", "Act", "Record", "played"]

KINDS: Final = ("text", "long text", "picture", "group", "held", "idle", "request", "report", "away")
"""What somebody does. `group`: a text to a group; `held`: a picture that is stopped; `idle`: nothing."""
_WEIGHTS: Final = (6, 1, 3, 4, 3, 0, 1, 1, 2)
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


async def played(
    folder: Path, seed: int, each: int, spacing: Spacing, idle: float = _MOST_IDLE, names: Sequence[str] = PEOPLE
) -> Record:
    """A run in which everybody does `each` things. `spacing`: when what the clients send leaves;
    `idle`: seconds between two acts, at most; `names`: who takes part, at least those of the first group."""
    chance = random.Random(f"{seed} observer")
    # Who does what follows from the seed; what overtakes what is up to the machine.
    plans = {name: chance.choices(KINDS, _WEIGHTS, k=each) for name in names}
    async with set_up(folder, spacing, names) as (cast, notes, mailboxes):
        async with asyncio.TaskGroup() as group:
            lives = [
                group.create_task(_lived(name, plan, cast, random.Random(f"{seed} {name}"), idle))
                for name, plan in plans.items()
            ]
        seen = tuple(notes.seen)
    acts = [act for life in lives for act in life.result()]
    return Record(seen, tuple(sorted(acts, key=lambda act: act.began)), mailboxes)


async def _lived(name: str, plan: list[str], cast: Cast, chance: random.Random, idle: float) -> list[Act]:
    acts, reports = list[Act](), ALLOWANCE[Kind.REPORT]
    for kind in plan:
        await asyncio.sleep(chance.uniform(0, idle))
        if (kind == "request" and not cast.strangers[name]) or (kind == "report" and not reports):
            kind = "text"  # nobody is left to be written to for the first time, or no token for the desk
        reports -= kind == "report"
        began = time.monotonic()
        to = await _act(kind, cast.people[name], cast, chance, idle)
        ended = time.monotonic()
        acts.append(Act(kind, name, to, began, ended))
        if kind == "held":  # and as long without anything, to be told from it
            await asyncio.sleep(ended - began)
            acts.append(Act("idle", name, (), ended, time.monotonic()))
    return acts


async def _act(kind: str, person: Person, cast: Cast, chance: random.Random, idle: float) -> tuple[str, ...]:
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
            contact = chance.choice(cast.friends(person))
            outcome = await person.messenger.send(contact, draft_of(kind, chance), rested=True)
            await _until_sent(person, outcome)
            return () if isinstance(outcome, NotSent) else (contact.name,)


async def _until_sent(person: Person, outcome: object) -> None:
    if isinstance(outcome, Queued):
        sent = outcome.message.id
        await person.until(MessageChanged, lambda e: e.message.id == sent and e.message.state is State.SENT)
