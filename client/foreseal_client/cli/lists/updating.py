"""`foreseal list update`: the newest version of a list that its endorsers have signed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from foreseal_client.cli.answers import Exit, plain, say, say_json, today

if TYPE_CHECKING:
    from foreseal_client.updates.updating import Updated

__all__ = ["update"]

_PATH = click.Path(path_type=Path)
_MOST_OF_A_ROOT: Final = 512_000
"""Bytes of a root that is named here: as many as one that is fetched may have."""


@click.command()
@click.option("--from", "source", required=True, metavar="URL|DIR", help="The repository: https://..., or a folder.")
@click.option("--out", required=True, type=_PATH, metavar="DIR", help="The list's folder.")
@click.option("--root", type=_PATH, metavar="FILE", help="The publisher's root.json; needed the first time.")
@click.option("--name", metavar="NAME", help="Which list, where the repository has several.")
@click.option(
    "--accept", multiple=True, metavar="NEWS",
    help="What is new to this device and may come, as the refusal names it, such as category:NAME; repeat it.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_context
def update(
    context: click.Context, source: str, out: Path, root: Path | None, name: str | None, accept: tuple[str, ...],
    as_json: bool,
) -> None:  # fmt: skip
    """Bring a list to the newest version that its endorsers have signed.

    The first time it needs the publisher's root, by a way that you trust: without it nobody could tell the publisher
    from somebody else. The root is kept with the list. A client that is running uses the new list from its next check.

    An update that has a category, a source, an endorser or a log that this device has not had before stops, and asks
    where there is a terminal; nothing of it is fetched before.

    Exit code 0; 12 when the update was refused or could not be fetched, 3 when FILE could not be read. The list
    installed before is then in force.
    """
    from foreseal_client.updates.fetching import fetcher_for
    from foreseal_client.updates.refusals import StoppedAtFence, UpdateRefused
    from foreseal_client.updates.updating import update as bring
    from foreseal_matcher.errors import ListUnusable
    from foreseal_matcher.regular import read_at_most

    try:
        trusted = None if root is None else read_at_most(root, _MOST_OF_A_ROOT)
    except (OSError, ListUnusable) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not a regular file"
        if as_json:
            say_json({"path": str(out), "refused": "no-root"})
        click.echo(plain(f"foreseal list: {root}: {why}; nothing was changed"), err=True)
        context.exit(Exit.UNREADABLE)
    bring_it = partial(bring, source, out=out, today=today(), root=trusted, name=name)
    try:
        done = _asking(lambda accepted: bring_it(fetcher_for(source), accept=accepted), accept, asks=not as_json)
    except UpdateRefused as refused:
        if as_json:
            fields = {"path": str(out), "refused": refused.reason.name.lower().replace("_", "-")}
            say_json(fields | ({"news": refused.news} if isinstance(refused, StoppedAtFence) else {}))
        click.echo(plain(f"foreseal list: {refused}"), err=True)
        context.exit(Exit.REFUSED)
    found = done.list
    if as_json:
        fields = {"path": str(out), "name": found.name, "version": found.version, "digest": found.digest}
        say_json(fields | {"before": done.before, "way": str(done.way), "fetched": done.fetched})
        return
    say(f"{found.name}, version {found.version}: {done.way}, {done.fetched:,} bytes fetched, digest {found.digest}")


def _asking(bring: Callable[[tuple[str, ...]], Updated], accept: tuple[str, ...], *, asks: bool) -> Updated:
    """Brings the update; what stops at the fence is shown, and goes on if the person says yes. Raises
    `UpdateRefused`."""
    from foreseal_client.updates.refusals import StoppedAtFence

    try:
        return bring(accept)
    except StoppedAtFence as stopped:
        if not asks or not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise
        click.echo("The update goes beyond what you have accepted for this list. It is signed, and logged:", err=True)
        for one in stopped.news:
            click.echo(f"  {plain(one)}", err=True)
        if not click.confirm("Accept all of these?", err=True):
            raise
        return _asking(bring, (*accept, *stopped.news), asks=asks)
