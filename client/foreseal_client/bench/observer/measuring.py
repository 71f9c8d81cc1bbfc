"""A run with an observer, what it inferred, and the table of it as the threat model has it."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path

from foreseal_client.bench.observer.guessing import inferences
from foreseal_client.bench.observer.inference import Inference
from foreseal_client.bench.observer.script import Record, played
from foreseal_client.spacing import AT_ONCE, SPACED

__all__ = ["measure_observer", "table"]


def measure_observer(seed: int, each: int, *, pauses: bool = True) -> tuple[Record, tuple[Inference, ...]]:
    """Everybody does `each` things, drawn from the seed. `pauses`: as the client sends, or all at once as it did."""
    with tempfile.TemporaryDirectory(prefix="foreseal-observer-") as folder:
        record = asyncio.run(played(Path(folder), seed, each, SPACED if pauses else AT_ONCE))
    return record, inferences(record, seed)


def table(found: Sequence[Inference]) -> list[str]:
    """The lines of a Markdown table."""
    head = "| what somebody might want to know | how | with addresses | without | by guessing | of |"
    rows = [
        f"| {one.what} | {one.how} | {one.right_with / one.n:.0%} | {one.right_without / one.n:.0%} | "
        f"{one.chance:.0%} | {one.n} |"
        for one in found
    ]
    return [head, "| --- | --- | --- | --- | --- | --- |", *rows]
