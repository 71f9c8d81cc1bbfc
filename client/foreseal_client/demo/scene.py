"""A scenario under way: the stage, who is on it, and what was done so far."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from foreseal_client.demo.evidence import Evidence
from foreseal_client.demo.publisher import StagePublisher
from foreseal_client.demo.shelf import Shelved, file_of, taken
from foreseal_client.demo.stage import Person, Stage, write_list
from foreseal_client.demo.steps import AnyStep, Name
from foreseal_client.draft import Draft
from foreseal_client.errors import ClientError
from foreseal_client.events import MessageChanged
from foreseal_client.outbound import NotSent, Queued
from foreseal_client.store import Contact, Direction, Message, State
from foreseal_relay import wire

__all__ = ["Scene", "SceneError", "Settled", "draft_of"]


class SceneError(ClientError):
    """The scenario could not go on as it is written: it asks for somebody or something that is not on the stage."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What came of a step. `held_up`: whether its claim does; `stopped`: what a person's card is about, and whose it
    is."""

    step: AnyStep
    held_up: bool
    evidence: Evidence
    stopped: tuple[Name, NotSent] | None = None

    def as_dict(self) -> dict[str, str | bool | Evidence]:
        """For `--json`."""
        return {
            "say": self.step.say, "look": self.step.look, "claim": self.step.claim, "held": self.held_up,
            "evidence": self.evidence,
        }  # fmt: skip


@dataclass(slots=True)
class Scene:
    """`people`: by name, all who have arrived; `stopped`: what was stopped last, by whom; `group`: the one there is;
    `sends`: what came over each one's connections."""

    stage: Stage
    folder: Path
    people: dict[str, Person]
    stopped: dict[str, NotSent] = field(default_factory=dict)
    publisher: StagePublisher | None = None
    group: bytes | None = None
    group_members: tuple[Name, ...] = ()
    list_folders: dict[str, Path] = field(default_factory=dict)
    following: tuple[Name, ...] = ()
    editions: int = 0
    sends: dict[str, list[wire.Send]] = field(default_factory=dict)

    async def enter(self, person: Person) -> None:
        """Somebody comes, with a list of nothing that anybody sends. From now on it is noted down which envelopes come
        over their connections, as a relay could."""
        self.people[person.name] = person
        await self.give_list(person.name, ())
        noted: list[wire.Send] = []

        def note(piece: bytes) -> None:
            with contextlib.suppress(wire.WireError):
                frame = wire.decode_drop(piece)
                if isinstance(frame, wire.Send):
                    noted.append(frame)

        self.sends[person.name] = noted
        person.tap.observers.append(note)

    @classmethod
    @asynccontextmanager
    async def open(cls, folder: Path) -> AsyncIterator[Scene]:
        """A stage with Alice and Bob, who know each other, and lists of nothing that anybody sends."""
        async with Stage.set_up(folder) as stage:
            yield await cls.on(stage, folder)

    @classmethod
    async def on(cls, stage: Stage, folder: Path) -> Scene:
        """A scene on a stage that is set up."""
        scene = cls(stage, folder, {})
        for person in (stage.alice, stage.bob):
            await scene.enter(person)
        return scene

    def person(self, name: Name) -> Person:
        """Who has this name. Raises `SceneError` before they arrive."""
        if name not in self.people:
            raise SceneError(f"{name} is not on the stage yet.")
        return self.people[name]

    def contact(self, of: Person, other: Name) -> Contact:
        """The other as `of` knows them. Raises `SceneError`."""
        found = of.device.store.people.get(self.person(other).device.identity)
        if found is None:
            raise SceneError(f"{of.name} does not know {other} yet.")
        return found

    def last_stopped(self, name: Name) -> NotSent:
        """What was stopped last on somebody's device. Raises `SceneError`."""
        if name not in self.stopped:
            raise SceneError(f"Nothing of {name}'s was stopped yet.")
        return self.stopped[name]

    async def arrival(self, receiver: Person, outcome: Queued) -> Message:
        """The message as it arrived."""
        event = await receiver.until(
            MessageChanged, lambda e: e.message.direction is Direction.IN and e.message.eid == outcome.message.eid
        )
        return event.message

    async def accepted(self, sender: Person, outcome: Queued) -> None:
        """Returns once the relay has it."""
        wanted = outcome.message.id
        await sender.until(MessageChanged, lambda e: e.message.id == wanted and e.message.state is State.SENT)

    async def give_list(self, name: str, pictures: tuple[Shelved, ...]) -> None:
        """Puts a synthetic list of these pictures in force on somebody's device."""
        folder = self.list_folders[name] = self.new_folder(name)
        listed = [taken(picture) for picture in pictures]
        self.people[name].device.lists = await asyncio.to_thread(write_list, folder, "demo", listed)

    def new_folder(self, *parts: str) -> Path:
        """A folder that was not used before, below the scene's own."""
        self.editions += 1
        return self.folder.joinpath("scene", str(self.editions), *parts)


def draft_of(text: str, picture: Shelved | None) -> Draft:
    """What somebody is about to send."""
    return Draft(text, () if picture is None else (file_of(picture),))
