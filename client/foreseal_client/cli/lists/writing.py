"""How `make` and `import` read lines of text and write what they made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from foreseal_client.cli.answers import Exit, plain, reason_of, say, today
from foreseal_client.cli.lists.options import refusals

if TYPE_CHECKING:
    from foreseal_matcher.lists import ListedHash

__all__ = ["linked", "read_lines", "write"]

_NOTHING: str = "; no list was written"


def linked(context: click.Context, file: Path | None, first: int, category: str, source: str) -> list[ListedHash]:
    """What a file of links lists; nothing where there is none."""
    from foreseal_matcher.lists import from_links

    if file is None:
        return []
    return read_lines(
        context, file, lambda lines: from_links(lines, file.name, first, category=category, source=source)
    )


def read_lines(
    context: click.Context, file: Path, parsed: Callable[[Iterable[str]], Iterable[ListedHash]]
) -> list[ListedHash]:
    """What a text file lists. Ends the command where it cannot be read, or a line is malformed."""
    with refusals(context, after=_NOTHING):
        try:
            with file.open(encoding="utf-8", errors="surrogateescape") as lines:
                return list(parsed(lines))
        except OSError as error:
            click.echo(plain(f"foreseal list: {file}: {reason_of(error)}"), err=True)
            context.exit(Exit.UNREADABLE)
    raise AssertionError("a refusal ends the command")


def write(context: click.Context, out: Path, hashes: list[ListedHash], name: str, purpose: str) -> None:
    """Writes the list and says so. Ends the command where it cannot be written."""
    from foreseal_matcher.lists import Purpose, build_list

    made = today()
    with refusals(context, after=_NOTHING):
        written = build_list(out, hashes, name=name, version=f"{made:%Y.%m.%d}", made=made, purpose=Purpose(purpose))
        say(f"{name}: {written.entries} entries in {out}")
