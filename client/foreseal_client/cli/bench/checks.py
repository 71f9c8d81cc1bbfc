"""A whole check, stage by stage."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from foreseal_client.cli.answers import Exit, plain, reason_of
from foreseal_client.cli.bench.options import CSV, JSON, SEED, WORK
from foreseal_client.cli.bench.telling import tell
from foreseal_client.cli.fingerprints import EVERY, chosen_fingerprints

__all__ = ["check"]


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("--entries", type=click.IntRange(1, 50_000_000), default=100_000, show_default=True)
@SEED
@chosen_fingerprints(EVERY[1:], "Time this one too; may be repeated.")
@JSON
@CSV
@WORK
@click.pass_context
def check(
    context: click.Context,
    files: tuple[Path, ...],
    entries: int,
    seed: int,
    names: tuple[str, ...],
    as_json: bool,
    as_csv: bool,
    work: Path | None,
) -> None:
    """Check pictures or films, stage by stage: read, decode, hash, lookup.

    Beside it the floor, which is Pillow's reduced decode alone, and pdqhash and threatexchange where they are
    installed.

    Exit code 0, 3 when a file could not be read, or 2 when a fingerprint is not installed.
    """
    from foreseal_client.bench.checks import bench_checks
    from foreseal_matcher.errors import NotInstalled

    with tempfile.TemporaryDirectory(dir=work, prefix="foreseal-bench-") as folder:
        try:
            figures = bench_checks(Path(folder), files, entries, seed, names)
        except NotInstalled as absent:
            click.echo(f"foreseal bench: {absent}", err=True)
            context.exit(Exit.USAGE)
        except OSError as error:
            click.echo(plain(f"foreseal bench: {error.filename or 'a file'}: {reason_of(error)}"), err=True)
            context.exit(Exit.UNREADABLE)
        tell(figures, as_json, as_csv)
