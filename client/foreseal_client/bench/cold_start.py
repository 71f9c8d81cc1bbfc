"""The first answer after a start of the machine: the list lies on the disk, and nothing of it in memory."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from foreseal_client.bench.random_list import MADE
from foreseal_client.bench.timing import median

__all__ = ["ColdStart", "cold_start"]

_PIECE: Final = 1024 * 1024
_FIRST: Final = """
import sys, time
from datetime import date
from pathlib import Path
from foreseal_matcher import ListSet
from foreseal_matcher.index import warming
from foreseal_matcher.index.mapped import contents
mapped = [contents(path) for path in Path(sys.argv[1]).glob("columns-*/pdq.*") if path.stat().st_size]
held = sum(warming.share_in_memory(one) * one.nbytes for one in mapped) / sum(one.nbytes for one in mapped)
del mapped
if sys.argv[3] == "by index":
    warming.in_memory = lambda body: True
began = time.perf_counter()
lists = ListSet.open([Path(sys.argv[1])], date.fromisoformat(sys.argv[2]))
lists.nearest(bytes(range(32)), 31)
done = time.perf_counter()
lists.nearest(bytes(range(1, 33)), 31)
print(done - began, time.perf_counter() - done, held)
"""


@dataclass(frozen=True, slots=True)
class ColdStart:
    """Medians, in ms: `first`, opening the list and answering once; `second`, the answer after it; `by_index`, the
    first one where it goes through the index at once. `floor`: reading the fingerprints from the disk and nothing
    else. `held`: the largest share of the list that was in memory before, 0..1; 0 is what was meant."""

    first: float
    second: float
    by_index: float
    floor: float
    held: float


def cold_start(folder: Path, starts: int) -> ColdStart | None:
    """Measures it `starts` times for the list in `folder`, which nothing may have open; None where the system lets
    nobody put a file out of memory. Python and its modules stay in memory."""
    if not hasattr(os, "posix_fadvise"):
        return None
    files = [path for path in folder.rglob("*") if path.is_file()]
    (column,) = folder.glob("columns-*/pdq.bin")
    told: dict[str, list[list[float]]] = {"as it is": [], "by index": []}
    floor = []
    for _ in range(starts):
        for how, figures in told.items():
            _put_out_of_memory(files)
            figures.append(_first_answer(folder, how))
        _put_out_of_memory(files)
        floor.append(_reading(column))
    first, second, held = zip(*told["as it is"], strict=True)
    by_index = [each[0] for each in told["by index"]]
    ms = [median(values) * 1000 for values in (first, second, by_index, floor)]
    return ColdStart(ms[0], ms[1], ms[2], ms[3], max(*held, *(each[2] for each in told["by index"])))


def _put_out_of_memory(files: list[Path]) -> None:
    for path in files:
        with path.open("rb") as file:
            # What was not written to the disk yet would stay.
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _first_answer(folder: Path, how: str) -> list[float]:
    command = [sys.executable, "-c", _FIRST, str(folder), MADE.isoformat(), how]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    return [float(word) for word in ran.stdout.split()]


def _reading(path: Path) -> float:
    began = time.perf_counter()
    with path.open("rb", buffering=0) as file:
        while file.read(_PIECE):
            pass
    return time.perf_counter() - began
