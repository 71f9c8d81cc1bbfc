"""What the looks at a picture find."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from foreseal_client.cli.answers import Exit, say, say_json
from foreseal_client.cli.bench.options import JSON, PHOTOS, SEED
from foreseal_client.cli.bench.telling import tell_step
from foreseal_client.cli.fingerprints import EVERY

if TYPE_CHECKING:
    from foreseal_client.bench.looks import Report

__all__ = ["looks"]


@click.command()
@PHOTOS
@SEED
@click.option("--edit", "edits", multiple=True, metavar="NAME", help="Only this edit; may be repeated.")
@click.option("--half", type=click.Choice(["tuning", "judging", "all"]), default="judging", show_default=True)
@click.option(
    "--fingerprint", type=click.Choice(EVERY), default="pdq", show_default=True, help="Measured at its limit."
)
@click.option("--crops", is_flag=True, help="List parts of each photograph too, as `list make --crops` does.")
@JSON
@click.pass_context
def looks(
    context: click.Context,
    photos: Path,
    seed: int,
    edits: tuple[str, ...],
    half: str,
    fingerprint: str,
    crops: bool,
    as_json: bool,
) -> None:
    """Measure the looks at a picture: recall after ordinary edits, nearness of strangers, cost.

    By PDQ in each set of looks, or by another fingerprint as the picture is.

    Exit code 0, or 2 when there are not two usable photographs or an edit is not on the menu.
    """
    from foreseal_client.bench.looks import EDITS, Half, measure, usable
    from foreseal_matcher.errors import NotInstalled

    if crops and fingerprint != "pdq":
        raise click.UsageError("--crops lists parts by PDQ and goes with no other fingerprint")
    files = {path.name: path.read_bytes() for path in photos.iterdir() if path.is_file()}
    try:
        chosen = usable(files, seed, Half(half), fingerprint, crops=crops)
        click.echo(f"{len(chosen)} of {len(files)} files are measured", err=True)
        report = measure(chosen, seed, Half(half), edits or EDITS, fingerprint, tell_step)
    except (ValueError, NotInstalled) as problem:
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
        say("strangers", look.look, f"nearest {look.nearest:g}", f"{look.matches} of {look.pairs} pairs", bound)
    for each in report.cost:
        say("cost", each.looks, f"{each.fingerprints} fingerprints", f"{each.milliseconds:.1f} ms")
