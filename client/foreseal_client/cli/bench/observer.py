"""`foreseal bench observer`."""

from __future__ import annotations

import json
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path

import click

from foreseal_client.cli.answers import plain, say_json
from foreseal_client.cli.bench.options import JSON, SEED

__all__ = ["observer"]


@click.command()
@click.option(
    "--each", type=click.IntRange(1, 1000), default=30, show_default=True, help="What each of six people does."
)
@click.option(
    "--pauses/--no-pauses",
    default=True,
    show_default=True,
    help="Between envelopes for different people, as the client sends.",
)
@click.option("--record", type=click.Path(path_type=Path, dir_okay=False), help="Write down what was seen, as JSON.")
@SEED
@JSON
def observer(each: int, pauses: bool, record: Path | None, seed: int, as_json: bool) -> None:
    """What an honest observer at a relay can infer: six people write to each other, two groups, strangers and a desk.

    It notes down every connection, time, size, mailbox and blob, as a relay could, and guesses: once knowing who has
    which address, once not. Beside it stands how often somebody is right who saw nothing. Real clients, a real relay,
    made-up people; about a second for each thing that one of them does.
    """
    from foreseal_client.bench.machine import machine
    from foreseal_client.bench.observer.measuring import measure_observer, table

    try:
        # Opened first: a run takes minutes, and they would be lost over a slip in a path.
        with nullcontext() if record is None else record.open("w", encoding="utf-8") as out:
            notes, found = measure_observer(seed, each, pauses=pauses)
            if out is not None:
                out.write(json.dumps(asdict(notes), indent=1) + "\n")
    except OSError as fault:
        raise click.ClickException(plain(f"{fault.filename or 'A file'}: {fault.strerror or fault}.")) from fault
    if as_json:
        rows = [asdict(one) for one in found]
        say_json({"seed": seed, "each": each, "pauses": pauses, "inferences": rows, "machine": machine()})
        return
    for line in table(found):
        click.echo(line)
