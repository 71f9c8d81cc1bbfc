"""A relay under load."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import click

from foreseal_client.cli.answers import Exit, plain
from foreseal_client.cli.bench.options import CSV, JSON, WORK
from foreseal_client.cli.bench.telling import tell, tell_step

__all__ = ["relay"]


@click.command()
@click.option("--clients", type=click.IntRange(1, 1000), default=50, show_default=True, help="Connections that send.")
@click.option("--in-flight", type=click.IntRange(1, 64), default=8, show_default=True, help="Sends of each under way.")
@click.option("--seconds", type=click.FloatRange(0.2, 3600), default=5.0, show_default=True, help="Of each load.")
@click.option("--processes", type=click.IntRange(1, 64), default=1, show_default=True, help="The load comes from.")
@click.option("--hold", type=click.IntRange(0, 9000), default=0, show_default=True, help="Connections to hold open.")
@click.option(
    "--store", metavar="URL", envvar="FORESEAL_BENCH_STORE",
    help="An empty PostgreSQL database to measure beside: postgresql://user@host/database.",
)  # fmt: skip
@JSON
@CSV
@WORK
@click.pass_context
def relay(
    context: click.Context,
    clients: int,
    in_flight: int,
    seconds: float,
    processes: int,
    hold: int,
    store: str | None,
    as_json: bool,
    as_csv: bool,
    work: Path | None,
) -> None:
    """Have a relay accept envelopes of 4 KiB durably, beside what the machine can do at all.

    Beside it the floors: how often the disk syncs, and the same server's echo without a store; and nats-server with a
    sync for every message, where that program is installed. Load, relay and echo are processes of their own.

    Exit code 0, or 2 when something could not be started.
    """
    from foreseal_relay.measuring.run import Asked, measure
    from foreseal_relay.store import StoreError

    if clients % processes:
        raise click.UsageError("--clients must be shared out evenly among --processes")
    asked = Asked(clients, in_flight, seconds, processes, hold, store, shutil.which("nats-server"))
    with tempfile.TemporaryDirectory(dir=work, prefix="foreseal-bench-") as folder:
        try:
            figures = measure(Path(folder), asked, tell_step)
        except (OSError, RuntimeError, StoreError) as problem:
            click.echo(plain(f"foreseal bench: {problem}"), err=True)
            context.exit(Exit.USAGE)
        tell(figures, as_json, as_csv)
