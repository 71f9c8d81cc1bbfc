"""`foreseal bench check`: one check of a picture or a film, stage by stage."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from foreseal_client.bench.decode_floor import decode_reduced
from foreseal_client.bench.picture_peers import peers_of
from foreseal_client.bench.random_list import MADE, make_random_list
from foreseal_client.bench.stages import stages_of
from foreseal_client.bench.timing import median, timed
from foreseal_client.cli.on_disk import OnDisk
from foreseal_matcher import ListSet, Undecodable
from foreseal_matcher.fingerprints.fingerprint import Fingerprint, Taken
from foreseal_matcher.fingerprints.known import FINGERPRINTS
from foreseal_matcher.lists.from_files import is_film
from foreseal_matcher.looks import Pictured

__all__ = ["bench_checks"]

_REPEATS: Final = 11
_FILM_REPEATS: Final = 3
STAGES: Final = ("read", "decode", "hash", "lookup", "dihedral", "whole", "quick", "full", "floor")
_TO_FLOOR: Final = ("whole", "quick", "full")


def bench_checks(
    work: Path, files: Sequence[Path], entries: int, seed: int, fingerprints: Sequence[str] = ()
) -> dict[str, object]:
    """Milliseconds of CPU for each stage of checking each file against a random list of `entries` made in the empty
    folder `work`, medians of eleven runs with the file in the page cache; on an idle machine that is what passes.
    `read` covers its SHA-256; `whole` is what a check takes with the plain look, `quick` with the quick looks, which
    are used unless a policy says otherwise, and `full` with the full ones; `floor` is Pillow's reduced decode alone, or
    libav's of every frame; `dihedral` is what all eight positions take instead of `hash`, and what others take instead
    of it stands under the names in `fingerprints`. A film's stages are sums over the frames that are looked at, and
    what passes by the clock, since a process of its own decodes it; medians of three runs. Files that are neither are
    counted and left out. Raises `OSError`, and `NotInstalled` where what computes a fingerprint is absent."""
    lists = ListSet.open([make_random_list(work / "list", entries, seed).folder], MADE)
    measured, left_out = [], 0
    for path in files:
        try:
            measured.append(_measured(path, lists, fingerprints))
        except Undecodable:
            left_out += 1
    return {
        "entries": entries,
        "seed": seed,
        "files": measured,
        "left_out": left_out,
        "mean_ms": {stage: round(_mean([float(str(each[stage])) for each in measured]), 3) for stage in STAGES},
        **{
            f"{stage}_to_floor": round(_mean([float(str(each[f"{stage}_to_floor"])) for each in measured]), 2)
            for stage in _TO_FLOOR
        },
    }


def _measured(path: Path, lists: ListSet, names: Sequence[str]) -> dict[str, object]:
    file = OnDisk.of(path)
    data = file.as_picture()
    looks, staged = stages_of(file, data, lists)
    stages: dict[str, Callable[[], object]] = {**staged, "floor": lambda: _floor(data)}
    others: dict[str, Callable[[], object]] = {name: partial(_all_by, FINGERPRINTS[name], looks) for name in names}
    peers = {} if is_film(data) else peers_of(path)
    rounds: dict[str, list[float]] = {name: [] for name in (*stages, *others, *peers)}
    # Round by round, so that other work on the machine meets all of them alike.
    repeats, clock = (_FILM_REPEATS, time.perf_counter) if is_film(data) else (_REPEATS, time.thread_time)
    for _ in range(repeats):
        for name, call in (*stages.items(), *others.items(), *peers.items()):
            rounds[name] += timed(lambda once: once(), [call], clock=clock)
    ms = {name: median(spent) * 1000 for name, spent in rounds.items()}
    rows, columns = looks[0].full
    return {
        "file": str(path),
        "frames": len(looks),
        "megapixels": round(rows * columns / 1e6, 2),
        **{stage: round(ms[stage], 3) for stage in STAGES},
        **{f"{stage}_to_floor": round(ms[stage] / ms["floor"], 2) for stage in _TO_FLOOR},
        "fingerprints": {name: round(ms[name], 3) for name in others},
        "peers": {name: round(ms[name], 3) for name in peers},
        "peers_to_quick": {name: round(ms[name] / ms["quick"], 1) for name in peers},
    }


def _all_by(fingerprint: Fingerprint, looks: Sequence[Pictured]) -> list[Taken]:
    return [fingerprint.of(look) for look in looks]


def _floor(data: bytes) -> None:
    if not is_film(data):
        decode_reduced(data)
        return
    # Imported here because libav need not be installed to measure pictures.
    from foreseal_client.bench.film_floor import decode_film

    decode_film(data)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
