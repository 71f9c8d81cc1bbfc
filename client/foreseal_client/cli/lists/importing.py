"""`foreseal list import`: what other programs wrote down."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from foreseal_client.cli.answers import plain
from foreseal_client.cli.lists.options import (
    CATEGORY,
    LINKS,
    NOTHING_WRITTEN,
    OUT,
    PATH,
    PURPOSES,
    VALID_DAYS,
    refusals,
)
from foreseal_client.cli.lists.writing import linked, write

if TYPE_CHECKING:
    from foreseal_matcher.lists import ListedHash

__all__ = ["import_files"]

_FIRST_LINK: Final = 2**63
"""Links are numbered from here on, far from the numbers that a file may give its own entries."""
_FORMATS = click.Choice(["hex", "csv", "vics", "ncmec", "threatexchange"])
_KINDS = click.Choice(["pdq", "sha256", "sha1", "md5", "link", "ahash", "phash", "dhash", "whash"])


@click.command("import")
@click.argument("files", nargs=-1, type=PATH, metavar="[FILE...]")
@click.option("--format", "format_", type=_FORMATS, help="What the files are; otherwise told by how each begins.")
@click.option("--kind", type=_KINDS, help="What lines of hex digits are; otherwise told by their length.")
@LINKS
@OUT
@click.option("--purpose", type=PURPOSES, required=True, help="What the list is for.")
@click.option("--name", default="imported", show_default=True, help="The list's name.")
@CATEGORY
@click.option("--source", default="imported", show_default=True, help="Who made them, where the file does not say.")
@click.option("--only", multiple=True, metavar="CATEGORY", help="Take no other category. May be repeated.")
@VALID_DAYS
@click.pass_context
def import_files(
    context: click.Context,
    files: tuple[Path, ...],
    format_: str | None,
    kind: str | None,
    links: Path | None,
    out: Path,
    purpose: str,
    name: str,
    category: str,
    source: str,
    only: tuple[str, ...],
    valid_days: int,
) -> None:
    """List what other programs wrote down, from files.

    Formats: lines of hex digits (a PDQ, SHA-1 or MD5 each; # comments), CSV with a heading, VICS-shaped JSON,
    NCMEC-shaped XML and ThreatExchange CSV. Kinds that cannot be matched are counted and said on stderr. An import
    that was killed goes on where it was when it is begun again.

    Exit code 0; 3 when a file could not be read, 2 when a record is malformed or the list could not be written.
    Either leaves no new list.
    """
    from foreseal_matcher.lists.importing import read_file

    if not files and links is None:
        raise click.UsageError("name files of hashes, or a file of links with --links")
    skipped: Counter[str] = Counter()

    def rows() -> Iterator[ListedHash]:
        for path in files:
            yield from _of(
                only,
                read_file(path, skipped, category=category, source=source, format=format_, kind=kind),
                skipped,
            )
        yield from linked(links, _FIRST_LINK, category, source)

    with refusals(context, after=NOTHING_WRITTEN):
        given = [*files, links] if links else list(files)
        options = (format_, kind, category, source, *only)
        write(out, rows(), name, purpose, valid_days, resume=_named(given, options))
    if skipped.total():
        counts = ", ".join(f"{count:,} {what}" for what, count in sorted(skipped.items()) if count)
        click.echo(plain(f"foreseal list: passed over: {counts}"), err=True)


def _of(only: Collection[str], rows: Iterator[ListedHash], skipped: Counter[str]) -> Iterator[ListedHash]:
    for row in rows:
        if only and row.entry.category not in only:
            skipped["hashes of other categories"] += 1
        else:
            yield row


def _named(files: list[Path], options: tuple[str | None, ...]) -> str:
    """What tells that an import begun again is the same. Raises `SourceUnreadable`."""
    from foreseal_matcher.errors import SourceUnreadable

    told = []
    for path in files:
        try:
            found = path.stat()
        except OSError as error:
            raise SourceUnreadable(f"{path}: {error.strerror or error}") from error
        told.append((str(path.absolute()), found.st_size, found.st_mtime_ns))
    return repr((told, options))
