"""The stage: a relay in its own process, and two people whose connections to it pass through a tap each."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Final, TypeVar

from foreseal_client import pictures
from foreseal_client.demo.relay_process import RelayProcess
from foreseal_client.demo.tap import Tap
from foreseal_client.device import Device
from foreseal_client.draft import Draft
from foreseal_client.events import Connection, ContactChanged, Event
from foreseal_client.messenger import Messenger
from foreseal_client.relay_link import SocketLink
from foreseal_client.spacing import AT_ONCE, Spacing
from foreseal_client.store import Contact
from foreseal_client.store.key import file_key
from foreseal_matcher import ListSet, Mode, OnFailure, Policy
from foreseal_matcher.lists import ListedHash, Purpose, build_list, from_picture

__all__ = ["HOLD_CLOSED", "PATIENCE", "Person", "Stage", "write_list"]

PATIENCE: Final = 60.0
"""Seconds after which something that should have happened counts as not happening."""
HOLD_CLOSED: Final = Policy(Mode.HOLD, OnFailure.CLOSED)
_UNRELATED: Final = 24
"""Pictures on every demo list that nobody sends, so that a check has something to tell apart."""
_SMALL: Final = (320, 240)

T = TypeVar("T", bound=Event)


class Person:
    """One person on the stage: a device that outlives its connections, and the tap on those to its own relay.
    `spacing`: when things leave; who looks on waits for nothing, unless it is what they look at."""

    def __init__(self, name: str, device: Device, tap: Tap, spacing: Spacing = AT_ONCE) -> None:
        self.name = name
        self._spacing = spacing
        self.device = device
        self.tap = tap
        self.log: list[Event] = []
        self._messenger: Messenger | None = None
        self._stack = AsyncExitStack()
        self._more = asyncio.Condition()

    @property
    def messenger(self) -> Messenger:
        """The running client. Raises `RuntimeError` while this person is away."""
        if self._messenger is None:
            raise RuntimeError(f"{self.name} is not connected")
        return self._messenger

    @property
    def here(self) -> bool:
        """Whether this person is connected, or connecting."""
        return self._messenger is not None

    @property
    def peer(self) -> Contact:
        """The one contact everybody on this stage has."""
        return self.device.store.people.all()[0]

    async def come(self) -> None:
        """Connects, and waits until the inbox is ready."""
        running = Messenger.running(self.device, self._link, spacing=self._spacing)
        self._messenger = await self._stack.enter_async_context(running)
        queue = self._stack.enter_context(self._messenger.events())
        listening = asyncio.create_task(self._listen(queue))
        self._stack.callback(listening.cancel)
        await asyncio.wait_for(self._messenger.online(), PATIENCE)

    def _link(self, relay: str) -> SocketLink:
        return SocketLink(relay, dial=self.tap.url if relay == self.device.account.relay else None)

    async def leave(self) -> None:
        """Disconnects. What is kept on the device stays."""
        self._messenger = None
        await self._stack.aclose()

    async def until(self, kind: type[T], wanted: Callable[[T], bool] = lambda _: True, since: int = 0) -> T:
        """The first event of this kind that is wanted, from the `since`-th on. Raises `TimeoutError`."""

        def find() -> T | None:
            return next((event for event in self.log[since:] if isinstance(event, kind) and wanted(event)), None)

        async with asyncio.timeout(PATIENCE), self._more:
            await self._more.wait_for(lambda: find() is not None)
        found = find()
        assert found is not None  # noqa: S101 - the log only grows
        return found

    async def _listen(self, queue: asyncio.Queue[Event]) -> None:
        while True:
            event = await queue.get()
            async with self._more:
                self.log.append(event)
                self._more.notify_all()


class Stage:
    """Relay, Alice, Bob and whoever arrives later. `folder` holds all of it and can be thrown away afterwards."""

    def __init__(self, folder: Path, relay: RelayProcess, people: list[Person], stack: AsyncExitStack) -> None:
        self.folder = folder
        self.relay = relay
        self.people = people
        self._stack = stack

    @property
    def alice(self) -> Person:
        """The one who writes first."""
        return self.people[0]

    @property
    def bob(self) -> Person:
        """The other one."""
        return self.people[1]

    @classmethod
    @asynccontextmanager
    async def set_up(cls, folder: Path, *, introduced: bool = True) -> AsyncIterator[Stage]:
        """Starts the relay, makes two accounts, and lets Alice in by an invitation of Bob's. `introduced`: until both
        have each other's address, and today's tokens, so that either may write first and nothing else is on the
        wire."""
        async with AsyncExitStack() as stack:
            relay = RelayProcess(folder / "relay")
            stack.push_async_callback(relay.stop)
            await relay.start()
            stage = cls(folder, relay, [], stack)
            alice, bob = [await stage.arrive(name) for name in ("Alice", "Bob")]
            contact = await alice.messenger.accept_invitation(await bob.messenger.invite())
            if introduced:
                await alice.messenger.send(contact, Draft())
                await alice.until(ContactChanged, lambda event: event.contact.invitation is None)
                for person in (alice, bob):
                    await person.messenger.first_contact.drawn()
            yield stage

    async def arrive(self, name: str) -> Person:
        """Somebody makes an account at the relay, and stays until the stage is taken down."""
        tap = await self._stack.enter_async_context(Tap.listening(*self.relay.address))
        person = Person(name, _device(self.folder / name.lower(), name, self.relay.url), tap)
        self._stack.callback(person.device.close)
        self._stack.push_async_callback(person.leave)
        await person.come()
        self.people.append(person)
        return person

    def saw(self) -> dict[str, bytes]:
        """Everything that the relay has stored and logged, and all that went over its wires, by name."""
        return self.relay.saw() | self.on_the_wire()

    def on_the_wire(self) -> dict[str, bytes]:
        """All that went over each one's connections to the relay so far, by name."""
        up = {f"received from {person.name}": bytes(person.tap.up) for person in self.people}
        return up | {f"sent to {person.name}": bytes(person.tap.down) for person in self.people}

    async def restart_relay(self) -> None:
        """Starts the relay again and waits until those who are here are connected to it."""
        await self.relay.start()
        for person in self.people:
            if person.here:
                await person.until(Connection, lambda event: event.online, since=_last_loss(person.log))


def write_list(folder: Path, name: str, listed: Iterable[bytes]) -> ListSet:
    """A synthetic list of generated pictures that nobody sends, and of `listed`; opened again, verified.

    Raises `ListNotWritten` or `Undecodable`.
    """
    entries = [*_unrelated()]
    for id, data in enumerate(listed, start=_UNRELATED + 1):
        entries += _entry(data, id)
    today = datetime.now(UTC).date()
    build_list(folder, entries, name=name, version=f"{today:%Y.%m}", made=today, purpose=Purpose.SYNTHETIC)
    return ListSet.open([folder], today)


@cache
def _unrelated() -> tuple[ListedHash, ...]:
    # Quilts: the quickest to paint whose fingerprints lie far from one another and from all else that is shown.
    painted = (pictures.generate("quilt", 1000 + n, _SMALL) for n in range(_UNRELATED))
    return tuple(row for id, data in enumerate(painted, start=1) for row in _entry(data, id))


def _entry(data: bytes, id: int) -> list[ListedHash]:
    return from_picture(data, id, category="demo", source="foreseal demo")


def _device(profile: Path, name: str, relay: str) -> Device:
    profile.mkdir(parents=True)
    return Device(
        profile, file_key(profile / "key"), lists=ListSet.empty(), policy=HOLD_CLOSED, clock=time.time, name=name,
        relay=relay,
    )  # fmt: skip


def _last_loss(log: list[Event]) -> int:
    losses = [n for n, event in enumerate(log) if isinstance(event, Connection) and not event.online]
    return losses[-1] if losses else 0
