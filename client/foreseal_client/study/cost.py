"""What a check costs on this machine, stage by stage, each cell in a process of its own.

CPU time is what stands in for energy here: nothing measures a battery. It is time of this process, so that of a film,
which another process decodes, only wall time tells.
"""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from foreseal_client import pictures
from foreseal_client.bench.cold_start import cold_start
from foreseal_client.bench.fresh_process import first_answer
from foreseal_client.bench.machine import machine
from foreseal_client.bench.random_list import MADE
from foreseal_client.bench.stages import stages_of
from foreseal_client.draft import Draft
from foreseal_client.pictures.families import Format
from foreseal_client.study.cell import Cell, Ground, Sample
from foreseal_client.study.photographs import COMPARED
from foreseal_matcher import Bytes, ListSet, Looks, Mode, OnFailure, Policy, decide, screen
from foreseal_matcher.fingerprints.known import FINGERPRINTS

__all__ = ["ITEMS", "QUICK_ITEMS", "list_folder", "measure"]

_BASE: Final = (640, 480)
_POLICY: Final = Policy(Mode.HOLD, OnFailure.CLOSED)


@dataclass(frozen=True, slots=True)
class _Picture:
    """A painted picture. `scale`: times 640 x 480 pixels a side."""

    scale: float
    to_format: Format

    def file(self) -> bytes:
        painted = pictures.generate("landscape", 1, _BASE, "PNG")
        return pictures.edit(painted, scale=self.scale, quality=90, to_format=self.to_format)


_PICTURES: Final[Mapping[str, _Picture]] = {
    "JPEG, 0.3 megapixels": _Picture(1, "JPEG"),
    "JPEG, 2 megapixels": _Picture(2.5, "JPEG"),
    "JPEG, 5 megapixels": _Picture(4, "JPEG"),
    "PNG, 2 megapixels": _Picture(2.5, "PNG"),
    "WEBP, 2 megapixels": _Picture(2.5, "WEBP"),
}
_TEXT: Final = "text with two links"
_FILM: Final = "film of 6 seconds"
_START: Final = "start and first answer"
ITEMS: Final = (*_PICTURES, _TEXT, _FILM, _START)
"""What is checked. Film and links are made for it, pictures painted."""
QUICK_ITEMS: Final = ("JPEG, 2 megapixels", _TEXT, _START)


def list_folder(work: Path, entries: int) -> Path:
    """Where the random list of that length lies."""
    return work / f"random-{entries}"


def measure(cell: Cell, ground: Ground) -> Iterator[Sample]:
    """Milliseconds for each stage of checking `subject` against `variant` random entries: medians, by the clock and of
    CPU, and how much they scatter (standard deviation / mean of the times by the clock). Peak memory is of the whole
    process."""
    entries = int(cell.variant)
    folder = list_folder(ground.work, entries)
    if cell.subject == _START:
        yield from _starting(cell, folder, 2 if ground.quick else 5)
        return
    lists = ListSet.open([folder], MADE)
    calls = _calls(cell.subject, lists)
    whole = calls.get("quick looks, whole") or calls["whole"]
    began = time.perf_counter()
    whole()
    yield _sample(cell, "first whole check", "wall ms", (time.perf_counter() - began) * 1000)
    rounds = 5 if ground.quick else 15
    spent: dict[str, list[tuple[float, float]]] = {name: [] for name in calls}
    # Round by round, so that other work on the machine meets all of them alike.
    for _ in range(rounds):
        for name, call in calls.items():
            wall, cpu = time.perf_counter(), time.process_time()
            call()
            spent[name].append((time.perf_counter() - wall, time.process_time() - cpu))
    for name, each in spent.items():
        walls, cpus = zip(*each, strict=True)
        yield _sample(cell, name, "wall ms", statistics.median(walls) * 1000)
        yield _sample(cell, name, "CPU ms", statistics.median(cpus) * 1000)
        yield _sample(cell, name, "scatter", statistics.stdev(walls) / statistics.mean(walls))
    yield _sample(cell, "process", "peak MiB", _peak_mib())
    yield _sample(cell, "list", "MiB", sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 2**20)
    yield _sample(cell, "machine", "load", float(machine()["load"]))


def _calls(subject: str, lists: ListSet) -> dict[str, Callable[[], object]]:
    if subject == _TEXT:
        draft = Draft("Where it leaves: https://trains.example/today and https://maps.example/way?to=home")
        screened = screen(draft, lists)
        return {"whole": lambda: screen(draft, lists), "decide": lambda: decide(screened, _POLICY)}
    data = _film() if subject == _FILM else _PICTURES[subject].file()
    item = Bytes(data)
    looks, stages = stages_of(item, data, lists)
    named = {
        "read and digest": "read", "decode": "decode", "fingerprint pdq": "hash", "lookup": "lookup",
        "plain look, whole": "whole", "quick looks, whole": "quick", "full looks, whole": "full",
    }  # fmt: skip
    calls: dict[str, Callable[[], object]] = {name: stages[stage] for name, stage in named.items()}
    if subject != _FILM:
        for name in COMPARED[1:]:
            calls[f"fingerprint {name}"] = partial(FINGERPRINTS[name].of, looks[0])
    screened_item = screen(item, lists, Looks.QUICK)
    return {**calls, "decide": lambda: decide(screened_item, _POLICY)}


def _film() -> bytes:
    # Imported here because libav need not be installed to measure pictures.
    from foreseal_client.pictures.films import encoded_film, painted_film

    film = painted_film(1, 2)
    return encoded_film(film.frames, film.rate)


def _starting(cell: Cell, folder: Path, starts: int) -> Iterator[Sample]:
    warm = first_answer(folder, starts)
    yield _sample(cell, "interpreter alone", "CPU ms", warm.bare)
    yield _sample(cell, "start to first answer, warm", "CPU ms", warm.whole)
    yield _sample(cell, "opening the list and first answer, warm", "CPU ms", warm.opening)
    cold = cold_start(folder, starts)
    if cold is None:
        reason = "this system lets nobody put a file out of memory"
        yield Sample("cost", cell.subject, cell.variant, "", "opening, cold", "wall ms", "nan", reason)
        return
    yield _sample(cell, "opening the list and first answer, cold disk", "wall ms", cold.first)
    yield _sample(cell, "reading its fingerprints alone, cold disk", "wall ms", cold.floor)


def _peak_mib() -> float:
    """Of this process. `ru_maxrss` would begin with what the process had that started this one."""
    try:
        told = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return float("nan")
    found = re.search(r"^VmHWM:\s*(\d+) kB", told, re.MULTILINE)
    return int(found[1]) / 1024 if found else float("nan")


def _sample(cell: Cell, stage: str, measure: str, value: float) -> Sample:
    """The stage stands where looks stand for other questions."""
    return Sample("cost", cell.subject, cell.variant, "", stage, measure, f"{value:.4g}")
