"""New versions of a list that is there: without some entries, or without what is no longer of use."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from foreseal_matcher.errors import ListNotWritten
from foreseal_matcher.lists.building import Progress, build_list, silent
from foreseal_matcher.lists.entries import ListedHash
from foreseal_matcher.lists.hash_list import HashList
from foreseal_matcher.lists.manifest import Manifest
from foreseal_matcher.lists.withdrawn import Withdrawal

__all__ = ["compact", "next_version", "withdraw"]


def withdraw(
    path: Path,
    ids: Collection[int],
    *,
    today: date,
    out: Path | None = None,
    version: str | None = None,
    progress: Progress = silent,
) -> Manifest:
    """The list in the folder `path` without these entries, and with a record of each, dated `today`; written to `out`,
    or in its place. `version`: by default the day, numbered where the list has that already.

    Raises `ListUnusable`, and `ListNotWritten` when one of them is not on it or the new list cannot be written; then
    nothing is withdrawn."""
    one = HashList.of_any_age(path)
    kinds: dict[int, set[str]] = {id: set() for id in ids}
    for kind in one.counts:
        rows = one.rows(kind)
        for row in range(rows.length):
            found = kinds.get(rows.id(row))
            if found is not None:
                found.add(kind)
    unknown = sorted(id for id, found in kinds.items() if not found)
    if unknown:
        raise ListNotWritten(f"{one.name} has no entry {unknown[0]}; nothing was withdrawn")
    gone = [Withdrawal(id, today, frozenset(found)) for id, found in kinds.items()]
    left = (row for row in one.hashes() if row.entry.id not in kinds)
    return _anew(one, left, [*one.withdrawn, *gone], today, out, version, progress)


def compact(
    path: Path,
    *,
    today: date,
    out: Path | None = None,
    version: str | None = None,
    keep_days: int | None = None,
    progress: Progress = silent,
) -> Manifest:
    """The list in the folder `path` without the records of entries withdrawn more than `keep_days` ago (by default
    the list's `valid_days`: a device that has none of the versions since then has no list that is valid), and with
    entries that are alike made one. Entries are alike when they have the same hashes, category, source and dispute;
    the lowest id stays, with the earliest day added that is known. Written to `out`, or in its place.

    Raises `ListUnusable`, and `ListNotWritten` when the new list cannot be written."""
    # Imported here because looking something up needs no numpy.
    from foreseal_matcher.lists.duplicates import alike

    one = HashList.of_any_age(path)
    since = today - timedelta(days=one.manifest.valid_days if keep_days is None else keep_days)
    kept = [record for record in one.withdrawn if record.day >= since]
    merged = alike(one)

    def rows() -> Iterator[ListedHash]:
        for row in one.hashes():
            same = merged.get(row.entry.id)
            yield row if same is None else replace(row, entry=replace(row.entry, id=same.id, added=same.added))

    return _anew(one, rows(), kept, today, out, version, progress)


def next_version(before: str, made: date) -> str:
    """The day as a version, numbered where `before` has that already."""
    day = f"{made:%Y.%m.%d}"
    if before != day and not before.startswith(f"{day}."):
        return day
    number = before.removeprefix(f"{day}.")
    return f"{day}.{int(number) + 1}" if number.isdecimal() else f"{day}.2"


def _anew(
    one: HashList,
    rows: Iterable[ListedHash],
    withdrawn: Iterable[Withdrawal],
    today: date,
    out: Path | None,
    version: str | None,
    progress: Progress,
) -> Manifest:
    return build_list(
        out or one.path,
        rows,
        name=one.name,
        version=version or next_version(one.version, today),
        made=today,
        purpose=one.purpose,
        valid_days=one.manifest.valid_days,
        withdrawn=withdrawn,
        progress=progress,
        instead_of=one.digest if out is None else None,
    )
