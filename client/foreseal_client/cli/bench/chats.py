"""`foreseal bench chat`."""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from pathlib import Path

import click

from foreseal_client.cli.answers import say, say_json
from foreseal_client.cli.bench.options import JSON

__all__ = ["chat"]


@click.command()
@click.option("--messages", type=click.IntRange(300, 1_000_000), default=10_000, show_default=True, help="How many.")
@JSON
def chat(messages: int, as_json: bool) -> None:
    """What a conversation of so many messages costs beside one of 300, and what a start of the chat costs.

    CPU of one process, the best of several. Opening and scrolling back read a page and draw its rows; receiving keeps a
    message, draws it and counts what is unread.
    """
    from foreseal_client.bench.chats import SHORT, measure_chats

    with tempfile.TemporaryDirectory(prefix="foreseal-bench-") as folder:
        report = measure_chats(Path(folder), messages)
    if as_json:
        from foreseal_client.bench.machine import machine

        say_json(asdict(report) | {"machine": machine()})
        return
    for one in report.costs:
        say(one.what, f"{one.short:.2f} ms of {SHORT}", f"{one.long:.2f} ms of {messages:,}", f"{one.ratio:.1f} times")
    floor = f"{report.floor:.2f} s of Textual alone"
    say("start", f"{report.start:.2f} s", floor, f"{report.start / report.floor:.1f} times")
