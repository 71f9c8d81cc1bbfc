"""How `make`, `import` and `build` write what they were given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from foreseal_client.cli.answers import say, today
from foreseal_client.cli.lists.progress import shown

if TYPE_CHECKING:
    from foreseal_matcher.lists import ListedHash, Withdrawal

__all__ = ["linked", "write"]


def linked(file: Path | None, first: int, category: str, source: str) -> Iterator[ListedHash]:
    """What a file of links lists; nothing where there is none. Raises `SourceUnreadable` and `ListNotWritten`."""
    from foreseal_matcher.lists import from_links
    from foreseal_matcher.lists.importing.opening import open_source

    if file is not None:
        with open_source(file) as lines:
            yield from from_links(lines, file.name, first, category=category, source=source)


def write(
    out: Path,
    hashes: Iterable[ListedHash],
    name: str,
    purpose: str,
    valid_days: int = 365,
    *,
    version: str | None = None,
    withdrawn: Iterable[Withdrawal] = (),
    resume: str | None = None,
) -> None:
    """Writes the list and says so. Raises `OSError` and `ListNotWritten`, also where there is nothing to list: an empty
    file would otherwise take the place of a good list without a word."""
    from foreseal_matcher.lists import Purpose, build_list

    made = today()
    with shown() as progress:
        written = build_list(
            out,
            _something(hashes),
            name=name,
            version=version or _next(out, made),
            made=made,
            purpose=Purpose(purpose),
            valid_days=valid_days,
            withdrawn=withdrawn,
            progress=progress,
            resume=resume,
        )
    say(f"{name}: {written.entries} entries in {out}")


def _something(hashes: Iterable[ListedHash]) -> Iterator[ListedHash]:
    from foreseal_matcher import ListNotWritten

    rows = iter(hashes)
    first = next(rows, None)
    if first is None:
        raise ListNotWritten("there is nothing to list in what was named")
    yield first
    yield from rows


def _next(out: Path, made: date) -> str:
    """The day, numbered where the list that stands there has that already: no two contents share a version."""
    from foreseal_matcher.errors import ListUnusable
    from foreseal_matcher.lists import HashList
    from foreseal_matcher.lists.revising import next_version

    try:
        return next_version(HashList.of_any_age(out).version, made)
    except ListUnusable:
        return next_version("", made)
