"""One hash list: opened, verified, and looked up in."""

from __future__ import annotations

import hashlib
import os
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from foreseal_matcher.errors import ListUnusable
from foreseal_matcher.index import RadiusIndex
from foreseal_matcher.index.scan import Scan
from foreseal_matcher.lists.entries import WIDTHS, ListedHash, Purpose
from foreseal_matcher.lists.manifest import MANIFEST, MAX_BYTES, PARTS, Column, Manifest
from foreseal_matcher.lists.regular import open_regular, read_at_most
from foreseal_matcher.verdict import Entry, Reason

__all__ = ["HashList"]

_MAPPED_FROM: Final = 16 * 1024 * 1024
"""Files shorter than this are copied into memory: then nobody can change them after they were verified."""
_CLOCKS_APART: Final = timedelta(days=2)


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """A column: `hashes` rows x width in ascending order, `ids` and `tags` (category, source) beside them."""

    hashes: NDArray[np.uint8]
    ids: NDArray[np.uint64]
    tags: NDArray[np.uint8]


class HashList:
    """A list on this device whose structure, lengths and digests were found right when it was opened."""

    __slots__ = ("_columns", "_near", "manifest", "path")

    def __init__(self, path: Path, manifest: Manifest, columns: Mapping[str, _Rows]) -> None:
        self.path = path
        self.manifest = manifest
        self._columns = columns
        self._near: RadiusIndex = Scan(columns["pdq"].hashes)

    @classmethod
    def open(cls, path: Path, today: date) -> HashList:
        """The list in the folder `path`. Raises `ListUnusable` when it is absent, cut off, edited or stale."""
        encoded = _read(path / MANIFEST, Reason.LIST_ABSENT)
        manifest = Manifest.decode(encoded)
        try:
            columns = {kind: _rows(path, kind, manifest) for kind in WIDTHS}
        except ListUnusable:
            if _read(path / MANIFEST, Reason.LIST_ABSENT) == encoded:
                raise
            # It was replaced between reading the manifest and reading the columns.
            return cls.open(path, today)
        if manifest.date > today + _CLOCKS_APART:
            raise ListUnusable(Reason.LIST_DAMAGED, f"it is dated {manifest.date}, which is in the future")
        if today > manifest.date + timedelta(days=manifest.valid_days):
            raise ListUnusable(Reason.LIST_STALE, f"of {manifest.date}, valid for {manifest.valid_days} days")
        return cls(path, manifest, columns)

    @property
    def name(self) -> str:
        """Its name."""
        return self.manifest.name

    @property
    def version(self) -> str:
        """Its version."""
        return self.manifest.version

    @property
    def date(self) -> date:
        """When it was made."""
        return self.manifest.date

    @property
    def purpose(self) -> Purpose:
        """What it is for."""
        return self.manifest.purpose

    @property
    def digest(self) -> str:
        """SHA-256 over the manifest and through it over every entry, 64 hex digits."""
        return self.manifest.digest

    @property
    def counts(self) -> Mapping[str, int]:
        """Entries of each kind that is looked up."""
        return {kind: len(rows.ids) for kind, rows in self._columns.items()}

    def find_exact(self, sha256: bytes) -> Entry | None:
        """The entry with this SHA-256 (32 bytes); of several the one with the lowest id."""
        hashes = self._columns["sha256"].hashes
        row = bisect_left(range(len(hashes)), sha256, key=lambda at: hashes[at].tobytes())
        if row < len(hashes) and hashes[row].tobytes() == sha256:
            return self._entry("sha256", row)
        return None

    def nearest(self, pdq: bytes, limit: int) -> tuple[Entry, int] | None:
        """The entry nearest to this PDQ (32 bytes) and its distance, if that is at most `limit` bits; of several
        equally near the one with the lowest id."""
        found = self._near.within(pdq, limit)
        if not found:
            return None
        ids = self._columns["pdq"].ids
        best = min(found, key=lambda at: (at.distance, int(ids[at.row])))
        return self._entry("pdq", best.row), best.distance

    def hashes(self) -> Iterator[ListedHash]:
        """Every line, for making another list from this one."""
        for kind, rows in self._columns.items():
            for row in range(len(rows.ids)):
                yield ListedHash(self._entry(kind, row), rows.hashes[row].tobytes())

    def _entry(self, kind: str, row: int) -> Entry:
        rows = self._columns[kind]
        category, source = (int(tag) for tag in rows.tags[row])
        return Entry(int(rows.ids[row]), kind, self.manifest.categories[category], self.manifest.sources[source])


def _rows(path: Path, kind: str, manifest: Manifest) -> _Rows:
    """A verified column; one without rows where the list has none of this kind. Raises `ListUnusable`."""
    width = WIDTHS[kind]
    column = manifest.columns.get(kind)
    if column is None:
        return _Rows(np.empty((0, width), np.uint8), np.empty(0, np.uint64), np.empty((0, 2), np.uint8))
    folder = path / manifest.folder
    hashes, ids, tags = (
        _verified(folder / f"{kind}.{part}", column, at, size)
        for at, (part, size) in enumerate(zip(PARTS, (width, 8, 2), strict=True))
    )
    rows = _Rows(hashes.reshape(-1, width), ids.view("<u8"), tags.reshape(-1, 2))
    _check_order(rows.hashes, kind)
    if column.count and not (rows.tags.max(axis=0) < (len(manifest.categories), len(manifest.sources))).all():
        raise ListUnusable(Reason.LIST_DAMAGED, f"{kind}.tags names a category or source that the list has not")
    return rows


def _verified(path: Path, column: Column, part: int, width: int) -> NDArray[np.uint8]:
    wanted = column.count * width
    try:
        with open_regular(path) as file:
            if os.fstat(file.fileno()).st_size != wanted:
                raise ListUnusable(Reason.LIST_DAMAGED, f"{path.name} has not the {wanted} bytes it must have")
            if wanted < _MAPPED_FROM:
                content: NDArray[np.uint8] = np.frombuffer(file.read(wanted), dtype=np.uint8)
            else:
                content = np.memmap(file, dtype=np.uint8, mode="r")
    except OSError as error:
        raise ListUnusable(Reason.LIST_DAMAGED, f"{path.name} cannot be read: {error.strerror}") from error
    if content.size != wanted or hashlib.sha256(content.data).hexdigest() != column.digests[part]:
        raise ListUnusable(Reason.LIST_DAMAGED, f"{path.name} was edited: its digest does not fit")
    return content


def _check_order(hashes: NDArray[np.uint8], kind: str) -> None:
    """An exact lookup halves an ordered column; in one out of order it would miss entries without a word."""
    before, after = hashes[:-1].view(">u8"), hashes[1:].view(">u8")
    undecided = np.ones(len(before), dtype=np.bool_)
    for word in range(before.shape[1] if len(before) else 0):
        if (undecided & (before[:, word] > after[:, word])).any():
            raise ListUnusable(Reason.LIST_DAMAGED, f"{kind}.bin is not in ascending order")
        undecided &= before[:, word] == after[:, word]


def _read(path: Path, absent: Reason) -> bytes:
    try:
        return read_at_most(path, MAX_BYTES)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ListUnusable(absent, f"no {path.name} there") from error
    except OSError as error:
        raise ListUnusable(Reason.LIST_DAMAGED, f"{path.name} cannot be read: {error.strerror}") from error
