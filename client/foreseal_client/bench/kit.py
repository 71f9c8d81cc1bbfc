"""What the kit costs a suite: two people who can write to each other, a text between them, a flow.

CPU of this process, clients and relay in it, the middle of several: what a flow waits for is the disk and the machine's
other work. The floor is what any two clients at a relay of their own take, whatever drives them: two profiles with
their keys, made at once, and a relay started. Nothing is connected in it, and nobody has met.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from foreseal_client.bench.timing import median, timed
from foreseal_client.conformance import FLOWS
from foreseal_client.device import Device
from foreseal_client.kit.client import Client
from foreseal_client.kit.session import Session
from foreseal_client.kit.world import Options
from foreseal_matcher import ListSet, Mode, OnFailure, Policy

__all__ = ["FLOW", "Report", "measure_kit"]

FLOW: Final = "held"
"""The flow that is run again and again: two people meet, write, and a picture is held."""


@dataclass(frozen=True, slots=True)
class Report:
    """Milliseconds of CPU: of the `first` pair with everything a run makes once, of a `pair` after it, of the `floor`
    beside it, of a `text` until it is shown at the other side. `flows`: a second of CPU."""

    first: float
    pair: float
    floor: float
    text: float
    flows: float

    @property
    def ratio(self) -> float:
        """How many times the floor a pair takes."""
        return self.pair / self.floor


def measure_kit(folder: Path, rounds: int, clock: Callable[[], float] = time.process_time) -> Report:
    """`folder`: an empty one; `rounds`: how often each is done; `clock`: seconds of CPU. Raises what the kit raises."""
    began = clock()
    session = Session(folder / "session", Options())
    try:
        made = _Pairs(session, folder)
        made.pair(0)
        first = clock() - began
        numbers = range(1, rounds + 1)
        pair, floor = (median(timed(one, numbers, made.close, clock)) for one in (made.pair, made.apart))
        made.close()
        made.pair(0)
        text = median(timed(made.text, numbers, clock=clock))
        flow = median(timed(made.flow, numbers, made.close, clock))
        made.close()
    finally:
        session.close()
    return Report(first * 1000, pair * 1000, floor * 1000, text * 1000, 1 / flow)


class _Pairs:
    """Worlds, one after another."""

    def __init__(self, session: Session, folder: Path) -> None:
        self._session = session
        self._folder = folder
        self._ends: list[Callable[[], None]] = []
        self._people: tuple[Client, Client] | None = None
        self._made = 0

    def close(self) -> None:
        """Ends what is there."""
        while self._ends:
            self._ends.pop()()

    def pair(self, _number: int) -> None:
        world = self._session.world(self._new())
        self._ends.append(world.close)
        alice, bob = world.new_client("Alice"), world.new_client("Bob")
        alice.meet(bob)
        self._people = alice, bob

    def apart(self, _number: int) -> None:
        folder = self._new()
        world = self._session.world(folder)
        self._ends.append(world.close)
        relay = world.make_relay()
        for name in ("alice", "bob"):
            device = Device(
                folder / name, bytes(32), lists=ListSet.empty(), policy=Policy(Mode.HOLD, OnFailure.CLOSED),
                clock=time.time, name=name, relay=relay.url,
            )  # fmt: skip
            self._ends.append(device.close)

    def text(self, number: int) -> None:
        if self._people is not None:
            alice, bob = self._people
            alice.send(bob, f"text {number}")
            bob.wait_for("message", text=f"text {number}", timeout=30)

    def flow(self, _number: int) -> None:
        world = self._session.world(self._new())
        self._ends.append(world.close)
        FLOWS[FLOW].carry_out(world)

    def _new(self) -> Path:
        self._made += 1
        return self._folder / f"world-{self._made}"
