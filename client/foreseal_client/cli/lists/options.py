"""What the commands of `foreseal list` have in common: options, and how each ends when something is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click

from foreseal_client.cli.answers import Exit, plain, reason_of

__all__ = ["CATEGORY", "FOLDER", "LINKS", "NOTHING_WRITTEN", "OUT", "PATH", "PURPOSES", "VALID_DAYS", "refusals"]

PATH: Final = click.Path(path_type=Path)
OUT = click.option("--out", required=True, type=PATH, metavar="DIR", help="The list's folder; one there is replaced.")
CATEGORY = click.option("--category", default="example", show_default=True, help="What the entries are filed under.")
LINKS = click.option("--links", type=PATH, metavar="FILE", help="A text file of links, one a line; # comments.")
PURPOSES: Final = click.Choice(["synthetic", "research"])
FOLDER = click.argument("folder", type=PATH, metavar="DIR")
VALID_DAYS = click.option(
    "--valid-days", type=click.IntRange(1, 3650), default=365, show_default=True, help="Days until the list is stale."
)
NOTHING_WRITTEN: Final = "; no list was written"


@contextmanager
def refusals(context: click.Context, what: object = None, *, after: str = "") -> Iterator[None]:
    """Ends the command with what was wrong on stderr: exit 11 for a list that cannot be used, 2 for one that cannot be
    written and for a delta that is refused, 3 for a file that cannot be read. `what`: the list or file that is named
    in front. `after`: said behind what could not be written."""
    from foreseal_matcher import ListNotWritten
    from foreseal_matcher.errors import DeltaRefused, ListUnusable, SourceUnreadable

    named = f"{what}: " if what is not None else ""
    try:
        yield
    except ListUnusable as problem:
        told, code = f"{named}{problem}", Exit.NO_LIST
    except DeltaRefused as problem:
        told, code = f"{named}the delta was not applied: {problem}", Exit.USAGE
    except ListNotWritten as problem:
        told, code = f"{problem}{after}", Exit.USAGE
    except SourceUnreadable as problem:
        told, code = f"{problem}{after}", Exit.UNREADABLE
    except OSError as error:
        told, code = f"{named}{reason_of(error)}", Exit.UNREADABLE
    else:
        return
    click.echo(plain(f"foreseal list: {told}"), err=True)
    context.exit(code)
