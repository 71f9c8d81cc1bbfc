"""`samples.csv`: every sample on a line of its own, the samples of a cell written together as soon as they are there.

Each line says how many its cell has. After a crash a cell that lacks any of its lines counts as not measured.
"""

from __future__ import annotations

import csv
import io
import os
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import astuple, fields
from pathlib import Path
from typing import Final

from foreseal_client.study.cell import Cell, Sample
from foreseal_client.study.errors import StudyError

__all__ = ["SAMPLES", "Journal", "samples_in"]

SAMPLES: Final = "samples.csv"
_HEAD: Final = ("cell", "of", *(field.name for field in fields(Sample)))


class Journal:
    """The samples of a study, and which cells have theirs. `folder` exists; what it holds of whole cells is kept."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / SAMPLES
        self.cells = _whole_cells(self._path)
        # Written anew, so that what a crash left behind is gone.
        partial = self._path.with_suffix(".part")
        with partial.open("w", encoding="utf-8", newline="") as file:
            file.write(_lines([_HEAD]))
            for key, samples in self.cells.items():
                file.write(_of_cell(key, samples))
        partial.replace(self._path)

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


def samples_in(folder: Path) -> list[Sample]:
    """The samples of a study, in the order of their cells' keys whatever order they were measured in. Raises
    `StudyError`."""
    path = folder / SAMPLES
    if not path.is_file():
        raise StudyError(f"There is no {SAMPLES} in {folder.name or folder}; `foreseal study run` makes one.")
    return [sample for _, samples in sorted(_whole_cells(path).items()) for sample in samples]


def _whole_cells(path: Path) -> dict[str, tuple[Sample, ...]]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError as error:
        raise StudyError(f"{SAMPLES} is no text. It was not made by a study; take another folder.") from error
    rows = csv.reader(io.StringIO(text[: text.rfind("\n") + 1]))
    if text and next(rows, None) != list(_HEAD):
        raise StudyError(f"{SAMPLES} has other columns than a study's. Take another folder, or the version it is from.")
    found: dict[str, list[Sample]] = defaultdict(list)
    wanted: dict[str, str] = {}
    for row in rows:
        if len(row) == len(_HEAD):
            key, of, *rest = row
            found[key].append(Sample(*rest))
            wanted[key] = of
    return {key: tuple(samples) for key, samples in found.items() if str(len(samples)) == wanted[key]}


def _of_cell(key: str, samples: Sequence[Sample]) -> str:
    return _lines([(key, str(len(samples)), *astuple(one)) for one in samples])


def _lines(rows: Sequence[Sequence[str]]) -> str:
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(rows)
    return file.getvalue()
