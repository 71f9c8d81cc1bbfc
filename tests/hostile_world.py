"""People, their real devices, and a relay that may do anything: in memory, under a clock that is turned by hand.

What is real: the store, `outbound.send`, `inbound.take` and `admit`, the login's upkeep. What is played: the relay, and
the few lines by which the messenger moves sealed mail and mends sessions.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import shutil
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar, cast

import msgspec

from foreseal_client import login, outbound
from foreseal_client.beginning_anew import begin_anew
from foreseal_client.demo.stage import HOLD_CLOSED
from foreseal_client.device import Device
from foreseal_client.draft import Draft
from foreseal_client.errors import PeerFaultError
from foreseal_client.inbound import admit, take
from foreseal_client.relay_inbox import Inbox
from foreseal_client.sealing.handshake import address, respond
from foreseal_client.sealing.opening import unwrap
from foreseal_client.sealing.session import Session
from foreseal_client.store import Arrived, Contact, Direction, State
from foreseal_relay import wire
from sample_lists import nothing_listed

__all__ = ["DAY", "Answers", "Flight", "Person", "Thief", "World"]

DAY = 86_400
_RELAY = "http://relay.example"
_KEY = bytes(32)

T = TypeVar("T")


@dataclass(frozen=True)
class Answers:
    """How often two have answered each other on one session, each after having opened the other's last."""

    session: bytes = b""
    last_by: str = ""
    count: int = 0


@dataclass
class Flight:
    """An envelope at the relay: for whom, by whom, and how far the two had answered each other when it was written."""

    to: str
    by: str
    deliver: wire.Deliver
    answers: Answers


class _PlayedInbox:
    """What `login.set_up` asks of a relay; everything ever published is kept, to be served when it is stale."""

    def __init__(self, prekeys_left: int) -> None:
        self.welcome = SimpleNamespace(registered=True, prekeys_left=prekeys_left)
        self.bundle = b""
        self.one_time: list[bytes] = []

    async def register(self, _token: bytes) -> None: ...

    async def take_requests(self, *, is_open: bool, desk: bool) -> None: ...

    async def advance(self, _generation: int) -> None: ...

    async def publish(self, bundle: bytes, one_time: list[bytes]) -> None:
        self.bundle, self.one_time = bundle, one_time


@dataclass
class Person:
    """Somebody with a device. `bundles`: all that the relay was ever given, the newest last."""

    name: str
    device: Device
    bundles: list[bytes] = field(default_factory=list)
    one_time: list[bytes] = field(default_factory=list)
    saved: list[Path] = field(default_factory=list)

    @property
    def identity(self) -> bytes:
        return self.device.account.keys.identity_public

    def contact(self, other: Person) -> Contact | None:
        return self.device.store.people.get(other.identity)


class World:
    """Use as a context manager; `folder` is for the profiles."""

    def __init__(self, folder: Path, names: str) -> None:
        self.now = 1_800_000_000
        self.flights: list[Flight] = []
        self.landed: list[Flight] = []
        self.written: dict[str, tuple[str, str]] = {}
        self.answers: dict[frozenset[str], Answers] = {}
        self.mended = 0
        self._folder = folder
        self._runner = asyncio.Runner()
        self.people = {name: Person(name, self._device(name, folder / name)) for name in names}
        for person in self.people.values():
            self.come_online(person)

    def close(self) -> None:
        for person in self.people.values():
            person.device.close()
        self._runner.close()

    def _device(self, name: str, profile: Path) -> Device:
        return Device(
            profile, _KEY, lists=nothing_listed(), policy=HOLD_CLOSED, clock=lambda: self.now, name=name, relay=_RELAY
        )

    # --- what people do ----------------------------------------------------------------------------------------------

    def introduce(self, inviter: Person, guest: Person, *, withheld: bool = False) -> None:
        """The guest has the inviter's invitation; `withheld`: the relay claims to have no one-time prekey."""
        text, _, _ = inviter.device.invitation()
        one_time = None if withheld or not inviter.one_time else inviter.one_time.pop()
        bundle = wire.Bundle(1, inviter.bundles[-1], one_time)
        guest.device.add_contact(guest.device.read_invitation(text), bundle)

    def write(self, by: Person, to: Person, text: str) -> bool:
        """Writes and hands over to the relay. Whether it could be sealed."""
        contact = by.contact(to)
        assert contact is not None
        if contact.bundle is None:
            return False  # their keys ran out while they were away; nothing can be written until there are new ones
        try:
            outcome = self._runner.run(outbound.send(Draft(text), contact, by.device))
        except PeerFaultError:
            return False
        assert isinstance(outcome, outbound.Queued)
        if text:
            self.written[text] = (by.name, to.name)
        self.hand_over(by)
        return True

    def run(self, doing: Coroutine[Any, Any, T]) -> T:
        """Does something of a device's to its end."""
        return self._runner.run(doing)

    def hand_over(self, by: Person) -> None:
        """What lies in somebody's outbox is at the relay."""
        store = by.device.store
        for pending in store.outbox.waiting(_RELAY):
            envelope = pending.envelope
            to = next(p for p in self.people.values() if p.device.mailbox == envelope.mailbox)
            deliver = wire.Deliver(
                envelope.eid, envelope.commitment, self.now // DAY, bytes(8), envelope.body, bytes(32)
            )
            answers = self.answers.get(frozenset((to.name, by.name)), Answers())
            session = store.people.sessions(to.identity).current
            if session is None or session.id != answers.session:
                answers = Answers()  # another session, which begins with keys that may have been stolen
            self.flights.append(Flight(to.name, by.name, deliver, answers))
            with store.transaction():
                store.outbox.remove(envelope.eid)
                store.history.mark(envelope.eid, State.SENT)

    def come_online(self, person: Person, *, prekeys_left: int = 20) -> None:
        """A login: generation, rotation, replenishment, publishing."""
        inbox = _PlayedInbox(prekeys_left if person.bundles else 0)
        self._runner.run(login.set_up(cast(Inbox, inbox), person.device))
        person.bundles.append(inbox.bundle)
        person.one_time += inbox.one_time

    def renew(self, person: Person, other: Person, *, age: int = 0) -> None:
        """Fetches the other's bundle, or one that is `age` publications old."""
        contact = person.contact(other)
        assert contact is not None
        served = other.bundles[max(0, len(other.bundles) - 1 - age)]
        with contextlib.suppress(PeerFaultError):
            person.device.complete(contact, wire.Bundle(1, served))

    def mend(self, person: Person, *, age: int = 0) -> None:
        """What the messenger does about sessions that are broken."""
        for broken in person.device.store.mending.waiting(_RELAY):
            other = next(each for each in self.people.values() if each.identity == broken.identity)
            self.renew(person, other, age=age)
            self.mended += self.write(person, other, "")

    def begin_counting(self) -> None:
        """Counts answers from zero, also for what is under way: something was stolen, or put back, after it was
        written."""
        self.answers.clear()
        for flight in self.flights:
            flight.answers = Answers()

    def pass_time(self, seconds: int) -> None:
        self.now += seconds

    # --- what the relay does -----------------------------------------------------------------------------------------

    def land(self, deliver: wire.Deliver, person: Person) -> object:
        """Delivers something to somebody, whatever it is."""
        outcome = take(deliver, person.device)
        if isinstance(outcome, Arrived):
            self._runner.run(admit(outcome, person.device, _no_links, _nothing_told))
        return outcome

    def deliver(self, flight: Flight, *, keep: bool = False) -> object:
        """Delivers one envelope as it was sent. `keep`: and goes on holding it."""
        if not keep:
            self.flights.remove(flight)
        self.landed.append(flight)
        return self.land(flight.deliver, self.people[flight.to])

    # --- what happens to devices -------------------------------------------------------------------------------------

    def save(self, person: Person) -> None:
        """A copy of the device as it is now."""
        copy = self._folder / f"{person.name}-{len(person.saved)}-{secrets.token_hex(4)}"
        profile = person.device.store.profile
        person.device.close()
        shutil.copytree(profile, copy)
        person.saved.append(copy)
        person.device = self._device(person.name, profile)

    def begin_anew(self, person: Person) -> None:
        """The relay's counter shows somebody that their device was put back; they log in, and mail goes on."""
        begin_anew(person.device, person.device.account.generation + 1)
        self.come_online(person)
        for other in self.people.values():
            contact = person.contact(other)
            if contact is not None and contact.invitation is None:
                self.renew(person, other)
                self.write(person, other, "")
        self.send_paused(person)

    def send_paused(self, person: Person) -> None:
        """What waits, unsealed, for new sessions leaves where there are keys to begin one with."""
        for identity in person.device.store.history.pausing():
            contact = person.device.store.people.get(identity)
            assert contact is not None
            for message in person.device.store.history.paused(identity) if contact.bundle else ():
                self.run(outbound.send(Draft(message.text, message.files), contact, person.device, held=message))
        self.hand_over(person)

    def put_back(self, person: Person, copy: Path) -> None:
        """The device as it was when the copy was made."""
        profile = person.device.store.profile
        person.device.close()
        shutil.rmtree(profile)
        shutil.copytree(copy, profile)
        person.device = self._device(person.name, profile)

    # --- what must hold ----------------------------------------------------------------------------------------------

    def shown(self, person: Person) -> Iterator[tuple[str, str]]:
        """Text and supposed writer of all that this person was shown."""
        names = {each.identity: each.name for each in self.people.values()}
        for contact in person.device.store.people.all():
            for message in person.device.store.history.with_contact(contact.identity, 10_000):
                if message.direction is Direction.IN and message.state is State.SHOWN:
                    yield message.text, names[message.identity]


@dataclass
class Thief:
    """Somebody who copied all of one device's secrets once and has followed every envelope to it since."""

    victim: Person
    keys: Any = None
    prekeys: Any = None
    sessions: dict[bytes, dict[bytes, Session]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        device = self.victim.device
        store = device.store
        self.keys, self.prekeys = device.account.keys, store.account.prekeys()
        for contact in store.people.all():
            self.sessions[contact.identity] = {each.id: each for each in store.people.sessions(contact.identity).kept}

    def reads(self, deliver: wire.Deliver) -> bool:
        """Whether what was stolen, and what was followed since, opens this envelope. The outer layer is given away."""
        device = self.victim.device
        try:
            inner = unwrap(deliver.body, device.store.account.prekeys(), device.mailbox)
        except PeerFaultError:
            return False
        known = self.sessions.setdefault(inner.sender, {})
        try:
            session = known.get(inner.session)
            if session is None and inner.handshake is not None:
                theirs, ours = address(inner.mailbox, inner.device), address(device.mailbox, 1)
                agreed = respond(self.keys, self.prekeys, inner.handshake, inner.sender, theirs, ours)
                session = Session.accept(agreed, inner.handshake, inner.device, inner.message)
            if session is None:
                return False
            moved, _ = session.decrypt(inner.message, deliver.commitment, deliver.eid, 0)
        except PeerFaultError:
            return False
        known[inner.session] = msgspec.structs.replace(moved, pending=None)
        return True


def _nothing_told(_done: int, _total: int) -> None:
    raise AssertionError("nothing that is sent here has an attachment")


async def _no_links(_relay: str) -> Any:
    raise AssertionError("nothing that is sent here has an attachment")
