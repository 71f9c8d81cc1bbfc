"""`foreseal list make`: pictures, films and links of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from foreseal_client.cli.answers import Exit, plain, reason_of, today
from foreseal_client.cli.fingerprints import BESIDE, chosen_fingerprints
from foreseal_client.cli.lists.options import CATEGORY, LINKS, NOTHING_WRITTEN, OUT, PATH, PURPOSES, refusals
from foreseal_client.cli.lists.writing import linked, write

if TYPE_CHECKING:
    from foreseal_matcher.lists import ListedHash

__all__ = ["make"]


@click.command()
@click.argument("files", nargs=-1, type=PATH, metavar="[FILE...]")
@LINKS
@OUT
@click.option("--name", default="my-list", show_default=True, help="The list's name.")
@CATEGORY
@chosen_fingerprints(BESIDE, "List this one too; may be repeated. 64 bits match by chance: `list info` says how often.")
@click.option(
    "--crops", is_flag=True, help="List 18 parts of each picture too: cropped copies are found, the list is longer."
)
@click.option("--purpose", type=PURPOSES, default="synthetic", show_default=True)
@click.pass_context
def make(
    context: click.Context,
    files: tuple[Path, ...],
    links: Path | None,
    out: Path,
    name: str,
    category: str,
    names: tuple[str, ...],
    crops: bool,
    purpose: str,
) -> None:
    """List pictures and films, each by its SHA-256 and the PDQ of what it shows, and links.

    A link to a host alone lists the whole site, one that ends with a slash all that lies below it.

    Exit code 0; 3 when a file could not be read, 2 when the list could not be written. Either leaves no new list.
    """
    from foreseal_client.cli.on_disk import OnDisk
    from foreseal_matcher import Undecodable
    from foreseal_matcher.errors import NotInstalled
    from foreseal_matcher.lists import from_file

    if not files and links is None:
        raise click.UsageError("name pictures or films, or a file of links with --links")
    hashes: list[ListedHash] = []
    for id, path in enumerate(files, start=1):
        try:
            data = OnDisk.of(path).as_picture()
            made = from_file(
                data, id, category=category, source="made-here", added=today(), fingerprints=names, crops=crops
            )
        except NotInstalled as absent:
            click.echo(f"foreseal list: {absent}; no list was written", err=True)
            context.exit(Exit.USAGE)
        except (Undecodable, OSError) as error:
            click.echo(plain(f"foreseal list: {path}: {reason_of(error)}; no list was written"), err=True)
            context.exit(Exit.UNREADABLE)
        if len(made) == 1:
            click.echo(plain(f"foreseal list: {path}: too little in it, only exact copies will match"), err=True)
        hashes += made
    with refusals(context, links, after=NOTHING_WRITTEN):
        hashes += linked(links, len(files) + 1, category, "made-here")
        write(out, hashes, name, purpose)
