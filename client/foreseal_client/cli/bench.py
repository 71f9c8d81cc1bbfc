"""`foreseal bench`: measuring, on this machine and with the files given."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from foreseal_client.cli.answers import Exit, plain, say, say_json

if TYPE_CHECKING:
    from foreseal_client.bench.looks import Report

__all__ = ["bench"]


@click.group()
def bench() -> None:
    """Measure what a check finds and what it costs here.

    Nothing leaves this machine, and figures are aggregates.
    """


@bench.command()
@click.option(
    "--photos", required=True, type=click.Path(path_type=Path, exists=True, file_okay=False), metavar="DIR",
    help="Photographs, all distinct; of people none.",
)  # fmt: skip
@click.option("--seed", type=int, default=1, show_default=True, help="Splits the photographs and draws the edits.")
@click.option("--edit", "edits", multiple=True, metavar="NAME", help="Only this edit; may be repeated.")
@click.option("--half", type=click.Choice(["tuning", "judging", "all"]), default="judging", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_context
def looks(context: click.Context, photos: Path, seed: int, edits: tuple[str, ...], half: str, as_json: bool) -> None:
    """Measure the looks at a picture: recall after ordinary edits, nearness of strangers, cost.

    Exit code 0, or 2 when there are not two usable photographs or an edit is not on the menu.
    """
    from foreseal_client.bench.looks import EDITS, Half, measure, usable

    files = {path.name: path.read_bytes() for path in photos.iterdir() if path.is_file()}
    chosen = usable(files, seed, Half(half))
    click.echo(f"{len(chosen)} of {len(files)} files are measured", err=True)
    try:
        report = measure(
            chosen, seed, Half(half), edits or EDITS, lambda step: click.echo(f"  {plain(step)}", err=True)
        )
    except ValueError as problem:
        click.echo(f"foreseal bench: {problem}", err=True)
        context.exit(Exit.USAGE)
    if as_json:
        say_json(asdict(report))
    else:
        _as_lines(report)


def _as_lines(report: Report) -> None:
    for one in report.recall:
        note = "" if one.tuned_for else "not tuned for"
        say("recall", one.edit, one.looks, f"{one.recall:.2f}", f"{one.low:.2f}-{one.high:.2f}", note)
    for look in report.strangers:
        bound = f"under {look.upper:.2g}" if not look.matches else "-"
        say("strangers", look.look, f"nearest {look.nearest}", f"{look.matches} of {look.pairs} pairs", bound)
    for each in report.cost:
        say("cost", each.looks, f"{each.fingerprints} fingerprints", f"{each.milliseconds:.1f} ms")
