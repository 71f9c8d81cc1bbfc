"""What the life of a list costs: built, changed by one entry in a hundred, brought up to date by a delta."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from foreseal_client.bench.random_list import MADE
from foreseal_matcher.lists import HashList, ListedHash, Purpose, apply_delta, build_list, changes, make_delta
from foreseal_matcher.verdict import Entry

__all__ = ["bench_list_life"]


def bench_list_life(work: Path, entries: int, seed: int) -> dict[str, object]:
    """Figures for lists of so many random PDQs, made in the empty folder `work`. Seconds are CPU of this process, and
    `floor_s` what it takes to make the rows as values and do nothing with them. `peak_anon_mb`: the most memory of
    its own that the process had while it built, -1 where the system does not tell. `exact`: whether the delta made the
    list that it leads to."""
    floor_s = _spent(lambda: sum(1 for _ in _rows(entries, seed)))
    with _peak() as peak:
        build_s = _spent(lambda: _build(work / "old", _rows(entries, seed), "1"))
    _build(work / "new", _changed(entries, seed), "2")
    old, new = HashList.of_any_age(work / "old"), HashList.of_any_age(work / "new")
    make_s = _spent(lambda: make_delta(old, new, work / "delta"))
    apply_s = _spent(lambda: apply_delta(work / "old", work / "delta", work / "made", MADE))
    changes_s = _spent(lambda: changes(old, new))
    whole = sum(path.stat().st_size for path in (work / "new").glob("*/pdq.*") if path.suffix != ".index")
    delta = (work / "delta").stat().st_size
    return {
        "entries": entries,
        "seed": seed,
        "floor_s": round(floor_s, 2),
        "build_s": round(build_s, 2),
        "build_to_floor": round(build_s / floor_s, 2),
        "peak_anon_mb": round(peak[0]),
        "list_mb": round(whole / 1e6, 1),
        "delta_mb": round(delta / 1e6, 2),
        "delta_share": round(delta / whole, 4),
        "make_delta_s": round(make_s, 2),
        "apply_s": round(apply_s, 2),
        "apply_to_build": round(apply_s / build_s, 3),
        "changes_s": round(changes_s, 2),
        "exact": HashList.of_any_age(work / "made").digest == new.digest,
    }


def _build(out: Path, rows: Iterator[ListedHash], version: str) -> None:
    build_list(out, rows, name="random", version=version, made=MADE, purpose=Purpose.SYNTHETIC)


def _rows(entries: int, seed: int) -> Iterator[ListedHash]:
    numbers = random.Random(seed)
    for id in range(entries):
        yield ListedHash(Entry(id, "pdq", "speed only", "random numbers", MADE), numbers.randbytes(32))


def _changed(entries: int, seed: int) -> Iterator[ListedHash]:
    """The same with the first hundredth gone, and as many others."""
    hundredth = max(1, entries // 100)
    for row in _rows(entries + hundredth, seed):
        if row.entry.id >= hundredth:
            yield row


def _spent(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


@contextmanager
def _peak() -> Iterator[list[float]]:
    """The most memory of its own in MiB, in a list of one number, while this is open."""
    most, done = [-1.0], threading.Event()

    def watch() -> None:
        while not done.wait(0.02):
            most[0] = max(most[0], _anonymous())

    watching = threading.Thread(target=watch, daemon=True)
    watching.start()
    try:
        yield most
    finally:
        done.set()
        watching.join()


def _anonymous() -> float:
    try:
        told = Path("/proc/self/status").read_text(encoding="ascii")
        return int(told.split("RssAnon:")[1].split()[0]) / 1024
    except (OSError, IndexError):
        return -1.0
