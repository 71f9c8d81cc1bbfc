"""What sending costs with the check off and on: the real way out, until the relay has it."""

from __future__ import annotations

import asyncio
import itertools
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from foreseal_client.bench.random_list import MADE
from foreseal_client.demo.stage import HOLD_CLOSED, Person, Stage
from foreseal_client.events import MessageChanged
from foreseal_client.outbound import Queued
from foreseal_client.store import State
from foreseal_client.study.cell import Cell, Ground, Sample
from foreseal_client.study.cost import list_folder
from foreseal_client.study.errors import StudyError
from foreseal_client.study.scripted import draft_of
from foreseal_matcher import ListSet, Looks, Mode, OnFailure, Policy
from foreseal_relay.token_wire import ALLOWANCE, Kind

__all__ = ["POLICIES", "SITTING", "measure"]

POLICIES: Final = {
    "off": Policy(Mode.OFF, OnFailure.OPEN, Looks.PLAIN),
    "hold, quick looks": HOLD_CLOSED,
    "hold, full looks": Policy(Mode.HOLD, OnFailure.CLOSED, Looks.FULL),
}
SITTING: Final = ALLOWANCE[Kind.BLOB] // len(POLICIES)
"""Rounds with the same two people: a picture costs a token, and an account gets so many a day."""
_KINDS: Final = ("text", "picture")


def measure(cell: Cell, ground: Ground) -> Iterator[Sample]:
    """Sends under each policy in turn, against a list of `variant` random entries, and how long each took."""
    yield from asyncio.run(_sends(int(cell.variant), ground))


async def _sends(entries: int, ground: Ground) -> list[Sample]:
    chance = random.Random(f"{ground.seed} sending")
    rounds = range(5 if ground.quick else 25)
    samples: list[Sample] = []
    for begin in range(0, len(rounds), SITTING):
        samples += await _sitting(rounds[begin : begin + SITTING], entries, chance, ground)
    return samples


async def _sitting(rounds: Sequence[int], entries: int, chance: random.Random, ground: Ground) -> list[Sample]:
    samples: list[Sample] = []
    with tempfile.TemporaryDirectory(dir=ground.work) as folder:
        async with Stage.set_up(Path(folder)) as stage:
            device = stage.alice.device
            device.lists = ListSet.open([list_folder(ground.work, entries)], MADE)
            for number, kind in itertools.product(rounds, _KINDS):
                draft = draft_of(kind, chance)
                for name, policy in POLICIES.items():
                    device.policy = policy
                    began, since = time.perf_counter(), len(stage.alice.log)
                    outcome = await stage.alice.messenger.send(stage.alice.peer, draft)
                    if not isinstance(outcome, Queued):
                        raise StudyError(f"A {kind} was stopped by a list of random entries; choose another seed.")
                    queued, sent = time.perf_counter(), outcome.message.id
                    await _accepted(stage.alice, sent, since)
                    for measure, end in (("ms to sealed", queued), ("ms to accepted", time.perf_counter())):
                        spent = f"{(end - began) * 1000:.4g}"
                        samples.append(Sample("sending", f"{kind} {number}", kind, "", name, measure, spent))
    return samples


async def _accepted(sender: Person, sent: int, since: int) -> None:
    await sender.until(
        MessageChanged, lambda event: event.message.id == sent and event.message.state is State.SENT, since
    )
