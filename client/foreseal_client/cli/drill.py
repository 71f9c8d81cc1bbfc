"""`foreseal study drill`: the coercion drill, played anew."""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from pathlib import Path

import click

from foreseal_client.cli.answers import Exit, plain, reason_of, say, say_json

__all__ = ["drill"]


@click.command()
@click.option("--markdown", is_flag=True, help="The table as docs/reports.md has it.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a row.")
@click.pass_context
def drill(context: click.Context, markdown: bool, as_json: bool) -> None:
    """Play who would have to be bent before devices stop a harmless poster, and what that leaves behind.

    Endorsers, a log, a desk and devices of this version, in a folder that goes away; it takes some seconds and no
    photographs. Endorsement is not vetting: enough endorsers can list anything, and this shows it.

    Exit code 0; 2 when the folder cannot be written.
    """
    if markdown and as_json:
        raise click.UsageError("One of the two: --markdown or --json.")
    from foreseal_client.drill.row import as_table
    from foreseal_client.drill.running import run_drill

    try:
        with tempfile.TemporaryDirectory(prefix="foreseal-drill-") as folder:
            rows = []
            for row in run_drill(Path(folder)):
                rows.append(row)
                if as_json:
                    say_json(asdict(row))
                elif not markdown:
                    say(row.bent)
                    say("", "devices", row.devices)
                    for trace in row.remains:
                        say("", "seen", trace.what, f"by {trace.by}")
                    for what in row.unseen:
                        say("", "unseen", what)
    except OSError as problem:
        click.echo(plain(f"foreseal study: {reason_of(problem)}"), err=True)
        context.exit(Exit.USAGE)
    if markdown:
        click.echo(as_table(rows), nl=False)
