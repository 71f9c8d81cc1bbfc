"""A relay in the process of the test, and people who come to it: the cheapest way to whole conversations."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

from foreseal_client.demo.stage import HOLD_CLOSED, Person
from foreseal_client.demo.tap import Tap
from foreseal_client.device import Device
from foreseal_client.draft import Draft
from foreseal_client.events import ContactChanged
from foreseal_client.store.key import file_key
from foreseal_relay.admission import Registration
from foreseal_relay.relay import Relay
from foreseal_relay.serving import Settings, serving
from sample_lists import nothing_listed

__all__ = ["Town", "a_town", "drawn", "introduce"]


class Town:
    """A relay in this process, and people who come to it."""

    def __init__(self, folder: Path, url: str, relay: Relay, stack: AsyncExitStack, clock: Callable[[], float]) -> None:
        self.folder = folder
        self.url = url
        self.relay = relay
        self._stack = stack
        self._clock = clock

    async def person(self, name: str) -> Person:
        """Somebody with an account here, connected through a tap of their own."""
        parts = urlsplit(self.url)
        tap = await self._stack.enter_async_context(Tap.listening(parts.hostname or "", parts.port or 0))
        person = Person(name, self.device(name), tap)
        self._stack.push_async_callback(person.leave)
        await person.come()
        return person

    def device(self, name: str) -> Device:
        """A device that has not been here yet."""
        profile = self.folder / name
        profile.mkdir()
        device = Device(
            profile, file_key(profile / "key"), lists=nothing_listed(), policy=HOLD_CLOSED, clock=self._clock,
            name=name, relay=self.url,
        )  # fmt: skip
        self._stack.callback(device.close)
        return device


@asynccontextmanager
async def a_town(
    folder: Path, registration: Registration = Registration.OPEN, clock: Callable[[], float] = time.time
) -> AsyncIterator[Town]:
    """A town without anybody in it. `clock`: what the relay and all devices go by."""
    async with (
        serving(Settings(folder / "relay", registration=registration), clock=clock) as (url, relay),
        AsyncExitStack() as stack,
    ):
        yield Town(folder, url, relay, stack, clock)


async def drawn(person: Person) -> None:
    """Today's tokens, which on a stage are drawn when the first is needed."""
    await person.messenger.first_contact.drawn()


async def introduce(guest: Person, host: Person) -> None:
    """Makes contacts of two people, each with the other's address."""
    contact = await guest.messenger.accept_invitation(await host.messenger.invite())
    await guest.messenger.send(contact, Draft())
    who = contact.identity
    await guest.until(ContactChanged, lambda event: event.contact.identity == who and event.contact.invitation is None)
