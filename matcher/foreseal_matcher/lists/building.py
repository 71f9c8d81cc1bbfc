"""Building a list from rows, in bounded memory: sorted in runs, merged, put in place."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from foreseal_matcher.errors import ListNotWritten, ListUnusable
from foreseal_matcher.lists.entries import ListedHash, Purpose
from foreseal_matcher.lists.kinds import KINDS
from foreseal_matcher.lists.manifest import Column, Manifest
from foreseal_matcher.lists.withdrawn import Withdrawal, encode_withdrawals

if TYPE_CHECKING:
    from foreseal_matcher.lists.collecting import Collected

__all__ = ["Progress", "build_list", "silent"]

Progress = Callable[[str, int, int | None], None]
"""Told now and then how far a building is: what it does ("reading", "sorting", "indexing"), how many rows are done,
of how many (None where that is not known)."""

_ALWAYS: Final = frozenset({"pdq", "sha256"})
"""Kinds that have a column even without a row, as they did before there were others."""
_AT_ONCE: Final = 1000
"""Rows between two words of progress."""


def silent(_what: str, _done: int, _of: int | None) -> None:
    """Tells nobody."""


def build_list(
    out: Path,
    hashes: Iterable[ListedHash],
    *,
    name: str,
    version: str,
    made: date,
    purpose: Purpose,
    valid_days: int = 365,
    withdrawn: Iterable[Withdrawal] = (),
    progress: Progress = silent,
    resume: str | None = None,
    run_bytes: int | None = None,
    instead_of: str | None = None,
) -> Manifest:
    """Writes a list into the folder `out`, in place of one that stands there. The same arguments give the same
    bytes, in whatever order the rows come. Only one writer at a time.

    `withdrawn`: records to carry; one of an entry that is listed falls away. `resume`: a text that names the rows.
    When a building that was killed is begun again with the same text, it goes on where it was and reads rows only to
    count them off; give one only where the same rows come in the same order. `run_bytes`: how much is sorted at a
    time (64 MiB); a building takes a few times that, however long the list is, and on the disk the list once more.
    `instead_of`: the digest of the list that the rows were read from and whose place the new one takes; nothing is
    written when another one stands there by then.

    Raises `ListNotWritten` when a field or a row is not as it must be, when `out` holds something else than a list,
    or when it cannot be written; whatever list stood there before still stands then."""
    # Imported here because only writing needs numpy.
    from foreseal_matcher.lists.collecting import RUN_BYTES, Collected
    from foreseal_matcher.lists.writing import RUNS, digest_in, put, room_for_a_list, staged

    base = Manifest(name, version, made, valid_days, purpose, (), (), "columns-" + 16 * "0", {}, 0)
    _checked(base)
    records = _encoded(withdrawn)
    with room_for_a_list(out):
        if instead_of is not None and digest_in(out) != instead_of:
            raise ListNotWritten(f"{out.name} was changed by another program meanwhile; nothing was written, try again")
        collected = Collected(out / RUNS, resume, run_bytes or RUN_BYTES)
        try:
            _collect(collected, hashes, progress)
            with staged(out) as part:
                encoded = _write(part, base, collected, records, progress)
                progress("indexing", 0, None)
                manifest = put(out, part, encoded)
        except Exception:
            collected.drop()
            raise
        collected.drop()
        return manifest


def _encoded(withdrawn: Iterable[Withdrawal]) -> bytes:
    try:
        return encode_withdrawals(withdrawn)
    except ValueError as error:
        raise ListNotWritten(f"a withdrawal: {error}") from error


def _checked(manifest: Manifest) -> Manifest:
    try:
        return Manifest.decode(manifest.encode())
    except ListUnusable as error:
        raise ListNotWritten(error.detail) from error


def _collect(collected: Collected, hashes: Iterable[ListedHash], progress: Progress) -> None:
    if not collected.whole:
        rows = iter(hashes)
        done = sum(1 for _ in islice(rows, collected.rows))
        if done < collected.rows:
            raise ListNotWritten("what the list is built from has become shorter since the building began")
        while some := list(islice(rows, _AT_ONCE)):
            collected.take(some)
            progress("reading", collected.rows, None)
    collected.finish()


def _write(part: Path, base: Manifest, collected: Collected, records: bytes, progress: Progress) -> bytes:
    """The columns and the records into `part`; the manifest that describes them."""
    from foreseal_matcher.lists.columns_out import folder_name, write_column, write_withdrawn
    from foreseal_matcher.lists.merging import blocks, count_entries

    categories, sources = tuple(sorted(collected.categories)), tuple(sorted(collected.sources))
    entries, records = count_entries(collected, records)
    columns: dict[str, Column] = {}
    for kind in KINDS:
        runs = collected.runs(kind)
        if runs or kind in _ALWAYS:
            columns[kind] = write_column(part, kind, blocks(collected, kind, categories, sources))
            progress("sorting", sum(column.count for column in columns.values()), collected.rows)
    kept = write_withdrawn(part, records)
    manifest = replace(
        base, categories=categories, sources=sources, folder=folder_name(columns, kept), columns=columns,
        entries=entries, withdrawn=kept,
    )  # fmt: skip
    return _checked(manifest).encode()
