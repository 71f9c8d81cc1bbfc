"""`foreseal bench ledger`."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from foreseal_client.cli.bench.options import CSV, JSON, SEED, WORK
from foreseal_client.cli.bench.telling import tell

__all__ = ["ledger"]


@click.command()
@click.option("--checks", type=click.IntRange(1, 1_000_000), default=2_000, show_default=True)
@click.option("--entries", type=click.IntRange(1, 50_000_000), default=100_000, show_default=True)
@SEED
@JSON
@CSV
@WORK
def ledger(checks: int, entries: int, seed: int, as_json: bool, as_csv: bool, work: Path | None) -> None:
    """What writing a check down costs, beside the check of a link and of a picture, and beside keeping the message."""
    from foreseal_client.bench.ledger import bench_ledger

    with tempfile.TemporaryDirectory(dir=work, prefix="foreseal-bench-") as folder:
        tell(bench_ledger(Path(folder), checks, entries, seed), as_json, as_csv)
