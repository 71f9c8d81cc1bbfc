"""Reports and the desk, measured."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from foreseal_client.cli.bench.options import CSV, JSON, WORK
from foreseal_client.cli.bench.telling import tell

__all__ = ["reports"]


@click.command()
@click.option("--messages", type=click.IntRange(1, 100_000), default=500, show_default=True)
@click.option("--queue", type=click.IntRange(1, 1_000_000), default=10_000, show_default=True)
@JSON
@CSV
@WORK
def reports(messages: int, queue: int, as_json: bool, as_csv: bool, work: Path | None) -> None:
    """What proving a message costs, a long queue, and the way from a report to the first device that stops it."""
    from foreseal_client.bench.reports import bench_reports

    with tempfile.TemporaryDirectory(dir=work, prefix="foreseal-bench-") as folder:
        tell(bench_reports(Path(folder), messages, queue), as_json, as_csv)
