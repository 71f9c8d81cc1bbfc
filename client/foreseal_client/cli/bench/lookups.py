"""Lookups and lists: what they cost."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from foreseal_client.cli.bench.options import CSV, JSON, SEED, WORK
from foreseal_client.cli.bench.telling import tell

__all__ = ["index", "lists", "log"]


@click.command()
@click.option("--entries", type=click.IntRange(1, 50_000_000), default=1_000_000, show_default=True)
@click.option("--queries", type=click.IntRange(1, 1_000_000), default=5_000, show_default=True)
@click.option("--starts", type=click.IntRange(1, 100), default=7, show_default=True, help="Of a program, to time them.")
@SEED
@JSON
@CSV
@WORK
def index(entries: int, queries: int, starts: int, seed: int, as_json: bool, as_csv: bool, work: Path | None) -> None:
    """Look fingerprints up in a list of so many entries.

    Beside it comparing every row in numpy and, where it is installed, faiss. Needs 150 to 300 bytes of disk for each
    entry while it runs.
    """
    from foreseal_client.bench.lookups import bench_lookups

    with tempfile.TemporaryDirectory(dir=work, prefix="foreseal-bench-") as folder:
        tell(bench_lookups(Path(folder), entries, queries, seed, starts), as_json, as_csv)


@click.command()
@click.option("--entries", type=click.IntRange(1, 50_000_000), default=300_000, show_default=True)
@SEED
@JSON
@CSV
@WORK
def lists(entries: int, seed: int, as_json: bool, as_csv: bool, work: Path | None) -> None:
    """Build a list, change one entry in a hundred, and bring the old list up to date by a delta.

    Beside it making the rows alone. Needs about 500 bytes of disk for each entry while it runs.
    """
    from foreseal_client.bench.list_life import bench_list_life

    with tempfile.TemporaryDirectory(dir=work, prefix="foreseal-bench-") as folder:
        tell(bench_list_life(Path(folder), entries, seed), as_json, as_csv)


@click.command()
@click.option("--entries", type=click.IntRange(2, 10_000_000), default=1_000_000, show_default=True)
@click.option("--checks", type=click.IntRange(1, 100_000), default=1_000, show_default=True)
@SEED
@JSON
@CSV
def log(entries: int, checks: int, seed: int, as_json: bool, as_csv: bool) -> None:
    """Prove that a list stands in a public log of so many entries, and that the log only grew.

    Beside it hashing alone. Needs about 250 bytes of memory for each entry.
    """
    from foreseal_client.bench.log_proofs import bench_log_proofs

    tell(bench_log_proofs(entries, checks, seed), as_json, as_csv)
