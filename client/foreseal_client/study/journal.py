"""`samples.csv`: every sample on a line of its own, the samples of a cell written together as soon as they are there.
`reading.csv` is like it and holds what was made of each photograph to tell it from others: fingerprints, a thumbnail.
It stays with who has the photographs, and a report takes nothing from it.

Each line says how many its cell has. After a crash a cell that lacks any of its lines counts as not measured.
"""

from __future__ import annotations

import csv
import gzip
import io
import os
import zlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import astuple, fields
from pathlib import Path
from typing import Final

from foreseal_client.study.cell import Cell, Sample
from foreseal_client.study.errors import StudyError

__all__ = ["MEND_READING", "MEND_SAMPLES", "PACKED", "READING", "SAMPLES", "Journal", "read_in", "samples_in"]

SAMPLES: Final = "samples.csv"
PACKED: Final = f"{SAMPLES}.gz"
"""The same by gzip, as a study is kept."""
READING: Final = "reading.csv"
MEND_READING: Final = "Delete that file: with --resume the photographs are read again, and what was measured stays."
MEND_SAMPLES: Final = (
    "Fetch the file again; or take the lines of that photograph out of it, and --resume measures what is then lacking."
)
"""What to do where they are damaged."""
_HEAD: Final = ("cell", "of", *(field.name for field in fields(Sample)))


class Journal:
    """The samples of a study, and which cells have theirs. `folder` exists; what it holds of whole cells is kept.
    `damaged`: where it is kept as it was found, if it lacked more than a crash takes from its end. Raises `StudyError`
    where the file of this name is another's."""

    def __init__(self, folder: Path, name: str = SAMPLES) -> None:
        self._path = folder / name
        found = _read(self._path)
        self.cells = _whole_cells(found, name)
        self.damaged: Path | None = None
        if not found.startswith(self._whole()) and found:
            # Somebody may read in it what we cannot.
            self.damaged = _set_aside(self._path, found)
        self._write_anew()  # so that what a crash left behind is gone

    def forget(self, cells: Sequence[Cell]) -> None:
        """Lets go of what these brought, because they have to be measured again. Raises `OSError`."""
        known = [cell.key for cell in cells if cell.key in self.cells]
        for key in known:
            del self.cells[key]
        if known:
            self._write_anew()

    def add(self, cell: Cell, samples: Sequence[Sample]) -> None:
        """Keeps what a cell brought. Raises `OSError`."""
        self.cells[cell.key] = tuple(samples)
        with self._path.open("a", encoding="utf-8", newline="") as file:
            file.write(_of_cell(cell.key, samples))
            file.flush()
            os.fsync(file.fileno())

    def of(self, question: str) -> list[Sample]:
        """All samples of a question."""
        return [one for samples in self.cells.values() for one in samples if one.question == question]

    def _whole(self) -> bytes:
        return "".join((_lines([_HEAD]), *(_of_cell(*each) for each in self.cells.items()))).encode()

    def _write_anew(self) -> None:
        partial = self._path.with_suffix(".part")
        with partial.open("wb") as file:
            file.write(self._whole())
            # Before it takes the place of the other, which a loss of power must not leave empty.
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self._path)


def samples_in(folder: Path) -> list[Sample]:
    """The samples of a study, in the order of their cells' keys whatever order they were measured in. Raises
    `StudyError`."""
    plain, packed = folder / SAMPLES, folder / PACKED
    if plain.is_file():
        return _in_order(_whole_cells(_read(plain), SAMPLES))
    if packed.is_file():
        try:
            # Of nothing at all it would make nothing, without a word.
            return _in_order(_whole_cells(gzip.decompress(packed.read_bytes() or b"-"), PACKED))
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise StudyError(f"{PACKED} is damaged; fetch it again, or run the study anew.") from error
    raise StudyError(f"There is no {SAMPLES} in {folder.name or folder}; `foreseal study run` makes one.")


def read_in(folder: Path) -> list[Sample]:
    """What a study made of its photographs to tell them apart, in the same order; nothing where it was not handed on.
    Raises `StudyError`."""
    return _in_order(_whole_cells(_read(folder / READING), READING))


def _in_order(cells: Mapping[str, Sequence[Sample]]) -> list[Sample]:
    return [sample for _, samples in sorted(cells.items()) for sample in samples]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def _set_aside(path: Path, content: bytes) -> Path:
    number = 1
    while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    aside.write_bytes(content)
    return aside


def _whole_cells(content: bytes, name: str) -> dict[str, tuple[Sample, ...]]:
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise StudyError(f"{name} is no text. It was not made by a study; take another folder.") from error
    rows = csv.reader(io.StringIO(text[: text.rfind("\n") + 1], newline=""))
    found: dict[str, list[Sample]] = defaultdict(list)
    wanted: dict[str, str] = {}
    try:
        if text and next(rows, None) != list(_HEAD):
            raise StudyError(
                f"{name} has other columns than a study's. Take another folder, or the version it is from."
            )
        for row in rows:
            if len(row) == len(_HEAD):
                key, of, *rest = row
                found[key].append(Sample(*rest))
                wanted[key] = of
    except csv.Error as error:
        raise StudyError(
            f"{name} is damaged near line {rows.line_num}: {error}. Nothing in it was changed. Without the lines that "
            "are no samples it can be read again, and --resume measures what is then lacking."
        ) from error
    return {key: tuple(samples) for key, samples in found.items() if str(len(samples)) == wanted[key]}


def _of_cell(key: str, samples: Sequence[Sample]) -> str:
    return _lines([(key, str(len(samples)), *astuple(one)) for one in samples])


def _lines(rows: Sequence[Sequence[str]]) -> str:
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(rows)
    return file.getvalue()
