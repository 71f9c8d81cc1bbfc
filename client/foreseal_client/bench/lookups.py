"""`foreseal bench index`: looking fingerprints up in a long list."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from foreseal_client.bench.cold_start import ColdStart, cold_start
from foreseal_client.bench.fresh_process import first_answer
from foreseal_client.bench.random_list import MADE, make_random_list
from foreseal_client.bench.search_peers import peers_of
from foreseal_client.bench.timing import at_share, calls_a_second, median, timed
from foreseal_matcher.fingerprints.pdq import MATCH_AT
from foreseal_matcher.index.scan import Scan
from foreseal_matcher.lists import HashList

__all__ = ["bench_lookups"]

_COMPARED_WITH_BRUTE_FORCE: Final = 60
_WARMING: Final = 500
_OTHER_WORK: Final = 64 * 1024 * 1024
"""Bytes that are copied between lookups, more than the caches of common machines hold."""
_BETWEEN_OTHER_WORK: Final = 25
"""One lookup in so many is timed like that too."""
THREADS: Final = (1, 2, 4)


def bench_lookups(work: Path, entries: int, queries: int, seed: int, starts: int) -> dict[str, object]:
    """Figures for a random list of `entries`, made in the empty folder `work`. Lookups are of strangers, which match
    nothing: nearly every picture is one. `starts`: how often a program is begun anew for what a start costs. `exact`:
    whether the answers to some of them, and to queries near entries at up to 40 bits, are those of comparing every row
    in numpy."""
    made = make_random_list(work / "list", entries, seed)
    first, cold = first_answer(made.folder, starts), cold_start(made.folder, starts)
    opened = HashList.open(made.folder, MADE)
    numbers = random.Random(seed)
    strangers = [numbers.randbytes(32) for _ in range(queries)]
    column = next((made.folder / opened.manifest.folder).glob("pdq.bin")).read_bytes()
    rows = np.frombuffer(column, dtype=np.uint8).reshape(-1, 32)

    def look_up(query: bytes) -> object:
        return opened.nearest(query, MATCH_AT)

    timed(look_up, strangers[:_WARMING])
    spent = timed(look_up, strangers)
    block = bytearray(_OTHER_WORK)
    cool = timed(look_up, strangers[::_BETWEEN_OTHER_WORK], between=lambda: bytes(block))
    costs = [opened.lookup_cost(query, MATCH_AT) for query in strangers[:1000]]
    threads = {str(count): round(calls_a_second(look_up, strangers, count)) for count in THREADS}
    return {
        "entries": entries,
        "queries": queries,
        "seed": seed,
        "p50_us": round(median(spent) * 1e6, 1),
        "p99_us": round(at_share(spent, 0.99) * 1e6, 1),
        "p50_between_other_work_us": round(median(cool) * 1e6, 1),
        "lookups_a_second_by_threads": threads,
        "mean_candidates": round(sum(cost.compared for cost in costs) / len(costs), 1),
        "scanned": sum(cost.scanned for cost in costs),
        "exact": _exact(opened, rows, strangers, numbers),
        "open_ms": round(first.whole, 1),
        "open_interpreter_ms": round(first.bare, 1),
        "open_without_imports_ms": round(first.opening, 1),
        **_cold(cold, 32 * entries),
        "build_s": round(made.install_s, 2),
        "file_mb": round(made.index_bytes / 1e6, 1),
        "list_mb": round(45 * entries / 1e6, 1),
        "anon_mb": round(first.anonymous, 1),
        "peers": peers_of(rows, strangers),
    }


def _cold(cold: ColdStart | None, column_bytes: int) -> dict[str, object]:
    """From a disk whose files are not in memory; nothing where that could not be had."""
    if cold is None:
        return {}
    return {
        "cold_ms": round(cold.first, 3),
        "cold_second_ms": round(cold.second, 3),
        "cold_by_index_ms": round(cold.by_index, 3),
        "cold_floor_ms": round(cold.floor, 3),
        "cold_floor_mb_s": round(column_bytes / 1e6 / cold.floor * 1000) if cold.floor else 0,
        "cold_held_before": round(cold.held, 3),
    }


def _exact(opened: HashList, rows: np.ndarray, strangers: Sequence[bytes], numbers: random.Random) -> bool:
    scan = Scan(rows.data.cast("B"))
    near = []
    for _ in range(_COMPARED_WITH_BRUTE_FORCE // 2):
        value = int.from_bytes(rows[numbers.randrange(len(rows))].tobytes())
        for bit in numbers.sample(range(256), numbers.randint(0, 40)):
            value ^= 1 << bit
        near.append(value.to_bytes(32))
    for query in (*near, *strangers[: _COMPARED_WITH_BRUTE_FORCE - len(near)]):
        found, wanted = opened.nearest(query, MATCH_AT), scan.nearest(query, MATCH_AT)
        # The ids of a random list are its rows.
        if (None if found is None else (found[0].id, found[1])) != wanted:
            return False
    return True
