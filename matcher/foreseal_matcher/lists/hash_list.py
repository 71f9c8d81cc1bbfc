"""One hash list: opened, verified, and looked up in."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from foreseal_matcher.errors import IndexUnusable, ListUnusable
from foreseal_matcher.index import Cost
from foreseal_matcher.index.bands import INDEXED_FROM
from foreseal_matcher.index.opening import Index, read_index, search_over
from foreseal_matcher.lists.columns import Rows, read_rows
from foreseal_matcher.lists.entries import WIDTHS, ListedHash, Purpose
from foreseal_matcher.lists.manifest import INDEX, MANIFEST, MAX_BYTES, Manifest
from foreseal_matcher.lists.seal import Seal
from foreseal_matcher.regular import read_at_most
from foreseal_matcher.verdict import Entry, Reason

__all__ = ["HashList"]

_CLOCKS_APART: Final = timedelta(days=2)


class HashList:
    """A list on this device whose structure, lengths and digests were found right: when it was opened, or, for files
    that were not touched since, when it was installed."""

    __slots__ = ("_columns", "_near", "index_problem", "manifest", "path")

    def __init__(self, path: Path, manifest: Manifest, columns: Mapping[str, Rows], index: Index | str) -> None:
        self.path = path
        self.manifest = manifest
        self.index_problem = index if isinstance(index, str) else ""
        """Why every entry is compared although an index should be there; empty where nothing is wrong."""
        self._columns = columns
        pdq = columns["pdq"]
        self._near = search_over(pdq.hashes, pdq.ids, None if isinstance(index, str) else index)

    @classmethod
    def open(cls, path: Path, today: date, *, thorough: bool = False) -> HashList:
        """The list in the folder `path`. `thorough`: hash every file, also what was verified before. Raises
        `ListUnusable` when the list is absent, cut off, edited or stale."""
        encoded = _read(path / MANIFEST, Reason.LIST_ABSENT)
        manifest = Manifest.decode(encoded)
        folder = path / manifest.folder
        seal = Seal.none() if thorough else Seal.read(folder, manifest.digest)
        try:
            columns = {kind: read_rows(path, kind, manifest, seal) for kind in WIDTHS}
        except ListUnusable:
            if _read(path / MANIFEST, Reason.LIST_ABSENT) == encoded:
                raise
            # It was replaced between reading the manifest and reading the columns.
            return cls.open(path, today, thorough=thorough)
        if manifest.date > today + _CLOCKS_APART:
            raise ListUnusable(Reason.LIST_DAMAGED, f"it is dated {manifest.date}, which is in the future")
        if today > manifest.date + timedelta(days=manifest.valid_days):
            raise ListUnusable(Reason.LIST_STALE, f"of {manifest.date}, valid for {manifest.valid_days} days")
        return cls(path, manifest, columns, _index(folder / INDEX, manifest, seal))

    @property
    def index_state(self) -> str:
        """In words, how lookups go."""
        if self.index_problem:
            return f"not used, every entry is compared: {self.index_problem}"
        short = self._columns["pdq"].length < INDEXED_FROM
        return "not needed, the list is short" if short else "in use"

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
        """Entries of each kind that it has a column of and that is looked up."""
        return {kind: rows.length for kind, rows in self._columns.items() if kind in self.manifest.columns}

    def find_exact(self, digest: bytes, kind: str = "sha256") -> Entry | None:
        """The entry of this kind ("sha256" or "link") with this digest (32 bytes); of several the one with the lowest
        id."""
        rows = self._columns[kind]
        row = bisect_left(range(rows.length), digest, key=rows.value)
        return self._entry(kind, row) if row < rows.length and rows.value(row) == digest else None

    def nearest(self, pdq: bytes, limit: int) -> tuple[Entry, int] | None:
        """The entry nearest to this PDQ (32 bytes) and its distance, if that is at most `limit` bits; of several
        equally near the one with the lowest id."""
        found = self._near.nearest(pdq, limit)
        return None if found is None else (self._entry("pdq", found.row), found.distance)

    def lookup_cost(self, pdq: bytes, limit: int) -> Cost:
        """What `nearest` takes for this query: how many entries are compared, and whether that is all of them."""
        return self._near.cost(pdq, limit)

    def hashes(self) -> Iterator[ListedHash]:
        """Every line, for making another list from this one."""
        for kind, rows in self._columns.items():
            for row in range(rows.length):
                yield ListedHash(self._entry(kind, row), rows.value(row))

    def _entry(self, kind: str, row: int) -> Entry:
        rows = self._columns[kind]
        category, source = rows.tags[2 * row : 2 * row + 2]
        return Entry(rows.id(row), kind, self.manifest.categories[category], self.manifest.sources[source])


def _index(path: Path, manifest: Manifest, seal: Seal) -> Index | str:
    """The index of the list, or in words why there is none that can be used."""
    column = manifest.columns.get("pdq")
    if column is None or column.count < INDEXED_FROM:
        return ""
    try:
        return read_index(path, bytes.fromhex(column.digests[0]), column.count, trusted=seal.holds(path))
    except IndexUnusable as problem:
        return str(problem)


def _read(path: Path, absent: Reason) -> bytes:
    try:
        return read_at_most(path, MAX_BYTES)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ListUnusable(absent, f"no {path.name} there") from error
    except OSError as error:
        raise ListUnusable(Reason.LIST_DAMAGED, f"{path.name} cannot be read: {error.strerror}") from error
