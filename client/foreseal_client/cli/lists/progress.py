"""How far a long building is, on stderr: a bar on a terminal, one plain line every five seconds without."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from foreseal_matcher.lists import Progress

__all__ = ["Lines", "shown"]

_EVERY: Final = 5.0
"""Seconds between two lines."""


class Lines:
    """A line now and then. `clock`: seconds; `tell`: takes each line."""

    def __init__(self, clock: Callable[[], float], tell: Callable[[str], None]) -> None:
        self._clock = clock
        self._tell = tell
        self._began = self._told = clock()

    def __call__(self, what: str, done: int, of: int | None) -> None:
        """Tells how far it is, if five seconds have passed since the last line."""
        now = self._clock()
        if now - self._told >= _EVERY:
            self._told = now
            rate = done / (now - self._began)
            self._tell(f"{what}: {done:,}{f' of {of:,}' if of else ''} rows, {rate:,.0f} a second")


@contextmanager
def shown() -> Iterator[Progress]:
    """What to hand to a building."""
    if not sys.stderr.isatty():
        yield Lines(time.monotonic, lambda line: click.echo(f"foreseal list: {line}", err=True))
        return
    # Imported here because only a terminal gets a bar.
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda what, done, of: bar.update(task, description=what, completed=done, total=of)
