"""`foreseal list log`: what was published, by whom and when, for whoever wants to watch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from foreseal_client.cli.answers import Exit, plain, say, say_json

if TYPE_CHECKING:
    from foreseal_client.transparency.entry import LoggedList
    from foreseal_client.transparency.growth import Growth
    from foreseal_client.updates.watching import Watched

__all__ = ["log"]

_MOST_OF_A_ROOT: Final = 512_000
_PATH: Final = click.Path(path_type=Path)
_FROM = click.option(
    "--from", "source", required=True, metavar="URL|DIR", help="The repository: https://..., or a folder."
)
_ROOT = click.option(
    "--root", required=True, type=_PATH, metavar="FILE", help="The publisher's root.json, which names the log's key."
)
_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")


@click.group()
def log() -> None:
    """Watch the public log of a repository.

    Every version of every list that devices take stands in it: by whose signatures, and how many entries of which
    category from which source. Nothing has to be installed for watching, and a copy of the folder on a stick will do.
    """


@log.command()
@_FROM
@_ROOT
@click.option("--name", metavar="NAME", help="Only this list.")
@_JSON
@click.pass_context
def show(context: click.Context, source: str, root: Path, name: str | None, as_json: bool) -> None:
    """Show every entry, after the whole log was held to its signed head: who signed it, entries by category and
    source, and what changed since the version before.

    Exit code 0; 12 when the log is refused or cannot be fetched, 3 when FILE cannot be read.
    """
    with _told(context, as_json=as_json):
        watched = _watched(source, root)
        _say_entries(watched, name, as_json=as_json)


@log.command()
@_FROM
@_ROOT
@click.option("--seen", type=_PATH, metavar="FILE", help="A signed checkpoint that somebody kept: it must be its past.")
@_JSON
@click.pass_context
def verify(context: click.Context, source: str, root: Path, seen: Path | None, as_json: bool) -> None:
    """Hold the whole log to its signed head, and the head to one that was seen before.

    Exit code 0; 12 when the log is refused or cannot be fetched, 3 when a FILE cannot be read.
    """
    with _told(context, as_json=as_json):
        watched = _watched(source, root)
        if seen is not None:
            _watched(source, root, _read(seen))
        _say_head(watched, as_json=as_json)


@log.command()
@_FROM
@_ROOT
@click.option(
    "--seen", required=True, type=_PATH, metavar="FILE", help="Where the head is kept from one time to the next."
)
@_JSON
@click.pass_context
def follow(context: click.Context, source: str, root: Path, seen: Path, as_json: bool) -> None:
    """Show what came since the last time, and keep the new head in FILE. The first time it shows everything.

    A log that does not go on from the head in FILE is refused, and FILE stays: keep it, it is evidence.

    Exit code 0; 12 when the log is refused or cannot be fetched, 3 when a file cannot be read or written.
    """
    from foreseal_matcher.lists.writing import synced

    with _told(context, as_json=as_json):
        watched = _watched(source, root, _read(seen) if seen.exists() else None)
        _say_entries(watched, None, as_json=as_json)
        part = seen.with_name(f".{seen.name}-part")
        with synced(part) as file:
            file.write(watched.note)
        part.replace(seen)
        click.echo(f"{watched.head.size:,} entries, of which {len(watched.entries):,} are new", err=True)


@log.command()
@click.argument("file", type=_PATH, metavar="FILE")
@_JSON
@click.pass_context
def evidence(context: click.Context, file: Path, as_json: bool) -> None:
    """Check what somebody brings as proof that a log has signed two histories. Asks nobody for anything.

    Exit code 0 when it proves that; 12 when it proves nothing, 3 when FILE cannot be read.
    """
    from foreseal_client.transparency.checkpoint import open_checkpoint
    from foreseal_client.transparency.evidence import Evidence, EvidenceRefused

    with _told(context, as_json=as_json):
        try:
            found = Evidence.decode(_read(file))
        except EvidenceRefused as error:
            if as_json:
                say_json({"proven": False})
            click.echo(plain(f"foreseal list log: {error}"), err=True)
            context.exit(Exit.REFUSED)
        heads = [open_checkpoint(note, found.key) for note in (found.shorter, found.longer)]
        if as_json:
            say_json({"proven": True, "log": found.key.hex(), "sizes": [head.size for head in heads]})
            return
        say(f"{heads[0].origin} has signed two histories: {heads[0].size:,} and {heads[1].size:,} entries do not fit.")


def _watched(source: str, root: Path, seen: bytes | None = None) -> Watched:
    from foreseal_client.updates.fetching import fetcher_for
    from foreseal_client.updates.watching import key_in, watch

    return watch(source, fetcher_for(source), key_in(_read(root)), seen)


def _read(path: Path) -> bytes:
    from foreseal_matcher.errors import ListUnusable
    from foreseal_matcher.regular import read_at_most

    try:
        return read_at_most(path, _MOST_OF_A_ROOT)
    except ListUnusable as error:
        raise OSError(0, "it is not a regular file", str(path)) from error


def _say_entries(watched: Watched, name: str | None, *, as_json: bool) -> None:
    before: dict[str, LoggedList] = {}
    for index, entry in enumerate(watched.entries, watched.start):
        if name in (None, entry.name):
            _say_entry(index, entry, before.get(entry.name), as_json=as_json)
        before[entry.name] = entry


def _say_entry(index: int, entry: LoggedList, before: LoggedList | None, *, as_json: bool) -> None:
    from foreseal_client.transparency.growth import growth, names_of

    at = datetime.fromtimestamp(entry.logged, UTC)
    change = None if before is None else growth(before, entry)
    shares = [{"category": s.category, "source": s.source, "entries": s.entries} for s in entry.shares]
    if as_json:
        fields = {"index": index, "logged": at.isoformat(), "name": entry.name, "version": entry.version}
        fields |= {"made": entry.made.isoformat(), "purpose": entry.purpose, "digest": entry.digest}
        fields |= {"entries": entry.entries, "shares": shares, "endorsers": dict(entry.endorsers)}
        say_json({**fields, "changes": None if change is None else _fields(change)})
        return
    say(f"{index}", f"{at:%Y-%m-%d %H:%M}", f"{entry.name}, version {entry.version}", f"{entry.entries} entries",
        names_of(entry.endorsers))  # fmt: skip
    for share in entry.shares:
        more = 0 if change is None else change.entries.get((share.category, share.source), 0)
        say("", f"{share.entries}", *([f"{more:+d}"] if more else []), share.category, f"from {share.source}")
    if change is not None:
        for category, source in change.entries:
            if (category, source) not in {(share.category, share.source) for share in entry.shares}:
                say("", "0", f"{change.entries[category, source]:+d}", category, f"from {source}")
        for what, endorsers in (("came", change.came), ("went", change.went)):
            if endorsers:
                say("", what, names_of(endorsers))


def _fields(change: Growth) -> dict[str, object]:
    entries = [{"category": place[0], "source": place[1], "more": more} for place, more in change.entries.items()]
    return {"entries": entries, "endorsers_came": dict(change.came), "endorsers_went": dict(change.went)}


def _say_head(watched: Watched, *, as_json: bool) -> None:
    head = watched.head
    at = datetime.fromtimestamp(head.time, UTC)
    if as_json:
        say_json({"origin": head.origin, "size": head.size, "root": head.root.hex(), "signed": at.isoformat()})
        return
    say(f"{head.origin}: {head.size:,} entries, signed {at:%Y-%m-%d %H:%M} UTC, root {head.root.hex()}")


@contextmanager
def _told(context: click.Context, *, as_json: bool) -> Iterator[None]:
    from foreseal_client.updates.refusals import UpdateRefused

    try:
        yield
    except UpdateRefused as refused:
        if as_json:
            say_json({"refused": refused.reason.name.lower().replace("_", "-")})
        detail = f" ({refused.detail})" if refused.detail else ""
        click.echo(plain(f"foreseal list log: {refused.reason.happened}{detail} {refused.reason.remedy}"), err=True)
        context.exit(Exit.REFUSED)
    except OSError as error:
        click.echo(plain(f"foreseal list log: {error.filename}: {error.strerror or error}"), err=True)
        context.exit(Exit.UNREADABLE)
