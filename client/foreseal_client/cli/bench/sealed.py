"""Sealing: messages and attachments."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from foreseal_client.cli.bench.options import CSV, JSON, SEED, WORK
from foreseal_client.cli.bench.telling import tell

__all__ = ["attachments", "sealing"]


@click.command()
@click.option("--mib", type=click.IntRange(1, 100), default=64, show_default=True, help="Size of the attachment.")
@click.option("--rounds", type=click.IntRange(1, 100), default=5, show_default=True)
@JSON
@CSV
@WORK
def attachments(mib: int, rounds: int, as_json: bool, as_csv: bool, work: Path | None) -> None:
    """Seal and open a large attachment, in MiB a second and memory.

    Beside it the floors: libsodium's secretstream alone, and the disk alone.
    """
    from foreseal_client.bench.attachments import bench_attachments

    with tempfile.TemporaryDirectory(dir=work, prefix="foreseal-bench-") as folder:
        tell(bench_attachments(Path(folder), mib, rounds), as_json, as_csv)


@click.command()
@click.option("--messages", type=click.IntRange(1, 1_000_000), default=2_000, show_default=True)
@SEED
@JSON
@CSV
@WORK
def sealing(messages: int, seed: int, as_json: bool, as_csv: bool, work: Path | None) -> None:
    """Screen, seal and open text messages; set up sessions; turn the ratchet.

    The ratchet beside doubleratchet and vodozemac where those are installed. CPU time, without network and database.
    """
    from foreseal_client.bench.sealed_messages import bench_sealing

    with tempfile.TemporaryDirectory(dir=work, prefix="foreseal-bench-") as folder:
        tell(bench_sealing(Path(folder), messages, seed), as_json, as_csv)
