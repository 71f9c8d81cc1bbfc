"""`foreseal bench check`: one check of a picture or a film, stage by stage."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from foreseal_client.bench.decode_floor import decode_reduced
from foreseal_client.bench.picture_peers import peers_of
from foreseal_client.bench.random_list import MADE, make_random_list
from foreseal_client.bench.timing import median, timed
from foreseal_client.cli.on_disk import OnDisk
from foreseal_matcher import ListSet, Looks, Reason, Undecodable, screen
from foreseal_matcher.decode import first_looks
from foreseal_matcher.film_limits import MAX_FILM_BYTES
from foreseal_matcher.films import frames_of
from foreseal_matcher.fingerprints.digests import read_once
from foreseal_matcher.fingerprints.fingerprint import Fingerprint, Taken
from foreseal_matcher.fingerprints.known import FINGERPRINTS
from foreseal_matcher.fingerprints.pdq import MATCH_AT, dihedral, pdq
from foreseal_matcher.lists.from_files import is_film
from foreseal_matcher.looks import Pictured

__all__ = ["bench_checks"]

_REPEATS: Final = 11
_FILM_REPEATS: Final = 3
STAGES: Final = ("read", "decode", "hash", "lookup", "dihedral", "whole", "quick", "floor")


def bench_checks(
    work: Path, files: Sequence[Path], entries: int, seed: int, fingerprints: Sequence[str] = ()
) -> dict[str, object]:
    """Milliseconds for each stage of checking each file against a random list of `entries` made in the empty folder
    `work`, medians of eleven runs with the file in the page cache. `read` covers its SHA-256; `whole` is what a check
    takes with the plain look, and `quick` with the quick looks, which are used unless a policy says otherwise; `floor`
    is Pillow's reduced decode alone, or libav's of every frame; `dihedral` is what all eight positions take instead of
    `hash`, and what others take instead of it stands under the names in `fingerprints`. A film's stages are sums over
    the frames that are looked at, medians of three runs. Files that are neither are counted and left out. Raises
    `OSError`, and `NotInstalled` where what computes a fingerprint is absent."""
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
        "whole_to_floor": round(_mean([float(str(each["whole_to_floor"])) for each in measured]), 2),
    }


def _measured(path: Path, lists: ListSet, names: Sequence[str]) -> dict[str, object]:
    file = OnDisk.of(path)
    data = file.as_picture()
    decoded = (lambda: list(frames_of(data))) if is_film(data) else (lambda: first_looks(data))
    looks: Sequence[Pictured] = decoded()
    if not looks:
        raise Undecodable(Reason.OTHER_KIND)
    fingerprints = [pdq(look.luma, look.full) for look in looks]
    stages: dict[str, Callable[[], object]] = {
        "read": lambda: read_once(file, MAX_FILM_BYTES),
        "decode": decoded,
        "hash": lambda: [pdq(look.luma, look.full) for look in looks],
        "lookup": lambda: [lists.nearest(each.bits, MATCH_AT) for each in fingerprints],
        "dihedral": lambda: [dihedral(look.luma, look.full) for look in looks],
        "whole": lambda: screen(file, lists, Looks.PLAIN),
        "quick": lambda: screen(file, lists, Looks.QUICK),
        "floor": lambda: _floor(data),
    }
    others: dict[str, Callable[[], object]] = {name: partial(_all_by, FINGERPRINTS[name], looks) for name in names}
    peers = {} if is_film(data) else peers_of(path)
    rounds: dict[str, list[float]] = {name: [] for name in (*stages, *others, *peers)}
    # Round by round, so that other work on the machine meets all of them alike.
    for _ in range(_FILM_REPEATS if is_film(data) else _REPEATS):
        for name, call in (*stages.items(), *others.items(), *peers.items()):
            rounds[name] += timed(lambda once: once(), [call])
    ms = {name: median(spent) * 1000 for name, spent in rounds.items()}
    rows, columns = looks[0].full
    return {
        "file": str(path),
        "frames": len(looks),
        "megapixels": round(rows * columns / 1e6, 2),
        **{stage: round(ms[stage], 3) for stage in STAGES},
        "whole_to_floor": round(ms["whole"] / ms["floor"], 2),
        "fingerprints": {name: round(ms[name], 3) for name in others},
        "peers": {name: round(ms[name], 3) for name in peers},
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
