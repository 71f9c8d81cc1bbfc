"""`foreseal list info`: what a list holds."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from foreseal_client.cli.answers import Exit, plain, say, say_json, today
from foreseal_client.cli.lists.options import FOLDER

__all__ = ["info"]


@click.command()
@FOLDER
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_context
def info(context: click.Context, folder: Path, as_json: bool) -> None:
    """Verify a list and say what it holds.

    Exit code 0, or 11 when it is missing, damaged or stale.
    """
    from foreseal_client.short_fingerprints import by_chance_in, chance_warning
    from foreseal_matcher import ListSet

    opened = ListSet.open([folder], today(), thorough=True)
    for problem in opened.problems:
        if as_json:
            say_json({"path": str(folder), "usable": False, "reason": problem.reason.name.lower().replace("_", "-")})
        click.echo(plain(f"foreseal list: {folder}: {problem.reason} ({problem.detail})"), err=True)
        context.exit(Exit.NO_LIST)
    (one,), (facts,) = opened.lists, opened.describe(today())
    chances = by_chance_in([one])
    fields = {
        "path": str(folder),
        "usable": True,
        **asdict(facts),
        "date": one.date.isoformat(),
        "valid_days": one.manifest.valid_days,
        "counts": dict(one.counts),
        "withdrawn": one.manifest.withdrawn.count,
        "categories": list(one.manifest.categories),
        "sources": list(one.manifest.sources),
        "index": one.index_state,
        "by_chance": chances,
    }
    if as_json:
        say_json(fields)
        return
    say("name", one.name)
    say("version", f"{one.version}, {facts.age_days} days old, valid for {one.manifest.valid_days}")
    say("purpose", one.purpose)
    say("entries", f"{one.entries}: {', '.join(f'{count} {kind}' for kind, count in one.counts.items())}")
    if one.manifest.withdrawn.count:
        say("withdrawn", str(one.manifest.withdrawn.count))
    say("categories", ", ".join(one.manifest.categories) or "-")
    say("sources", ", ".join(one.manifest.sources) or "-")
    say("index", one.index_state)
    say("digest", one.digest)
    if chances:
        click.echo(chance_warning(chances, "its rows"), err=True)
