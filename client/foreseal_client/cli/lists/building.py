"""`foreseal list build`: one list from several."""

from __future__ import annotations

from pathlib import Path

import click

from foreseal_client.cli.lists.options import NOTHING_WRITTEN, OUT, PATH, PURPOSES, VALID_DAYS, refusals
from foreseal_client.cli.lists.writing import write

__all__ = ["build"]


@click.command()
@click.argument("folders", nargs=-1, required=True, type=PATH, metavar="DIR...")
@OUT
@click.option("--name", default="built", show_default=True, help="The list's name.")
@click.option("--version", help="Its version; the day otherwise.")
@click.option("--purpose", type=PURPOSES, default="synthetic", show_default=True)
@VALID_DAYS
@click.pass_context
def build(
    context: click.Context,
    folders: tuple[Path, ...],
    out: Path,
    name: str,
    version: str | None,
    purpose: str,
    valid_days: int,
) -> None:
    """Build one list from the entries of others, in bounded memory.

    Entries that two of them have under one id have to say the same. A building that was killed goes on where it was
    when it is begun again.

    Exit code 0; 11 when one of them is missing or damaged, 2 when the list could not be written.
    """
    from itertools import chain

    from foreseal_matcher.lists import HashList

    opened = []
    for folder in folders:
        with refusals(context, folder):
            opened.append(HashList.of_any_age(folder, thorough=True))
    with refusals(context, after=NOTHING_WRITTEN):
        write(
            out,
            chain.from_iterable(one.hashes() for one in opened),
            name,
            purpose,
            valid_days,
            version=version,
            withdrawn=chain.from_iterable(one.withdrawn for one in opened),
            resume=repr([one.digest for one in opened]),
        )
