"""`foreseal list`: make, import and look into hash lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from foreseal_client.cli.answers import Exit, plain, reason_of, say, say_json, today

if TYPE_CHECKING:
    from foreseal_matcher.lists import ListedHash

__all__ = ["lists"]

_PATH = click.Path(path_type=Path)
_OUT = click.option("--out", required=True, type=_PATH, metavar="DIR", help="The list's folder; one there is replaced.")
_CATEGORY = click.option("--category", default="example", show_default=True, help="What the entries are filed under.")
_LINKS = click.option("--links", type=_PATH, metavar="FILE", help="A text file of links, one a line; # comments.")
_PURPOSES = click.Choice(["synthetic", "research"])


@click.group()
def lists() -> None:
    """Make, import and look into hash lists.

    A list is a folder. Its purpose is "synthetic" or "research"; Foreseal ships and connects to no real list.
    """


@lists.command()
@click.argument("files", nargs=-1, type=_PATH, metavar="[FILE...]")
@_LINKS
@_OUT
@click.option("--name", default="my-list", show_default=True, help="The list's name.")
@_CATEGORY
@click.option("--purpose", type=_PURPOSES, default="synthetic", show_default=True)
@click.pass_context
def make(
    context: click.Context,
    files: tuple[Path, ...],
    links: Path | None,
    out: Path,
    name: str,
    category: str,
    purpose: str,
) -> None:
    """List pictures, each by its SHA-256 and its PDQ, and links.

    A link to a host alone lists the whole site, one that ends with a slash all that lies below it.

    Exit code 0; 3 when a picture could not be read, 2 when the list could not be written. Either leaves no new list.
    """
    from foreseal_client.cli.on_disk import OnDisk
    from foreseal_matcher import Undecodable
    from foreseal_matcher.lists import from_picture

    if not files and links is None:
        raise click.UsageError("name pictures, or a file of links with --links")
    hashes: list[ListedHash] = []
    for path in files:
        try:
            made = from_picture(OnDisk.of(path).as_picture(), len(hashes) + 1, category=category, source="made-here")
        except (Undecodable, OSError) as error:
            click.echo(plain(f"foreseal list: {path}: {reason_of(error)}; no list was written"), err=True)
            context.exit(Exit.UNREADABLE)
        if len(made) == 1:
            click.echo(plain(f"foreseal list: {path}: too little in it, only exact copies will match"), err=True)
        hashes += made
    hashes += _linked(context, links, len(hashes) + 1, category, "made-here")
    _write(context, out, hashes, name, purpose)


@lists.command("import")
@click.argument("file", type=_PATH, required=False)
@_LINKS
@_OUT
@click.option("--purpose", type=_PURPOSES, required=True, help="What the list is for.")
@click.option("--name", default="imported", show_default=True, help="The list's name.")
@_CATEGORY
@click.pass_context
def import_lines(
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
        hashes = _read(
            context, file, lambda lines: from_hex_lines(lines, file.name, category=category, source="imported")
        )
    first = max((line.entry.id for line in hashes), default=0) + 1
    hashes += _linked(context, links, first, category, "imported")
    _write(context, out, hashes, name, purpose)


@lists.command()
@click.argument("folder", type=_PATH, metavar="DIR")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_context
def info(context: click.Context, folder: Path, as_json: bool) -> None:
    """Verify a list and say what it holds.

    Exit code 0, or 11 when it is missing, damaged or stale.
    """
    from foreseal_matcher import ListSet

    opened = ListSet.open([folder], today(), thorough=True)
    for problem in opened.problems:
        if as_json:
            say_json({"path": str(folder), "usable": False, "reason": problem.reason.name.lower().replace("_", "-")})
        click.echo(plain(f"foreseal list: {folder}: {problem.reason} ({problem.detail})"), err=True)
        context.exit(Exit.NO_LIST)
    (one,), (facts,) = opened.lists, opened.describe(today())
    fields = {
        "path": str(folder),
        "usable": True,
        **asdict(facts),
        "date": one.date.isoformat(),
        "valid_days": one.manifest.valid_days,
        "counts": dict(one.counts),
        "categories": list(one.manifest.categories),
        "sources": list(one.manifest.sources),
        "index": one.index_state,
    }
    if as_json:
        say_json(fields)
        return
    say("name", one.name)
    say("version", f"{one.version}, {facts.age_days} days old, valid for {one.manifest.valid_days}")
    say("purpose", one.purpose)
    say("entries", ", ".join(f"{count} {kind}" for kind, count in one.counts.items()))
    say("categories", ", ".join(one.manifest.categories) or "-")
    say("sources", ", ".join(one.manifest.sources) or "-")
    say("index", one.index_state)
    say("digest", one.digest)


@lists.command()
@click.argument("folder", type=_PATH, metavar="DIR")
@click.pass_context
def index(context: click.Context, folder: Path) -> None:
    """Verify a list that came by other means than `make` or `import`, and build its index.

    Lists under 65,536 fingerprints need none; they are verified and noted as such.

    Exit code 0; 11 when the list is missing, damaged or stale, 2 when its folder cannot be written to.
    """
    from foreseal_matcher import ListNotWritten
    from foreseal_matcher.errors import ListUnusable
    from foreseal_matcher.lists import index_list

    try:
        found = index_list(folder, today())
    except ListUnusable as problem:
        click.echo(plain(f"foreseal list: {folder}: {problem}"), err=True)
        context.exit(Exit.NO_LIST)
    except ListNotWritten as problem:
        click.echo(plain(f"foreseal list: {problem}"), err=True)
        context.exit(Exit.USAGE)
    say(f"{found.name}: verified, {found.index_state}")


def _linked(context: click.Context, file: Path | None, first: int, category: str, source: str) -> list[ListedHash]:
    from foreseal_matcher.lists import from_links

    if file is None:
        return []
    return _read(context, file, lambda lines: from_links(lines, file.name, first, category=category, source=source))


def _read(
    context: click.Context, file: Path, parsed: Callable[[Iterable[str]], Iterable[ListedHash]]
) -> list[ListedHash]:
    """The lines that a text file lists. Ends the command where it cannot be read, or a line is malformed."""
    from foreseal_matcher import ListNotWritten

    try:
        with file.open(encoding="utf-8", errors="surrogateescape") as lines:
            return list(parsed(lines))
    except OSError as error:
        click.echo(plain(f"foreseal list: {file}: {reason_of(error)}"), err=True)
        context.exit(Exit.UNREADABLE)
    except ListNotWritten as problem:
        click.echo(plain(f"foreseal list: {problem}; no list was written"), err=True)
        context.exit(Exit.USAGE)


def _write(context: click.Context, out: Path, hashes: list[ListedHash], name: str, purpose: str) -> None:
    from foreseal_matcher import ListNotWritten
    from foreseal_matcher.lists import Purpose, build_list

    made = today()
    try:
        build_list(out, hashes, name=name, version=f"{made:%Y.%m.%d}", made=made, purpose=Purpose(purpose))
    except ListNotWritten as problem:
        click.echo(plain(f"foreseal list: {problem}; no list was written"), err=True)
        context.exit(Exit.USAGE)
    say(f"{name}: {len(hashes)} entries in {out}")
