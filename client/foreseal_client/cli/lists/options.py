"""What the commands of `foreseal list` have in common: options, and how each ends when something is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click

from foreseal_client.cli.answers import Exit, plain

__all__ = ["CATEGORY", "FOLDER", "LINKS", "OUT", "PATH", "PURPOSES", "refusals"]

PATH: Final = click.Path(path_type=Path)
OUT = click.option("--out", required=True, type=PATH, metavar="DIR", help="The list's folder; one there is replaced.")
CATEGORY = click.option("--category", default="example", show_default=True, help="What the entries are filed under.")
LINKS = click.option("--links", type=PATH, metavar="FILE", help="A text file of links, one a line; # comments.")
PURPOSES: Final = click.Choice(["synthetic", "research"])
FOLDER = click.argument("folder", type=PATH, metavar="DIR")


@contextmanager
def refusals(context: click.Context, what: object = None, *, after: str = "") -> Iterator[None]:
    """Ends the command with what was wrong on stderr: exit 11 for a list that cannot be used, 2 for one that cannot be
    written. `what`: the list that is named in front of the first. `after`: said behind the second."""
    from foreseal_matcher import ListNotWritten
    from foreseal_matcher.errors import ListUnusable

    try:
        yield
    except ListUnusable as problem:
        named = f"{what}: " if what is not None else ""
        click.echo(plain(f"foreseal list: {named}{problem}"), err=True)
        context.exit(Exit.NO_LIST)
    except ListNotWritten as problem:
        click.echo(plain(f"foreseal list: {problem}{after}"), err=True)
        context.exit(Exit.USAGE)
