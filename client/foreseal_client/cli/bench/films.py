"""What checking films finds, and costs."""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from pathlib import Path

import click

from foreseal_client.cli.answers import Exit
from foreseal_client.cli.bench.options import JSON, SEED
from foreseal_client.cli.bench.telling import tell, tell_step

__all__ = ["films"]


@click.command()
@click.option("--films", "count", type=click.IntRange(2, 200), default=12, show_default=True, help="Films to paint.")
@SEED
@click.option("--edit", "edits", multiple=True, metavar="NAME", help="Only this edit; may be repeated.")
@JSON
@click.pass_context
def films(context: click.Context, count: int, seed: int, edits: tuple[str, ...], as_json: bool) -> None:
    """Measure films: recall after ordinary edits, nearness of strangers, cost beside libav decoding alone.

    The films are painted for it; nothing else that compares films in this way can be installed to stand beside it.

    Exit code 0; 2 when an edit is not on the menu, 3 when films cannot be checked here.
    """
    from foreseal_matcher import Undecodable
    from foreseal_matcher.films import checkable

    if not checkable():
        click.echo("foreseal bench: films cannot be checked here; install foreseal[film]", err=True)
        context.exit(Exit.UNREADABLE)
    from foreseal_client.bench.films import FILM_EDITS, measure_films

    with tempfile.TemporaryDirectory(prefix="foreseal-bench-") as folder:
        try:
            report = measure_films(Path(folder), count, seed, edits or FILM_EDITS, tell_step)
        except ValueError as problem:
            click.echo(f"foreseal bench: {problem}", err=True)
            context.exit(Exit.USAGE)
        except Undecodable as problem:
            click.echo(f"foreseal bench: {problem}", err=True)
            context.exit(Exit.UNREADABLE)
    tell(asdict(report), as_json, as_csv=False)
