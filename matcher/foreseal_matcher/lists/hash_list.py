"""One hash list: opened, verified, and looked up in."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from foreseal_matcher.errors import IndexUnusable, ListUnusable
from foreseal_matcher.index import Cost, RadiusIndex
from foreseal_matcher.index.bands import INDEXED_FROM
from foreseal_matcher.index.opening import Index, read_index, search_over
from foreseal_matcher.lists.columns import Rows, read_rows, read_withdrawn
from foreseal_matcher.lists.entries import ListedHash, Purpose
from foreseal_matcher.lists.kinds import KINDS, Matching
from foreseal_matcher.lists.manifest import MANIFEST, MAX_BYTES, Manifest, index_name
from foreseal_matcher.lists.seal import Seal
from foreseal_matcher.lists.withdrawn import Withdrawal, decode_withdrawals
from foreseal_matcher.regular import read_at_most
from foreseal_matcher.verdict import Entry, Reason

__all__ = ["HashList", "check_age"]

_CLOCKS_APART: Final = timedelta(days=2)


class HashList:
    """A list on this device whose structure, lengths and digests were found right: when it was opened, or, for files
    that were not touched since, when it was installed."""

    __slots__ = ("_columns", "_indexes", "_searches", "manifest", "path", "withdrawn_records")

    def __init__(
        self,
        path: Path,
        manifest: Manifest,
        columns: Mapping[str, Rows],
        withdrawn: memoryview,
        indexes: Mapping[str, Index | str],
    ) -> None:
        self.path = path
        self.manifest = manifest
        self._columns = columns
        self.withdrawn_records = withdrawn
        """The records of withdrawn entries as they lie in their file."""
        self._indexes = indexes
        self._searches: dict[str, RadiusIndex] = {}

    @classmethod
    def open(cls, path: Path, today: date, *, thorough: bool = False) -> HashList:
        """The list in the folder `path`. `thorough`: hash every file, also what was verified before. Raises
        `ListUnusable` when the list is absent, cut off, edited or stale."""
        found = cls.of_any_age(path, thorough=thorough)
        check_age(found.manifest, today)
        return found

    @classmethod
    def of_any_age(cls, path: Path, *, thorough: bool = False) -> HashList:
        """The same whatever its date, for making another list from it; nothing is to be checked against it."""
        encoded = _read(path / MANIFEST, Reason.LIST_ABSENT)
        manifest = Manifest.decode(encoded)
        folder = path / manifest.folder
        seal = Seal.none() if thorough else Seal.read(folder, manifest.digest)
        try:
            columns = {kind: read_rows(folder, kind, manifest, seal) for kind in KINDS}
            withdrawn = read_withdrawn(folder, manifest, seal)
        except ListUnusable:
            if _read(path / MANIFEST, Reason.LIST_ABSENT) == encoded:
                raise
            # It was replaced between reading the manifest and reading the columns.
            return cls.of_any_age(path, thorough=thorough)
        indexes = {kind: _index(folder, kind, manifest, seal) for kind in manifest.columns if kind in KINDS}
        return cls(path, manifest, columns, withdrawn, indexes)

    @classmethod
    def not_in_force(cls, columns: Path, manifest: Manifest) -> HashList:
        """The list whose columns lie in this folder, ready to be put in force: for who has a say in whether it is.
        Raises `ListUnusable`."""
        seal = Seal.read(columns, manifest.digest)
        rows = {kind: read_rows(columns, kind, manifest, seal) for kind in KINDS}
        return cls(columns, manifest, rows, read_withdrawn(columns, manifest, seal), {})

    @property
    def index_problem(self) -> str:
        """Why every hash of a kind is compared although an index should be there; empty where nothing is wrong."""
        return next((index for index in self._indexes.values() if isinstance(index, str) and index), "")

    @property
    def index_state(self) -> str:
        """In words, how lookups go."""
        if self.index_problem:
            return f"not used, every entry is compared: {self.index_problem}"
        indexed = any(isinstance(index, Index) for index in self._indexes.values())
        return "in use" if indexed else "not needed, the list is short"

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
        """Hashes of each kind that it has a column of and that this version knows."""
        return {kind: rows.length for kind, rows in self._columns.items() if kind in self.manifest.columns}

    @property
    def entries(self) -> int:
        """Different ids that it has: an entry may have several hashes."""
        return self.manifest.entries

    @property
    def withdrawn(self) -> Iterator[Withdrawal]:
        """The records of entries that were taken off it, in ascending order of ids. They are not searched."""
        return decode_withdrawals(self.withdrawn_records)

    def find_exact(self, digest: bytes, kind: str = "sha256") -> Entry | None:
        """The entry with this digest, which has the width of its kind (one of those that are matched exactly); of
        several the one with the lowest id."""
        rows = self._columns[kind]
        row = bisect_left(range(rows.length), digest, key=rows.value)
        return self.entry(kind, row) if row < rows.length and rows.value(row) == digest else None

    def nearest(self, bits: bytes, limit: int, kind: str = "pdq") -> tuple[Entry, int] | None:
        """The entry nearest to this fingerprint, which has the width of its kind, and its distance, if that is at
        most `limit` bits; of several equally near the one with the lowest id."""
        found = self.search(kind).nearest(bits, limit)
        return None if found is None else (self.entry(kind, found.row), found.distance)

    def lookup_cost(self, bits: bytes, limit: int, kind: str = "pdq") -> Cost:
        """What `nearest` takes for this query: how many hashes are compared, and whether that is all of them."""
        return self.search(kind).cost(bits, limit)

    def hashes(self) -> Iterator[ListedHash]:
        """Every row, for making another list from this one."""
        for kind, rows in self._columns.items():
            for row in range(rows.length):
                yield ListedHash(self.entry(kind, row), rows.value(row), rows.time_ms(row))

    @property
    def film_rows(self) -> Rows:
        """The sampled frames of all films on it, in the order of their hashes; rows of one id are one film."""
        return self._columns["film"]

    def rows(self, kind: str) -> Rows:
        """The column of a kind, without rows where the list has none."""
        return self._columns[kind]

    def search(self, kind: str) -> RadiusIndex:
        """The search over a column of fingerprints, with its index where it is long enough for one and the index can
        be used. Raises `ValueError` for a kind that is matched exactly."""
        known = self._searches.get(kind)
        if known is None:
            if KINDS[kind].matching is Matching.EXACT:
                raise ValueError(f"{kind} is matched exactly")
            rows, index = self._columns[kind], self._indexes.get(kind)
            known = search_over(rows.hashes, rows.ids, index if isinstance(index, Index) else None, rows.width)
            self._searches[kind] = known
        return known

    def entry(self, kind: str, row: int) -> Entry:
        """What a row of a column says of its entry."""
        rows = self._columns[kind]
        category, source, added, disputed = rows.tag(row)
        return Entry(
            rows.id(row), kind, self.manifest.categories[category], self.manifest.sources[source], added, disputed
        )


def check_age(manifest: Manifest, today: date) -> None:
    """Raises `ListUnusable` for a list from the future and for one that is stale."""
    made, valid_days = manifest.date, manifest.valid_days
    if made > today + _CLOCKS_APART:
        raise ListUnusable(Reason.LIST_DAMAGED, f"it is dated {made}, which is in the future")
    if today > made + timedelta(days=valid_days):
        raise ListUnusable(Reason.LIST_STALE, f"of {made}, valid for {valid_days} days")


def _index(folder: Path, kind: str, manifest: Manifest, seal: Seal) -> Index | str:
    """The index of a column, or in words why there is none that can be used; no words where none is needed."""
    path, column = folder / index_name(kind), manifest.columns[kind]
    if not KINDS[kind].indexable or column.count < INDEXED_FROM:
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
