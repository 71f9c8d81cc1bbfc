"""`foreseal list import`: what other programs wrote down."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from foreseal_client.cli.lists.options import CATEGORY, LINKS, OUT, PATH, PURPOSES
from foreseal_client.cli.lists.writing import linked, read_lines, write

if TYPE_CHECKING:
    from foreseal_matcher.lists import ListedHash

__all__ = ["import_files"]


@click.command("import")
@click.argument("file", type=PATH, required=False)
@LINKS
@OUT
@click.option("--purpose", type=PURPOSES, required=True, help="What the list is for.")
@click.option("--name", default="imported", show_default=True, help="The list's name.")
@CATEGORY
@click.pass_context
def import_files(
    context: click.Context,
    file: Path | None,
    links: Path | None,
    out: Path,
    purpose: str,
    name: str,
    category: str,
) -> None:
    """List PDQ fingerprints from a text file: 64 hex digits a line, anything after a comma ignored, # comments; and
    links from another.

    Exit code 0; 3 when the file could not be read, 2 when a line is malformed or the list could not be written.
    Either leaves no new list.
    """
    from foreseal_matcher.lists import from_hex_lines

    if file is None and links is None:
        raise click.UsageError("name a file of fingerprints, or a file of links with --links")
    hashes: list[ListedHash] = []
    if file is not None:
        hashes = read_lines(
            context, file, lambda lines: from_hex_lines(lines, file.name, category=category, source="imported")
        )
    first = max((line.entry.id for line in hashes), default=0) + 1
    hashes += linked(context, links, first, category, "imported")
    write(context, out, hashes, name, purpose)
