"""What a check costs on this machine, stage by stage: each cell in a process of its own, and each measured in several
passes, so that what other work does to one of them is seen.

CPU time is what stands in for energy here: nothing measures a battery. It is time of this process, so that of a film,
which another process decodes, only wall time tells.
"""

from __future__ import annotations

import re
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from foreseal_client.bench.cold_start import cold_start
from foreseal_client.bench.fresh_process import first_answer
from foreseal_client.bench.machine import machine
from foreseal_client.bench.random_list import MADE, make_random_list
from foreseal_client.study.cell import Cell, Ground, Sample
from foreseal_client.study.checked import CHECKED, LINKS, MAIN_PICTURE, WHOLE, Call, stages_for
from foreseal_matcher import ListSet

__all__ = ["DISK_AN_ENTRY", "ITEMS", "PEAK", "QUICK_ITEMS", "START", "list_folder", "make_list", "measure"]

START: Final = "start and first answer"
ITEMS: Final = (*CHECKED, START)
QUICK_ITEMS: Final = (MAIN_PICTURE, LINKS, START)
PEAK: Final = "peak MiB"
DISK_AN_ENTRY: Final = 160
"""Bytes of disk that an entry of a random list takes at the most, its index included."""
_ROUNDS: Final = 15
_QUICK_ROUNDS: Final = 5
_FEWEST: Final = 3
_LONG: Final = 3.0
"""Seconds after which a stage is not repeated for more than the fewest rounds."""


def list_folder(work: Path, entries: int) -> Path:
    """Where the random list of that length lies. It is there whole or not at all."""
    return work / f"random-{entries}"


def make_list(cell: Cell, ground: Ground) -> Iterator[Sample]:
    """The random list of `variant` entries, once for all cells that are measured with it; what installing it took."""
    entries = int(cell.variant)
    folder = list_folder(ground.work, entries)
    partial = folder.with_suffix(".part")
    for left in (folder, partial):
        shutil.rmtree(left, ignore_errors=True)
    partial.mkdir(parents=True)
    made = make_random_list(partial, entries, ground.seed)
    partial.rename(folder)
    yield _sample(cell, "install: digests and index", "wall ms", made.install_s * 1000)
    yield _sample(cell, "index", "MiB", made.index_bytes / 2**20)
    yield _sample(cell, "list and index", "MiB", _bytes_in(folder) / 2**20)
    yield _sample(cell, "process", PEAK, _peak_mib())


def measure(cell: Cell, ground: Ground) -> Iterator[Sample]:
    """Milliseconds for each stage of checking `subject` against random entries: medians of one pass, by the clock and
    of CPU. `variant`: how many entries, and which pass. Peak memory is of the whole process."""
    entries = int(cell.variant.split()[0])
    folder = list_folder(ground.work, entries)
    if cell.subject == START:
        yield from _starting(cell, folder, 2 if ground.quick else 4)
        return
    lists = ListSet.open([folder], MADE)
    with tempfile.TemporaryDirectory(dir=ground.work) as blobs:
        calls = stages_for(cell.subject, lists, Path(blobs))
        whole = next(calls[name] for name in WHOLE if name in calls)
        began = time.perf_counter()
        whole()
        yield _sample(cell, "first whole check", "wall ms", (time.perf_counter() - began) * 1000)
        for name, each in _spent(calls, _QUICK_ROUNDS if ground.quick else _ROUNDS).items():
            walls, cpus = zip(*each, strict=True)
            yield _sample(cell, name, "wall ms", statistics.median(walls) * 1000)
            yield _sample(cell, name, "CPU ms", statistics.median(cpus) * 1000)
    yield _sample(cell, "process", PEAK, _peak_mib())
    yield _sample(cell, "machine", "load", float(machine()["load"]))


def _spent(calls: Mapping[str, Call], rounds: int) -> dict[str, list[tuple[float, float]]]:
    """Seconds by the clock and of CPU, by stage. Round by round, so that other work on the machine meets all alike."""
    spent: dict[str, list[tuple[float, float]]] = {name: [] for name in calls}
    for number in range(rounds):
        for name, call in calls.items():
            if number >= _FEWEST and sum(wall for wall, _ in spent[name]) > _LONG:
                continue
            wall, cpu = time.perf_counter(), time.process_time()
            call()
            spent[name].append((time.perf_counter() - wall, time.process_time() - cpu))
    return spent


def _starting(cell: Cell, folder: Path, starts: int) -> Iterator[Sample]:
    warm = first_answer(folder, starts)
    yield _sample(cell, "interpreter alone", "CPU ms", warm.bare)
    yield _sample(cell, "start to first answer, warm", "CPU ms", warm.whole)
    yield _sample(cell, "opening the list and first answer, warm", "CPU ms", warm.opening)
    yield _sample(cell, "memory of its own after it", "MiB", warm.anonymous)
    cold = cold_start(folder, starts)
    if cold is None:
        reason = "this system lets nobody put a file out of memory"
        yield Sample("cost", cell.subject, cell.variant.split()[0], "", "opening, cold", "wall ms", "nan", reason)
        return
    yield _sample(cell, "opening the list and first answer, cold disk", "wall ms", cold.first)
    yield _sample(cell, "reading its fingerprints alone, cold disk", "wall ms", cold.floor)
    yield _sample(cell, "machine", "load", float(machine()["load"]))


def _bytes_in(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _peak_mib() -> float:
    """Of this process. `ru_maxrss` would begin with what the process had that started this one."""
    try:
        told = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return float("nan")
    found = re.search(r"^VmHWM:\s*(\d+) kB", told, re.MULTILINE)
    return int(found[1]) / 1024 if found else float("nan")


def _sample(cell: Cell, stage: str, measure: str, value: float) -> Sample:
    """The stage stands where looks stand for other questions. All passes are samples of one figure."""
    return Sample("cost", cell.subject, cell.variant.split()[0], "", stage, measure, f"{value:.4g}")
