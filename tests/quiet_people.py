"""Two people of `hostile_world` with their conversation desks, over a relay that is honest unless a test says not."""

from __future__ import annotations

from pathlib import Path

from foreseal_client import outbound
from foreseal_client.conversation.desk import ConversationDesk
from foreseal_client.draft import Draft
from foreseal_client.events import Event
from foreseal_client.sealing.notes import Shares
from foreseal_client.store import Arrived, Contact, Message
from foreseal_matcher.content import Item
from hostile_world import Person, World

__all__ = ["Two"]


class Two:
    """Ada and Bob, who have answered each other. `online`: whether their mail may leave."""

    def __init__(self, folder: Path, *, answered: bool = True) -> None:
        self.world = World(folder, "AB")
        self.ada, self.bob = self.world.people.values()
        self.online = True
        self.events: dict[str, list[Event]] = {"A": [], "B": []}
        self.world.introduce(self.bob, self.ada)
        self.desks = {person.name: self._desk(person) for person in (self.ada, self.bob)}
        if answered:
            self.say(self.ada, "hello Bob")
            self.world.renew(self.bob, self.ada)
            self.say(self.bob, "hello Ada")

    def close(self) -> None:
        self.world.close()

    def _desk(self, person: Person) -> ConversationDesk:
        return ConversationDesk(person.device, self.events[person.name].append, lambda: None, lambda: self.online)

    def restart(self, person: Person) -> None:
        """The client is closed, and opened again."""
        person.device.close()
        person.device = self.world._device(person.name, person.device.store.profile)
        self.desks[person.name] = self._desk(person)

    def desk(self, person: Person) -> ConversationDesk:
        return self.desks[person.name]

    def other(self, person: Person) -> Person:
        return self.bob if person is self.ada else self.ada

    def contact(self, person: Person) -> Contact:
        found = person.contact(self.other(person))
        assert found is not None
        return found

    def history(self, person: Person) -> list[Message]:
        return person.device.store.history.with_contact(self.other(person).identity)

    def texts(self, person: Person) -> list[str]:
        return [message.text for message in self.history(person) if message.text]

    def message(self, person: Person, text: str) -> Message:
        (found,) = [message for message in self.history(person) if message.text == text]
        return found

    def write(self, by: Person, text: str, files: tuple[Item, ...] = ()) -> outbound.Queued | outbound.NotSent:
        """Writes, and hands nothing over."""
        desk = self.desk(by)
        desk.handed_in(self.contact(by))
        outcome = self.world.run(outbound.send(Draft(text, files), self.contact(by), by.device))
        assert not isinstance(outcome, outbound.Paused | outbound.Resting)
        return outcome

    def say(self, by: Person, text: str) -> None:
        """Writes, and it arrives."""
        assert isinstance(self.write(by, text), outbound.Queued)
        self.carry(by)

    def carry(self, by: Person) -> int:
        """Whatever somebody's device has sealed arrives; how many envelopes that were."""
        self.world.hand_over(by)
        self.step(by)  # the time of what was sent begins
        count = 0
        while self.world.flights:
            flight = self.world.flights[0]
            outcome = self.world.deliver(flight)
            assert isinstance(outcome, Arrived), outcome
            self.desk(self.world.people[flight.to]).heard(outcome)
            count += 1
        return count

    def step(self, person: Person) -> None:
        self.world.run(self.desk(person).step())

    def wait(self, seconds: int, every: int = 10) -> None:
        """Time passes, and both clients do what is due."""
        for _ in range(0, seconds, every):
            self.world.pass_time(every)
            for person in (self.ada, self.bob):
                self.step(person)

    def set_timer(self, by: Person, seconds: int) -> None:
        self.world.run(self.desk(by).set_timer(self.contact(by), seconds))

    def share(self, by: Person, shares: Shares) -> None:
        self.world.run(self.desk(by).share(self.contact(by), shares))

    def share_both(self, shares: Shares) -> None:
        for person in (self.ada, self.bob):
            self.share(person, shares)
            self.carry(person)

    def sealed(self, person: Person) -> int:
        """How many envelopes lie in somebody's outbox."""
        return len(person.device.store.outbox.waiting("http://relay.example"))
