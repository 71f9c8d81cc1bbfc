"""The rules by which people and a hostile relay play, for Hypothesis. `python tests/hostile_machine.py 3600` plays on
with new seeds for that many seconds."""

from __future__ import annotations

import itertools
import random
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from foreseal_client.inbound import Rejected, Repeated, Unopened
from foreseal_client.sealing.ratchet import MAX_SKIPPED
from foreseal_client.sealing.sessions import MAX_SESSIONS
from hostile_world import DAY, Answers, Flight, Person, Thief, World

__all__ = ["FivePeople", "TwoPeople", "play"]

_ANY = st.integers(0, 10_000)


class _Hostile(RuleBasedStateMachine):
    """A rule that finds nothing to do does nothing. None has a condition: keys are drawn anew each time that a game is
    played, and who wins when first messages cross goes by them, so that what is in flight may differ."""

    names = ""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.world = World(self.folder, self.names)
        self.pairs = list(itertools.permutations(self.names, 2))
        self.numbers = itertools.count()
        self.thief: Thief | None = None
        self.victim = ""

    def teardown(self) -> None:
        try:
            self.settle()
        finally:
            self.world.close()
            shutil.rmtree(self.folder)

    # --- people -------------------------------------------------------------------------------------------------------

    @initialize(choice=_ANY)
    def know_each_other(self, choice: int) -> None:
        """Each pair by one invitation or two; the first messages may cross, be lost, or find no one-time prekey."""
        for at, (one, other) in enumerate(itertools.combinations(self.names, 2)):
            inviter, guest = self.world.people[one], self.world.people[other]
            self.world.introduce(inviter, guest, withheld=bool(choice >> at & 1))
            self.world.introduce(guest, inviter, withheld=bool(choice >> at & 2))

    @rule(choice=_ANY)
    def write(self, choice: int) -> None:
        by, to = self.pairs[choice % len(self.pairs)]
        self.world.write(self.world.people[by], self.world.people[to], f"text {next(self.numbers)}")

    @rule(choice=_ANY, prekeys_left=st.integers(0, 20))
    def come_online(self, choice: int, prekeys_left: int) -> None:
        self.world.come_online(self._person(choice), prekeys_left=prekeys_left)

    @rule(choice=_ANY, age=st.integers(0, 3))
    def mend(self, choice: int, age: int) -> None:
        self.world.mend(self._person(choice), age=age)

    @rule(choice=_ANY, age=st.integers(0, 3))
    def renew(self, choice: int, age: int) -> None:
        one, other = self.pairs[choice % len(self.pairs)]
        self.world.renew(self.world.people[one], self.world.people[other], age=age)

    @rule(seconds=st.sampled_from([60, 3600, DAY, 8 * DAY, 20 * DAY]))
    def pass_time(self, seconds: int) -> None:
        self.world.pass_time(seconds)

    @rule(choice=_ANY)
    def converse(self, choice: int) -> None:
        """Each answers the other, over a relay that is honest for so long."""
        by, to = self.pairs[choice % len(self.pairs)]
        for _ in range(7):
            if self.world.write(self.world.people[by], self.world.people[to], f"text {next(self.numbers)}"):
                self._land(self.world.flights[-1])
            by, to = to, by

    # --- the relay ----------------------------------------------------------------------------------------------------

    @rule(choice=_ANY, keep=st.booleans())
    def deliver(self, choice: int, keep: bool) -> None:
        for flight in _one_of(self.world.flights, choice):
            self._land(flight, keep=keep)

    @rule()
    def deliver_the_oldest(self) -> None:
        for flight in self.world.flights[:1]:
            self._land(flight)

    @rule(choice=_ANY)
    def lose(self, choice: int) -> None:
        for flight in _one_of(self.world.flights, choice):
            self.world.flights.remove(flight)

    @rule(choice=_ANY, other_id=st.booleans())
    def repeat(self, choice: int, other_id: bool) -> None:
        """Also under another id, as a relay could; the eid is bound, so it must not open."""
        for flight in _one_of(self.world.landed, choice):
            eid = secrets.token_bytes(16) if other_id else flight.deliver.eid
            self.world.land(msgspec.structs.replace(flight.deliver, eid=eid), self.world.people[flight.to])

    @rule(choice=_ANY, part=st.sampled_from(["eid", "commitment", "body"]), position=_ANY)
    def corrupt(self, choice: int, part: str, position: int) -> None:
        for flight in _one_of(self.world.flights, choice):
            value = bytearray(getattr(flight.deliver, part))
            value[position % len(value)] ^= 1 << position % 8
            broken = msgspec.structs.replace(flight.deliver, **{part: bytes(value)})
            outcome = self.world.land(broken, self.world.people[flight.to])
            assert isinstance(outcome, Rejected | Repeated | Unopened), outcome

    @rule(choice=_ANY, part=st.sampled_from(["commitment", "body", "eid", "to"]))
    def swap(self, choice: int, part: str) -> None:
        if len(self.world.flights) < 2:
            return
        one, other = (self.world.flights[at % len(self.world.flights)] for at in (choice, choice + 1))
        to = other.to if part == "to" else one.to
        changes = {} if part == "to" else {part: getattr(other.deliver, part)}
        if part != "to" or other.to != one.to:
            outcome = self.world.land(msgspec.structs.replace(one.deliver, **changes), self.world.people[to])
            assert isinstance(outcome, Rejected | Repeated | Unopened), outcome

    # --- what happens to devices --------------------------------------------------------------------------------------

    @rule(choice=_ANY)
    def save(self, choice: int) -> None:
        person = self._person(choice)
        if len(person.saved) < 3:
            self.world.save(person)

    @rule(choice=_ANY)
    def put_back(self, choice: int) -> None:
        person = self._person(choice)
        if person.saved:
            self.world.put_back(person, person.saved[choice % len(person.saved)])
            self.world.begin_counting()
            if person.name == self.victim:
                self.thief = None  # what was stolen later than that copy is stolen from it too

    @rule(choice=_ANY)
    def find_out(self, choice: int) -> None:
        """The relay's counter shows somebody that their device was put back, and it begins anew; a relay may lie."""
        self.world.begin_anew(self._person(choice))
        self.world.begin_counting()

    @rule(choice=_ANY)
    def steal(self, choice: int) -> None:
        """From now on somebody holds all secrets of this device as they are."""
        self.victim = self._person(choice).name
        self.thief = Thief(self.world.people[self.victim])
        self.world.begin_counting()

    # --- what must hold -----------------------------------------------------------------------------------------------

    @invariant()
    def whatever_is_shown_was_written_to_its_reader_by_whom_it_says_and_is_shown_once(self) -> None:
        for person in self.world.people.values():
            shown = list(self.world.shown(person))
            assert len(shown) == len(set(shown))
            for text, by in shown:
                assert self.world.written[text] == (by, person.name)

    @invariant()
    def what_is_kept_is_bounded(self) -> None:
        for person, other in self._pairs_of_people():
            sessions = person.device.store.people.sessions(other.identity)
            assert len(sessions.kept) <= MAX_SESSIONS
            assert sum(len(each.ratchet.skipped) for each in sessions.kept) <= MAX_SKIPPED

    def settle(self) -> None:
        """The relay turns honest: every conversation works again, on one session, and nobody goes on mending."""
        world = self.world
        for person in world.people.values():
            world.come_online(person)
        for one, other in self._pairs_of_people():
            world.renew(one, other)
        for _ in range(4):
            world.pass_time(3601)
            for by, to in self.pairs:
                world.write(world.people[by], world.people[to], f"text {next(self.numbers)}")
            self._deliver_everything()
        mended = world.mended
        last = {pair: f"text {next(self.numbers)}" for pair in self.pairs}
        for (by, to), text in last.items():
            assert world.write(world.people[by], world.people[to], text)
        self._deliver_everything()
        for (by, to), text in last.items():
            assert (text, by) in set(world.shown(world.people[to])), f"{by} to {to} is still broken"
        assert world.mended == mended
        for one, other in self._pairs_of_people():
            ours = one.device.store.people.sessions(other.identity).current
            theirs = other.device.store.people.sessions(one.identity).current
            assert ours is not None
            assert theirs is not None
            assert ours.id == theirs.id
        self.whatever_is_shown_was_written_to_its_reader_by_whom_it_says_and_is_shown_once()

    def _deliver_everything(self) -> None:
        for _ in range(20):
            while self.world.flights:
                self._land(self.world.flights[0])
            for person in self.world.people.values():
                self.world.mend(person)
            if not self.world.flights:
                return
        raise AssertionError("people go on mending with an honest relay")

    # --- small things -------------------------------------------------------------------------------------------------

    def _person(self, choice: int) -> Person:
        return self.world.people[self.names[choice % len(self.names)]]

    def _pairs_of_people(self) -> list[tuple[Person, Person]]:
        return [(self.world.people[one], self.world.people[other]) for one, other in self.pairs]

    def _land(self, flight: Flight, *, keep: bool = False) -> None:
        thief = self.thief if flight.to == self.victim else None
        stolen = thief is not None and thief.reads(flight.deliver)
        # Four answers to and fro before it was written: each side has used a new key of its own and one of the other's.
        assert not (stolen and flight.answers.count >= 4), (
            "a state stolen before opens what was written after both had answered"
        )
        before = self._current(flight)
        outcome = self.world.deliver(flight, keep=keep)
        if not isinstance(outcome, Repeated | Rejected | Unopened):
            self._count(flight, before)

    def _current(self, flight: Flight) -> bytes:
        to, by = self.world.people[flight.to], self.world.people[flight.by]
        current = to.device.store.people.sessions(by.identity).current
        return b"" if current is None else current.id

    def _count(self, flight: Flight, before: bytes) -> None:
        pair, session = frozenset((flight.to, flight.by)), self._current(flight)
        known = self.world.answers.get(pair, Answers())
        if session != before or session != known.session:
            self.world.answers[pair] = Answers(session, flight.by, 0)
        elif flight.answers == known and flight.by != known.last_by:
            self.world.answers[pair] = Answers(session, flight.by, known.count + 1)


def _one_of(flights: Sequence[Flight], choice: int) -> Iterator[Flight]:
    """One of them, where there are any."""
    if flights:
        yield flights[choice % len(flights)]


class TwoPeople(_Hostile):
    names = "AB"


class FivePeople(_Hostile):
    names = "ABCDE"


def play(machine: type[RuleBasedStateMachine], number: int, steps: int, examples: int) -> None:
    """Plays a machine: the same games for the same number."""
    chosen = settings(
        max_examples=examples, stateful_step_count=steps, deadline=None, database=None,
        suppress_health_check=list(HealthCheck), phases=[Phase.generate, Phase.shrink], print_blob=True,
    )  # fmt: skip
    played: Any = seed(number)(machine)
    run_state_machine_as_test(played, settings=chosen)


if __name__ == "__main__":
    ending, games = time.monotonic() + float(sys.argv[1]), 0
    while time.monotonic() < ending:
        number = random.SystemRandom().getrandbits(32)
        for machine, examples in ((TwoPeople, 30), (FivePeople, 10)):
            print(f"{games} games without a counter-example; {machine.__name__}, seed {number}", flush=True)
            play(machine, number, 60, examples)
            games += examples
    print(f"{games} games without a counter-example")
