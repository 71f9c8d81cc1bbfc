"""Lists that others made, from files: each format is read as it comes, one record after another.

Files only: nothing here asks anybody for anything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Final

from foreseal_matcher.errors import ListNotWritten
from foreseal_matcher.lists.entries import ListedHash
from foreseal_matcher.lists.importing.ncmec import ncmec_records
from foreseal_matcher.lists.importing.opening import open_source
from foreseal_matcher.lists.importing.records import Malformed, Record, rows_of
from foreseal_matcher.lists.importing.tables import (
    csv_records,
    hex_records,
    is_own_csv,
    is_threatexchange,
    threatexchange_records,
)
from foreseal_matcher.lists.importing.vics import vics_records

__all__ = ["FORMATS", "read_file", "recognised"]

FORMATS: Final[dict[str, Callable[[IO[str], Counter[str], str | None], Iterator[Record]]]] = {
    "hex": hex_records,
    "csv": csv_records,
    "vics": vics_records,
    "ncmec": ncmec_records,
    "threatexchange": threatexchange_records,
}
"""By name, how the records of a file are read."""
_HEAD: Final = 64 * 1024


def recognised(path: Path) -> str:
    """The format of a file, by how it begins. Raises `SourceUnreadable`."""
    with open_source(path) as file:
        head = file.read(_HEAD).lstrip()
    if head.startswith("<"):
        return "ncmec"
    if head.startswith("{"):
        return "vics"
    heading = head.partition("\n")[0]
    if is_threatexchange(heading):
        return "threatexchange"
    return "csv" if is_own_csv(heading) else "hex"


def read_file(
    path: Path, skipped: Counter[str], *, category: str, source: str, format: str | None = None, kind: str | None = None
) -> Iterator[ListedHash]:
    """The rows that a file lists. `format`: one of `FORMATS`, None to recognise it. `category`, `source`: of records
    that do not say. `kind`: of lines of hex digits. What is passed over is counted in `skipped`, by what it is.

    Raises `SourceUnreadable`, and `ListNotWritten` naming the file and the line or record that is malformed."""
    records = FORMATS[format or recognised(path)]
    with open_source(path) as file:
        try:
            yield from rows_of(records(file, skipped, kind), category=category, source=source)
        except Malformed as problem:
            raise ListNotWritten(f"{path.name}, {problem}") from problem
