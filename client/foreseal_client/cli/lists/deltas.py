"""`foreseal list delta`, `apply` and `changes`: what lies between two versions of a list."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from foreseal_client.cli.answers import say, say_json, today
from foreseal_client.cli.lists.options import FOLDER, PATH, refusals

__all__ = ["apply", "changes", "delta"]

_OLD = click.argument("old", type=PATH, metavar="OLD")
_NEW = click.argument("new", type=PATH, metavar="NEW")


@click.command()
@_OLD
@_NEW
@click.option("--out", required=True, type=PATH, metavar="FILE", help="Where the delta goes.")
@click.pass_context
def delta(context: click.Context, old: Path, new: Path, out: Path) -> None:
    """Write what leads from the list OLD to the list NEW.

    Exit code 0; 11 when one of them is missing or damaged, 2 when the delta could not be written.
    """
    from foreseal_matcher.lists import HashList, make_delta

    with refusals(context, old):
        before = HashList.of_any_age(old)
    with refusals(context, new):
        size = make_delta(before, HashList.of_any_age(new), out)
        say(f"{out}: {size:,} bytes")


@click.command()
@FOLDER
@click.argument("file", type=PATH, metavar="DELTA")
@click.option("--out", type=PATH, metavar="DIR", help="Leave the list as it is and write here.")
@click.pass_context
def apply(context: click.Context, folder: Path, file: Path, out: Path | None) -> None:
    """Make the list that a delta leads to from the list in DIR, which may be stale.

    Exit code 0; 11 when the list is missing or damaged, 2 when the delta is refused or the list could not be written.
    Either leaves the old list.
    """
    from foreseal_matcher.lists import apply_delta

    with refusals(context, folder):
        made = apply_delta(folder, file, out or folder, today())
        say(f"{made.name} {made.version}: {made.entries} entries in {out or folder}")


@click.command()
@_OLD
@_NEW
@click.option("--json", "as_json", is_flag=True, help="One JSON object, with the ids.")
@click.pass_context
def changes(context: click.Context, old: Path, new: Path, as_json: bool) -> None:
    """Say how many entries came, went and changed between two lists, by category and source.

    Exit code 0, or 11 when one of them is missing or damaged.
    """
    from foreseal_matcher.lists import HashList
    from foreseal_matcher.lists import changes as between

    with refusals(context, old):
        before = HashList.of_any_age(old)
    with refusals(context, new):
        found = between(before, HashList.of_any_age(new))
    rows = [
        {"category": category, "source": source, **asdict(tally)} for (category, source), tally in found.tallies.items()
    ]
    if as_json:
        ids = {name: sorted(getattr(found, name)) for name in ("added", "withdrawn", "changed")}
        say_json({**ids, "tallies": rows})
        return
    say("added", "withdrawn", "changed", "category", "source")
    for row in rows:
        say(*(str(row[name]) for name in ("added", "withdrawn", "changed", "category", "source")))
