"""A study from its first cell to its last: read, tell apart, make a list, measure.

What was measured already is not measured again.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np

from foreseal_client.bench.looks import Half
from foreseal_client.shown import counted
from foreseal_client.study.alone import alone_in
from foreseal_client.study.cell import Cell, Ground
from foreseal_client.study.cost import DISK_AN_ENTRY, list_folder
from foreseal_client.study.errors import StudyError, unless_damaged
from foreseal_client.study.executor import Executor
from foreseal_client.study.files import Files, found_in, write_files
from foreseal_client.study.journal import MEND_READING, MEND_SAMPLES, READING, SAMPLES, Journal
from foreseal_client.study.listing import large_list, write_large_list
from foreseal_client.study.measuring import measured
from foreseal_client.study.photographs import COMPARED, Collection, collected
from foreseal_client.study.photographs import told as told_of
from foreseal_client.study.plan import PASSES, Plan
from foreseal_client.study.record import keep, write_record
from foreseal_client.study.strangers import OTHERS, PARTS_OF
from foreseal_client.study.ways import PARTS
from foreseal_matcher.fingerprints.pdq import BITS

__all__ = ["Told", "run_study"]

Told = Callable[[str, int, int], None]
"""Hears of a step, how many of its cells are done, and how many there are."""
_WORK: Final = "work"
_BECAME: Final = Cell("photographs", "all")


def run_study(
    photos: Path,
    out: Path,
    plan: Plan,
    together: Executor,
    apart: Executor,
    told: Told,
    decoders: Mapping[str, str] = MappingProxyType({}),
    *,
    resume: bool = False,
) -> tuple[Files, Sequence[Path]]:
    """Measures everything in `plan` on the files of `photos`, and leaves `run.json`, `files.csv`, `reading.csv` and
    `samples.csv` in `out`. `together` measures photographs, `apart` what must not be disturbed. `decoders`: name ->
    command, of those that `plan` names. Returns the files that it was made of, and where damaged samples were
    set aside.

    Raises `StudyError` for folders that a study cannot be made of or in, and `OSError`.
    """
    files = found_in(photos, out, plan.sample, plan.seed, partial(told, "looking through the folder"))
    out.mkdir(parents=True, exist_ok=True)
    with alone_in(out):
        return files, _run(files, photos, out, plan, together, apart, told, decoders, resume=resume)


def _run(
    files: Files,
    photos: Path,
    out: Path,
    plan: Plan,
    together: Executor,
    apart: Executor,
    told: Told,
    decoders: Mapping[str, str],
    *,
    resume: bool,
) -> Sequence[Path]:
    if not (out / "run.json").exists() and any(out.iterdir()):
        raise StudyError("The folder for the study holds other things. Name one that is empty or does not exist.")
    record = write_record(out, plan, files, datetime.now(UTC).isoformat(timespec="seconds"), resumed=resume)
    journal, reading, sources = Journal(out), Journal(out, READING), files.sources
    ground = Ground(out.resolve() / _WORK, plan.seed, plan.quick, dict(decoders))
    ground.work.mkdir(exist_ok=True)
    step = partial(_measure, journal, ground, told)

    to_read = [Cell("reading", subject, "", path) for subject, path in sources.items()]
    _measure(reading, ground, told, "reading photographs", together, to_read)
    with unless_damaged(READING, MEND_READING):
        photographs = collected(reading.of("reading"), plan.seed)
    if _BECAME.key not in journal.cells:
        journal.add(_BECAME, (*told_of(photographs),))
    write_files(out, files, photos, _left_out(photographs))
    if len(photographs.subjects) < 2 and {"recall", "strangers", "drift"} & set(plan.questions):
        raise StudyError(
            f"Of {counted(len(files.subjects), 'file')} fewer than two are photographs that can be measured and told "
            "apart; files.csv says why. Name a folder with more."
        )
    listing = plan.listing(photographs, sources)
    of_photographs = plan.of_photographs(photographs, sources)
    if listing and any(cell.question == "strangers" and cell.key not in journal.cells for cell in of_photographs):
        # Rows of the list lie in files of their own: they are made again where only those are gone, and only where
        # something is still to be measured with them. A study that has ended keeps its samples and not those files.
        journal.forget([cell for cell in listing if not (ground.work / f"parts-{cell.subject}.npy").exists()])
        step("listing their parts", together, listing)
        entries = write_large_list(ground.work, [cell.subject for cell in listing], plan.entries)
        digest = hashlib.sha256(large_list(ground.work).tobytes()).hexdigest()
        record["list"] = {"entries": entries, "sha256": digest}
        keep(out, record)
        _write_others(ground.work, photographs)
    step("photographs", together, of_photographs)
    cells = plan.apart()
    if any(cell.key not in journal.cells and cell.question in ("cost", "sending") for cell in cells):
        _make_lists(plan, journal, ground, partial(step, "making random lists", apart))
    step("cost, leaks and safeguards", apart, cells)
    done = PASSES
    while unsteady := _again(plan, journal, done):
        _make_lists(plan, journal, ground, partial(step, "making random lists", apart))
        step("what was unsteady, again", apart, unsteady)
        done += 1
    # By their number a report can tell whether it was handed all of them.
    samples = sum(len(each) for each in journal.cells.values())
    keep(out, record | {"ended": datetime.now(UTC).isoformat(timespec="seconds"), "samples": samples})
    shutil.rmtree(ground.work)
    return [each.damaged for each in (journal, reading) if each.damaged is not None]


def _again(plan: Plan, journal: Journal, done: int) -> Sequence[Cell]:
    with unless_damaged(SAMPLES, MEND_SAMPLES):
        return plan.again(journal.of("cost"), done)


def _measure(
    journal: Journal, ground: Ground, told: Told, name: str, executor: Executor, cells: Sequence[Cell]
) -> None:
    if not cells:
        return
    left = [cell for cell in cells if cell.key not in journal.cells]
    done = len(cells) - len(left)
    told(name, done, len(cells))
    measuring = executor.map(partial(measured, ground=ground), left)
    # Closed at ^C, so that no process goes on with cells that nobody waits for.
    with closing(measuring):  # type: ignore[type-var]
        for cell, samples in measuring:
            journal.add(cell, samples)
            done += 1
            told(name, done, len(cells))


def _left_out(photographs: Collection) -> dict[str, str]:
    reasons = dict(photographs.unreadable)
    reasons |= dict.fromkeys(photographs.featureless, "there is too little in it to be compared")
    reasons |= {subject: f"a near-duplicate of {other}" for subject, (other, _) in photographs.merged.items()}
    return reasons


def _write_others(work: Path, photographs: Collection) -> None:
    for half in (Half.TUNING, Half.JUDGING):
        subjects = photographs.halves[half]
        columns = {name: _rows(photographs.bits[subject][name] for subject in subjects) for name in COMPARED}
        parts = [(subject, part) for subject in subjects for part in photographs.parts[subject]]
        columns[PARTS] = _rows(part for _, part in parts)
        columns[PARTS_OF] = np.array([subject for subject, _ in parts])
        np.savez(work / OTHERS.format(half=half.value), allow_pickle=False, subjects=np.array(subjects), **columns)


def _rows(bits: Iterable[bytes]) -> np.ndarray[tuple[int, int], np.dtype[np.uint64]]:
    each = list(bits)
    return np.frombuffer(b"".join(each), np.uint64).reshape(len(each), len(each[0]) // 8 if each else BITS // 64)


def _make_lists(plan: Plan, journal: Journal, ground: Ground, step: Callable[[Sequence[Cell]], None]) -> None:
    """Those that are not there yet: a run that goes on finds those it made before."""
    lacking = [cell for cell in plan.lists() if not list_folder(ground.work, int(cell.variant)).exists()]
    wanted = sum(int(cell.variant) for cell in lacking) * DISK_AN_ENTRY
    if wanted > shutil.disk_usage(ground.work).free:
        raise StudyError(
            f"The random lists take {wanted / 1e9:.1f} GB of disk, and there is less. Make room, or name shorter ones "
            "with --list-size."
        )
    journal.forget(lacking)
    step(lacking)
