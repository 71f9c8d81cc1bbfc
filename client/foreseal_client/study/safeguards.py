"""Safeguards compared: the same scenes without any, with contact safeguards, with matching, and with both; what each
stopped, delayed or let pass. Played by the real clients over a real relay.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from foreseal_client import pictures
from foreseal_client.demo.stage import HOLD_CLOSED, Person, Stage
from foreseal_client.draft import Draft
from foreseal_client.errors import RelayRefusedError
from foreseal_client.events import ContactChanged, MessageChanged
from foreseal_client.outbound import NotSent, Queued, Resting
from foreseal_client.safeguard_settings import change_settings
from foreseal_client.safeguards.settings import ORDINARY, YOUNG, Safeguards
from foreseal_client.store import Contact, Direction, Standing, State
from foreseal_client.study.cell import Cell, Ground, Sample
from foreseal_client.study.errors import StudyError
from foreseal_client.study.scenes import MISTAKEN, Part, Scene, scenes
from foreseal_client.study.scripted import script_list
from foreseal_matcher import ListSet, Looks, Mode, OnFailure, Policy

__all__ = ["BECAME", "DELAYED", "REGIMES", "STOPPED", "measure"]

BECAME: Final = "became"
STOPPED: Final = ("held", "refused", "withheld")
"""It did not leave; it was not taken in; it came and is not shown."""
DELAYED: Final = ("moment", "covered", "request")
"""Asked for before it leaves; shown when the person says so; words alone until the person lets somebody in."""
_OFF: Final = Policy(Mode.OFF, OnFailure.OPEN)
_LONG: Final = 400
"""Days for which the friend is known."""
_LATE: Final = (State.SHOWN, State.WITHHELD, State.COVERED)


@dataclass(frozen=True, slots=True)
class _Regime:
    """`policy`: of everybody's check; `settings`: of the protected person, who takes requests where `is_open`."""

    policy: Policy
    settings: Safeguards

    @property
    def is_open(self) -> bool:
        return self.settings is ORDINARY


REGIMES: Final[Mapping[str, _Regime]] = {
    "nothing": _Regime(_OFF, ORDINARY),
    "contact safeguards": _Regime(_OFF, YOUNG),
    "matching, quick looks": _Regime(HOLD_CLOSED, ORDINARY),
    "matching, full looks": _Regime(Policy(Mode.HOLD, OnFailure.CLOSED, Looks.FULL), ORDINARY),
    "matching, fail-open": _Regime(Policy(Mode.HOLD, OnFailure.OPEN), ORDINARY),
    "both": _Regime(HOLD_CLOSED, YOUNG),
}
"""Contact safeguards are those of a young person's profile; both is with the quick looks."""


def measure(cell: Cell, ground: Ground) -> Iterator[Sample]:
    """Every scene under every regime, or under the one in `variant`: what it `became`, and milliseconds until that was
    so at the device that decided it."""
    yield from asyncio.run(_played([cell.variant] if cell.variant else [*REGIMES], ground))


async def _played(regimes: Sequence[str], ground: Ground) -> list[Sample]:
    samples: list[Sample] = []
    with tempfile.TemporaryDirectory(dir=ground.work) as folder:
        lists = script_list(Path(folder) / "list", pictures.generate(*MISTAKEN))
        played = [*scenes(ground.seed, ground.quick)]
        for regime in regimes:
            # Each has people of its own: a relay gives nobody tokens for so many attachments a day.
            async with _stage(Path(folder) / regime) as people:
                await _set(REGIMES[regime], people, lists)
                for scene in played:
                    samples += await _scene(scene, regime, people)
    return samples


async def _scene(scene: Scene, regime: str, people: Mapping[Part, Person]) -> list[Sample]:
    sender, receiver = people[scene.sender], people[scene.receiver]
    sender.device.policy = _OFF if scene.altered else REGIMES[regime].policy
    began = time.perf_counter()
    try:
        became = await _became(sender, receiver, scene)
    except TimeoutError as fault:
        raise StudyError(f"{scene.name}, under {regime}: nothing came of it within a minute.") from fault
    spent = (time.perf_counter() - began) * 1000
    sender.device.policy = REGIMES[regime].policy
    return [
        Sample("safeguards", scene.name, regime, "", "", BECAME, became),
        Sample("safeguards", scene.name, regime, "", "", "ms", f"{spent:.4g}"),
    ]


@asynccontextmanager
async def _stage(folder: Path) -> AsyncIterator[Mapping[Part, Person]]:
    async with Stage.set_up(folder, introduced=False) as stage:
        friend, protected = stage.people
        store, today = protected.device.store, protected.device.today
        with store.transaction():
            store.safeguards.meet(friend.device.identity, today - _LONG)
        new = await stage.arrive("New")
        await _introduced(friend, protected)
        await new.messenger.accept_invitation(await protected.messenger.invite())
        await _introduced(new, protected)
        stranger = await stage.arrive("Stranger")
        yield {Part.PROTECTED: protected, Part.FRIEND: friend, Part.NEW: new, Part.STRANGER: stranger}


async def _introduced(one: Person, other: Person) -> None:
    await one.messenger.send(_contact(one, other), Draft())
    await one.until(
        ContactChanged,
        lambda event: event.contact.identity == other.device.identity and event.contact.invitation is None,
    )


async def _set(regime: _Regime, people: Mapping[Part, Person], lists: ListSet) -> None:
    for person in people.values():
        person.device.lists = lists
        person.device.policy = regime.policy
    protected = people[Part.PROTECTED]
    change_settings(protected.device, regime.settings)
    await protected.messenger.first_contact.take_requests(is_open=regime.is_open)


async def _became(sender: Person, receiver: Person, scene: Scene) -> str:
    if scene.sender is Part.STRANGER and sender.device.store.people.get(receiver.device.identity) is None:
        try:
            await sender.messenger.requests.begin(receiver.device.card())
        except RelayRefusedError:
            return "refused"
    since = len(receiver.log)
    outcome = await sender.messenger.send(_contact(sender, receiver), scene.what)
    match outcome:
        case NotSent():
            return "held"
        case Resting():
            return "moment"
        case Queued(message):
            if scene.sender is Part.STRANGER:
                return await _asked(sender, receiver)
            arrived = await receiver.until(
                MessageChanged,
                lambda event: (
                    event.message.direction is Direction.IN
                    and event.message.eid == message.eid
                    and event.message.state in _LATE
                ),
                since,
            )
            return arrived.message.state.value
        case _:
            raise StudyError(f"A scene of the script became {type(outcome).__name__}, which it does not know.")


async def _asked(stranger: Person, receiver: Person) -> str:
    """A stranger's letter: words and a count of files, until the person decides."""
    await receiver.until(
        ContactChanged,
        lambda event: (
            event.contact.identity == stranger.device.identity and event.contact.standing is Standing.REQUESTED
        ),
    )
    return "request"


def _contact(person: Person, other: Person) -> Contact:
    found = person.device.store.people.get(other.device.identity)
    if found is None:
        raise StudyError(f"{person.name} does not know {other.name}.")
    return found
