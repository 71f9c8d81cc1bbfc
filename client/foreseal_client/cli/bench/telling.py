"""How figures are told: as lines, JSON or CSV, always with the machine they were taken on."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Mapping

import click

from foreseal_client.cli.answers import plain, say, say_json

__all__ = ["tell", "tell_step"]


def tell_step(step: str) -> None:
    """Says on stderr what is being measured."""
    click.echo(f"  {plain(step)}", err=True)


def tell(figures: dict[str, object], as_json: bool, as_csv: bool) -> None:
    """Prints the figures."""
    from foreseal_client.bench.machine import machine

    figures |= {"machine": machine()}
    if as_json:
        say_json(figures)
        return
    lines = _flat("", figures)
    if as_csv:
        csv.writer(sys.stdout, lineterminator="\n").writerows([("name", "value"), *lines])
        return
    for name, value in lines:
        say(name, value)


def _flat(prefix: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield from _flat(f"{prefix}.{name}" if prefix else str(name), each)
    elif isinstance(value, list):
        for at, each in enumerate(value):
            yield from _flat(f"{prefix}.{at}", each)
    else:
        yield prefix, str(value)
