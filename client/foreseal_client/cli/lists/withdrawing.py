"""`foreseal list withdraw` and `foreseal list compact`: new versions of a list, with less on it."""

from __future__ import annotations

from pathlib import Path

import click

from foreseal_client.cli.answers import say, today
from foreseal_client.cli.lists.options import FOLDER, PATH, refusals
from foreseal_client.cli.lists.progress import shown

__all__ = ["compact", "withdraw"]

_ELSEWHERE = click.option("--out", type=PATH, metavar="DIR", help="Leave the list as it is and write here.")
_VERSION = click.option("--version", help="The new list's version; the day otherwise.")


@click.command()
@FOLDER
@click.argument("ids", nargs=-1, required=True, type=click.IntRange(0, 2**64 - 1), metavar="ID...")
@_ELSEWHERE
@_VERSION
@click.pass_context
def withdraw(context: click.Context, folder: Path, ids: tuple[int, ...], out: Path | None, version: str | None) -> None:
    """Take entries off a list, and leave a record that they stood on it.

    What was held because of one of them is released by whoever gets the new list.

    Exit code 0; 11 when the list is missing or damaged, 2 when it has no such entry or could not be written. Either
    withdraws nothing.
    """
    from foreseal_matcher.lists import withdraw as withdraw_from

    with refusals(context, folder), shown() as progress:
        made = withdraw_from(folder, set(ids), today=today(), out=out, version=version, progress=progress)
        say(f"{made.name} {made.version}: {len(set(ids))} withdrawn, {made.entries} entries in {out or folder}")


@click.command()
@FOLDER
@click.option("--keep-days", type=click.IntRange(0), help="Age of the oldest record kept; the list's valid days.")
@_ELSEWHERE
@_VERSION
@click.pass_context
def compact(context: click.Context, folder: Path, keep_days: int | None, out: Path | None, version: str | None) -> None:
    """Drop old records of withdrawn entries, and make one of entries that are alike.

    Exit code 0; 11 when the list is missing or damaged, 2 when it could not be written.
    """
    from foreseal_matcher.lists import HashList
    from foreseal_matcher.lists import compact as compacted

    with refusals(context, folder), shown() as progress:
        before = HashList.of_any_age(folder).manifest
        made = compacted(folder, today=today(), out=out, version=version, keep_days=keep_days, progress=progress)
        merged, dropped = before.entries - made.entries, before.withdrawn.count - made.withdrawn.count
        left = f"{made.entries} entries in {out or folder}"
        say(f"{made.name} {made.version}: {merged} merged, {dropped} records dropped, {left}")
