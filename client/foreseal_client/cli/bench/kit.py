"""`foreseal bench kit`."""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from pathlib import Path

import click

from foreseal_client.cli.answers import plain, say, say_json
from foreseal_client.cli.bench.options import JSON

__all__ = ["kit"]


@click.command()
@click.option("--rounds", type=click.IntRange(1, 1000), default=20, show_default=True, help="How often each is done.")
@JSON
def kit(rounds: int, as_json: bool) -> None:
    """What a pair of clients, a text and a flow cost a suite, beside what no suite can do without.

    CPU of this process, relay and clients in it; the middle of so many rounds. Needs foreseal[demo].
    """
    from foreseal_client.bench.kit import FLOW, measure_kit

    try:
        with tempfile.TemporaryDirectory(prefix="foreseal-bench-") as folder:
            report = measure_kit(Path(folder), rounds)
    except (OSError, TimeoutError) as fault:
        raise click.ClickException(plain(f"It could not be measured: {fault}")) from fault
    if as_json:
        from foreseal_client.bench.machine import machine

        say_json(asdict(report) | {"ratio": report.ratio, "machine": machine()})
        return
    say("first pair", f"{report.first:.0f} ms", "with pictures, list and what is imported once")
    say("pair", f"{report.pair:.0f} ms", f"{report.floor:.0f} ms of profiles and a relay", f"{report.ratio:.1f} times")
    say("text", f"{report.text:.1f} ms", "sent, until it is shown at the other side")
    say("flows", f"{report.flows:.1f} a second of CPU", f"of {FLOW!r}, each with a pair of its own")
