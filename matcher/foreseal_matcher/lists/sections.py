"""The sections of a delta: made from two lists, and turned back into the columns of the second."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from foreseal_matcher.errors import DeltaRefused, ListUnusable
from foreseal_matcher.lists.columns import Rows, read_rows, read_withdrawn
from foreseal_matcher.lists.columns_out import write_column, write_withdrawn
from foreseal_matcher.lists.comparing import Flags, Translation, differences
from foreseal_matcher.lists.delta_layout import WITHDRAWN_SECTION, Delta, Section
from foreseal_matcher.lists.hash_list import HashList
from foreseal_matcher.lists.kinds import KINDS
from foreseal_matcher.lists.manifest import Manifest
from foreseal_matcher.lists.patching import Patch, patched, woven
from foreseal_matcher.lists.records import Bytes2D, as_rows
from foreseal_matcher.lists.seal import Seal
from foreseal_matcher.lists.withdrawn import RECORD_BYTES

__all__ = ["sections_between", "write_patched"]


def sections_between(old: HashList, new: HashList) -> dict[str, Section]:
    """What a delta says of each column that differs, and of the records of withdrawn entries."""
    sections = {}
    for kind, (removed, added, altered) in differences(old, new).items():
        if kind not in new.manifest.columns:
            continue  # Nothing of this kind is left, and the manifest says so.
        rows = new.rows(kind)
        parts = tuple(file[added] for file in _files(rows, kind))
        sections[kind] = Section(removed, added, altered, parts, as_rows(rows.tags, rows.tag_width)[altered])
    before, after = _records(old), _records(new)
    gone, come = ~_within(before, after), ~_within(after, before)
    if gone.any() or come.any():
        empty = Section.empty(WITHDRAWN_SECTION)
        sections[WITHDRAWN_SECTION] = empty._replace(
            removed=np.flatnonzero(gone), added=np.flatnonzero(come), parts=(after[come],)
        )
    return sections


def write_patched(part: Path, base: HashList, delta: Delta) -> None:
    """Writes the columns that the delta leads to into the folder `part`, reads them back and holds them to its
    manifest. Raises `DeltaRefused`, and `OSError`."""
    target = delta.manifest
    translation = Translation.between(
        (base.manifest.categories, base.manifest.sources), (target.categories, target.sources)
    )
    for kind, column in target.columns.items():
        section = delta.sections.get(kind, Section.empty(kind))
        patch = _fitting(kind, Patch(base.rows(kind).length, section.removed, section.added), column.count)
        _check_altered(kind, section, patch.new_length)
        write_column(part, kind, _blocks(kind, base.rows(kind), patch, section, translation))
    _write_records(part, base, delta)
    _check_result(part, target)


def _blocks(
    kind: str, rows: Rows, patch: Patch, section: Section, translation: Translation
) -> Iterator[Iterator[bytes]]:
    files = dict(zip(KINDS[kind].parts, _files(rows, kind), strict=True))
    for start, staying, places, new in patched(patch):
        old = {
            part: translation.tags(rows, staying) if part == "tags" else file[staying] for part, file in files.items()
        }
        block = {part: woven(old[part], added[new], places) for part, added in zip(files, section.parts, strict=True)}
        length = len(block["tags"])
        first, last = (int(np.searchsorted(section.altered, edge)) for edge in (start, start + length))
        block["tags"][section.altered[first:last] - start] = section.tags[first:last]
        yield (content.tobytes() for content in block.values())


def _write_records(part: Path, base: HashList, delta: Delta) -> None:
    before = _records(base)
    section = delta.sections.get(WITHDRAWN_SECTION, Section.empty(WITHDRAWN_SECTION))
    count = delta.manifest.withdrawn.count
    patch = _fitting("withdrawn entries", Patch(len(before), section.removed, section.added), count)
    blocks = (woven(before[staying], section.parts[0][new], places) for _, staying, places, new in patched(patch))
    write_withdrawn(part, b"".join(block.tobytes() for block in blocks))


def _fitting(what: str, patch: Patch, wanted: int) -> Patch:
    if patch.new_length != wanted or not patch.fits:
        raise DeltaRefused(f"it names rows of {what} that there are not")
    return patch


def _check_altered(kind: str, section: Section, length: int) -> None:
    altered = section.altered
    if len(altered) and (not bool((altered[1:] > altered[:-1]).all()) or int(altered[-1]) >= length):
        raise DeltaRefused(f"it names rows of {kind} that there are not")


def _check_result(part: Path, target: Manifest) -> None:
    try:
        for kind in target.columns:
            read_rows(part, kind, target, Seal.none())
        read_withdrawn(part, target, Seal.none())
    except ListUnusable as error:
        raise DeltaRefused(f"what it makes is not the list that it names: {error.detail}") from error


def _files(rows: Rows, kind: str) -> list[Bytes2D]:
    """The files of a column as rows of bytes, in the order of its parts."""
    files = {
        "bin": as_rows(rows.hashes, rows.width),
        "ids": as_rows(rows.ids, 8),
        "tags": as_rows(rows.tags, rows.tag_width),
        "times": as_rows(rows.times, 4),
    }
    return [files[part] for part in KINDS[kind].parts]


def _records(one: HashList) -> Bytes2D:
    return as_rows(one.withdrawn_records, RECORD_BYTES)


def _within(these: Bytes2D, those: Bytes2D) -> Flags:
    """Which of these records are among those."""
    shape = f"V{RECORD_BYTES}"
    known = set(those.copy().view(shape).ravel().tolist())
    return np.array([record in known for record in these.copy().view(shape).ravel().tolist()], dtype=np.bool_)
