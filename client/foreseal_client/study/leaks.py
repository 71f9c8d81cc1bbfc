"""What leaks: everything that an observer at the relay sees of scripted sends, the real client and relay in between.

The observer is a strong one: it sees both people's connections and knows when the sender acted. What it sees becomes
one row of features a trial; telling kinds apart by them is worked out afterwards, from the samples.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from foreseal_client.demo.stage import Person, Stage
from foreseal_client.draft import Draft
from foreseal_client.events import MessageChanged
from foreseal_client.outbound import NotSent, Queued
from foreseal_client.store import Direction, State
from foreseal_client.study.cell import Cell, Ground, Sample
from foreseal_client.study.errors import StudyError
from foreseal_client.study.scripted import draft_of, kinds, script_list
from foreseal_relay.token_wire import ALLOWANCE, Kind

__all__ = ["ALL_KINDS", "CONTENT", "FEATURES", "SITTING", "measure"]

ALL_KINDS: Final = "all kinds"
CONTENT: Final = "content bytes"
FEATURES: Final = (
    "connections", "messages up", "bytes up", "bytes down", "largest message", "first ms", "span ms",
    "receiver's connections", "receiver's bytes up", "receiver's bytes down",
)  # fmt: skip
"""What is seen of a trial. `first ms`: from the sender's act to the first message, -1 where there is none."""
SITTING: Final = ALLOWANCE[Kind.BLOB]
"""Trials with the same two people: a file costs a token, and an account gets so many a day."""
_QUIET: Final = 0.06
"""Seconds without a byte after which a trial is over."""


class _Counts(NamedTuple):
    connections: int
    up: int
    down: int


def measure(cell: Cell, ground: Ground) -> Iterator[Sample]:
    """`variant` trials of each kind in `subject`, or of all, in an order drawn by the seed."""
    sent = kinds() if cell.subject == ALL_KINDS else tuple(cell.subject.split(", "))
    yield from asyncio.run(_trials(sent, int(cell.variant), ground))


async def _trials(sent: Sequence[str], each: int, ground: Ground) -> list[Sample]:
    chance = random.Random(f"{ground.seed} leaks")
    script = [kind for kind in sent for _ in range(each)]
    chance.shuffle(script)
    trials = list(enumerate(script))
    samples: list[Sample] = []
    for begin in range(0, len(trials), SITTING):
        samples += await _sitting(trials[begin : begin + SITTING], chance, ground)
    return samples


async def _sitting(trials: Sequence[tuple[int, str]], chance: random.Random, ground: Ground) -> list[Sample]:
    samples: list[Sample] = []
    with tempfile.TemporaryDirectory(dir=ground.work) as folder:
        async with Stage.set_up(Path(folder) / "stage") as stage:
            for person in (stage.alice, stage.bob):
                person.device.lists = script_list(Path(folder) / f"list of {person.name}")
            # The first send of all carries addresses and keys: it is not what is compared.
            await _act(stage, "text", Draft("first"))
            await _quiet(stage)
            for number, kind in trials:
                draft = Draft() if kind == "nothing" else draft_of(kind, chance)
                content = len(draft.text.encode()) + sum(item.size for item in draft.attachments)
                samples += [
                    Sample("leaks", str(number), kind, "", "", name, f"{value:.6g}")
                    for name, value in {**await _seen(stage, kind, draft), CONTENT: content}.items()
                ]
    return samples


async def _seen(stage: Stage, kind: str, draft: Draft) -> dict[str, float]:
    times: list[tuple[float, int]] = []

    def watch(piece: bytes) -> None:
        times.append((time.perf_counter(), len(piece)))

    stage.alice.tap.observers.append(watch)
    before, before_there = _counts(stage.alice), _counts(stage.bob)
    began = time.perf_counter()
    try:
        await _act(stage, kind, draft)
        await _quiet(stage)
    finally:
        stage.alice.tap.observers.remove(watch)
    ours, theirs = _counts(stage.alice), _counts(stage.bob)
    first = (times[0][0] - began) * 1000 if times else -1.0
    span = (times[-1][0] - times[0][0]) * 1000 if times else 0.0
    figures = (
        ours.connections - before.connections, len(times), ours.up - before.up, ours.down - before.down,
        max((size for _, size in times), default=0), first, span,
        theirs.connections - before_there.connections, theirs.up - before_there.up, theirs.down - before_there.down,
    )  # fmt: skip
    return dict(zip(FEATURES, figures, strict=True))


async def _act(stage: Stage, kind: str, draft: Draft) -> None:
    if kind == "nothing":
        return
    since = len(stage.bob.log)
    outcome = await stage.alice.messenger.send(stage.alice.peer, draft)
    if isinstance(outcome, NotSent) != (kind == "held"):
        raise StudyError(f"What the script sends as {kind} became {type(outcome).__name__}.")
    if isinstance(outcome, Queued):
        eid = outcome.message.eid
        await stage.bob.until(
            MessageChanged,
            lambda event: (
                event.message.eid == eid
                and event.message.direction is Direction.IN
                and event.message.state in (State.SHOWN, State.WITHHELD)
            ),
            since,
        )


async def _quiet(stage: Stage) -> None:
    """Until nothing more passes."""
    while True:
        before = _counts(stage.alice), _counts(stage.bob)
        await asyncio.sleep(_QUIET)
        if before == (_counts(stage.alice), _counts(stage.bob)):
            return


def _counts(person: Person) -> _Counts:
    passed = person.tap.passed()
    return _Counts(passed.connections, passed.bytes, len(person.tap.down))
