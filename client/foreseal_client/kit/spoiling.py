"""Faults of the wire as rules: which frames, how many, and what becomes of each. Seeded where chance decides."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

__all__ = ["Copies", "Fault", "Rule", "Spoiling"]

_RELEASED_AFTER: Final = 0.5
"""Seconds after which frames that wait to be reordered go on although no more have come."""

Release = Callable[[], None]


class Fault(StrEnum):
    """What becomes of a frame."""

    DROP = "drop"
    """It is lost and its connection breaks. TCP loses nothing in the middle of a connection that goes on."""
    DUPLICATE = "duplicate"
    DELAY = "delay"
    REORDER = "reorder"
    CORRUPT = "corrupt"
    """A byte in its middle is another one."""
    CUT = "cut"
    """It arrives, and the connection breaks before there is an answer."""


@dataclass(slots=True)
class Rule:
    """`frame`: the name of frames in `foreseal_relay.wire`, such as `send` or `deliver`; `times`: how many of them;
    `mailbox`: only those of its inbox or to it; `rate`: of those the share it happens to; `seconds`: a delay."""

    frame: str
    fault: Fault
    times: int = 1
    mailbox: bytes | None = None
    rate: float = 1.0
    seconds: float = 0.0
    held: list[Release] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Copies:
    """What goes on of a frame: its payload as it is or changed, once, twice or not at all. `held`: where it waits."""

    payloads: tuple[bytes, ...]
    cut: bool = False
    held: list[Release] | None = None


class Spoiling:
    """The rules in force. `seed`: for what is left to chance; the same frames in the same order meet the same fate."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - a schedule, no secret
        self._rules: list[Rule] = []
        self._bytes_a_second: float | None = None
        self.happened: list[tuple[str, Fault]] = []
        """Frames that met with a fault, in order."""
        self._waiting: dict[int, asyncio.Task[None]] = {}

    def add(self, rule: Rule) -> None:
        """One more."""
        self._rules.append(rule)

    def slow(self, bytes_a_second: float | None) -> None:
        """Lets no more pass in a second; None: as fast as it comes."""
        self._bytes_a_second = bytes_a_second

    def clear(self) -> None:
        """None any more. What waits to be reordered goes on."""
        self._bytes_a_second = None
        for rule in self._rules:
            _let_go(rule.held)
        self._rules.clear()

    async def slow_down(self, size: int) -> None:
        """Takes the time that so many bytes take."""
        if self._bytes_a_second is not None:
            await asyncio.sleep(size / self._bytes_a_second)

    async def of(self, name: str, mailbox: bytes | None, payload: bytes) -> Copies:
        """What becomes of a frame."""
        rule = self._fitting(name, mailbox)
        if rule is None:
            return Copies((payload,))
        rule.times -= 1
        self.happened.append((name, rule.fault))
        match rule.fault:
            case Fault.DROP:
                return Copies((), cut=True)
            case Fault.DUPLICATE:
                return Copies((payload, payload))
            case Fault.DELAY:
                await asyncio.sleep(rule.seconds)
                return Copies((payload,))
            case Fault.CORRUPT:
                middle = len(payload) // 2
                changed = payload[:middle] + bytes([payload[middle] ^ 0x5A]) + payload[middle + 1 :]
                return Copies((changed,))
            case Fault.CUT:
                return Copies((payload,), cut=True)
            case Fault.REORDER:
                return Copies((), held=rule.held)

    async def release(self, held: list[Release]) -> None:
        """Lets frames go on, the last first, once as many wait as the rule has, or after a while."""
        rule = next((one for one in self._rules if one.held is held), None)
        if rule is None or rule.times <= 0:
            _let_go(held)
            return
        if id(held) not in self._waiting:

            async def later() -> None:
                await asyncio.sleep(_RELEASED_AFTER)
                self._waiting.pop(id(held), None)
                _let_go(held)

            self._waiting[id(held)] = asyncio.create_task(later())

    def _fitting(self, name: str, mailbox: bytes | None) -> Rule | None:
        for rule in self._rules:
            if rule.frame != name or rule.times <= 0 or rule.mailbox not in (None, mailbox):
                continue
            if rule.rate >= 1.0 or self._random.random() < rule.rate:
                return rule
        return None


def _let_go(held: list[Release]) -> None:
    waiting, held[:] = list(reversed(held)), []
    for go_on in waiting:
        go_on()
