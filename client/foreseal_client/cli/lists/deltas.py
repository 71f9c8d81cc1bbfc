"""`foreseal list delta`, `apply` and `changes`: what lies between two versions of a list."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from foreseal_client.cli.answers import say, say_json, today
from foreseal_client.cli.lists.options import FOLDER, PATH, refusals

if TYPE_CHECKING:
    from foreseal_matcher.lists import HashList

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
    """Say how many entries came, went and changed between two lists, by category and source, and who endorsed each.

    Endorsers are known of a list that `foreseal list update` brought, from the log; of any other it says so.

    Exit code 0, or 11 when one of them is missing or damaged.
    """
    from foreseal_client.transparency.growth import names_of
    from foreseal_matcher.lists import HashList
    from foreseal_matcher.lists import changes as between

    with refusals(context, old):
        before = HashList.of_any_age(old)
    with refusals(context, new):
        after = HashList.of_any_age(new)
        found = between(before, after)
    rows = [
        {"category": category, "source": source, **asdict(tally)} for (category, source), tally in found.tallies.items()
    ]
    versions = [(one, _endorsers(one)) for one in (before, after)]
    if as_json:
        ids = {name: sorted(getattr(found, name)) for name in ("added", "withdrawn", "changed")}
        told = [
            {"version": one.version, "digest": one.digest, "entries": one.entries, "endorsers": endorsers}
            for one, endorsers in versions
        ]
        say_json({**ids, "tallies": rows, "versions": told})
        return
    say("added", "withdrawn", "changed", "category", "source")
    for row in rows:
        say(*(str(row[name]) for name in ("added", "withdrawn", "changed", "category", "source")))
    for one, endorsers in versions:
        names = "endorsers not known: it did not come by an update" if endorsers is None else names_of(endorsers)
        say(f"version {one.version}", f"{one.entries} entries", names)


def _endorsers(one: HashList) -> dict[str, str] | None:
    """Who endorsed this version, names by id of key, as the log said when the device fetched it."""
    from foreseal_client.updates.refusals import UpdateRefused
    from foreseal_client.updates.remembered import recall
    from foreseal_matcher.lists.writing import UPDATES

    try:
        remembered = recall(one.path / UPDATES)
    except (UpdateRefused, OSError):
        return None
    entry = None if remembered is None else remembered.entry
    return None if entry is None or entry.digest != one.digest else dict(entry.endorsers)
