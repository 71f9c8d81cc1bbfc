"""How far a long piece of work has come: a bar with the time that is left, or a plain line now and then."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import click

__all__ = ["progress"]

_EVERY: Final = 5.0
"""Seconds between two lines where there is no terminal."""


@contextmanager
def progress() -> Iterator[Callable[[str, int, int], None]]:
    """Something to tell of a step by its name, how much of it is done, and how much there is. All goes to stderr."""
    if sys.stderr.isatty():
        yield from _bars()
    else:
        yield from _lines()


def _bars() -> Iterator[Callable[[str, int, int], None]]:
    # Imported here because only a long piece of work needs it.
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True)) as bars:
        steps = {}

        def told(step: str, done: int, of: int) -> None:
            if step not in steps:
                steps[step] = bars.add_task(step, total=of)
            bars.update(steps[step], completed=done, total=of)

        yield told


def _lines() -> Iterator[Callable[[str, int, int], None]]:
    began = time.monotonic()
    last: list[tuple[str, float]] = [("", began)]

    def told(step: str, done: int, of: int) -> None:
        now = time.monotonic()
        if step != last[0][0] or now - last[0][1] >= _EVERY:
            last[0] = (step, now)
            click.echo(f"  {step}: {done} of {of}, {now - began:.0f} s", err=True)

    yield told
