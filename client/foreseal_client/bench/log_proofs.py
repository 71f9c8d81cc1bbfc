"""What it costs a device to hold a list and a log's growth to the log's head."""

from __future__ import annotations

import random
import time
from typing import Final

from foreseal_client.bench.timing import at_share, median
from foreseal_client.transparency.checkpoint import Checkpoint
from foreseal_client.transparency.history import History
from foreseal_client.transparency.merkle import (
    consistency_of,
    inclusion_of,
    leaf_hash,
    node_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from foreseal_client.transparency.reading import Fetch, LogReader
from foreseal_client.transparency.tiles import Tiles, extended

__all__ = ["bench_log_proofs"]

_EMPTY: Final = Tiles(0, dict[str, bytes]().__getitem__)


def bench_log_proofs(entries: int, checks: int, seed: int) -> dict[str, object]:
    """Figures for a log of so many entries, held in memory as its files are. Each check proves and verifies that an
    entry at random is in it, and that it begins with the log of a random earlier size; `newest_*`: for the last entry
    and the log before it, as in an update. Times are CPU without the fetching; bytes are of proofs, and of the tiles
    that are fetched to make them. `floor_ms`: hashing as many nodes as the two proofs have steps, twice."""
    leaves = [leaf_hash(number.to_bytes(8, "big")) for number in range(entries)]
    began = time.process_time()
    files = extended(_EMPTY, leaves)
    build_s = time.process_time() - began
    root = root_of(Tiles(entries, files.__getitem__).hash, entries)
    numbers = random.Random(seed)
    costs = [
        _check(files, leaves, root, numbers.randrange(entries), numbers.randrange(1, entries)) for _ in range(checks)
    ]
    head = Checkpoint("bench", entries, root, 0)
    update, hundred = (
        [_update(files, leaves, head, come) for _ in range(checks)] for come in (1, min(100, entries - 1))
    )
    install = [_install(files, leaves, head, numbers.randrange(entries)) for _ in range(checks)]
    floor = [_floor(2 * steps) for _, steps, _ in costs]
    return {
        "entries": entries,
        "checks": checks,
        "seed": seed,
        "build_s": round(build_s, 2),
        "check_ms_p50": round(1000 * median([cost[0] for cost in costs]), 3),
        "check_ms_p99": round(1000 * at_share([cost[0] for cost in costs], 0.99), 3),
        "floor_ms_p50": round(1000 * median(floor), 3),
        "check_to_floor": round(median([cost[0] for cost in costs]) / median(floor), 1),
        "proof_bytes_most": 32 * max(steps for _, steps, _ in costs),
        "tile_bytes_p50": round(median([tiles for _, _, tiles in costs])),
        "tile_bytes_most": max(tiles for _, _, tiles in costs),
        "update_ms_p50": round(1000 * median([cost[0] for cost in update]), 3),
        "update_tile_bytes": max(tiles for _, tiles in update),
        "update_of_100_ms_p50": round(1000 * median([cost[0] for cost in hundred]), 3),
        "update_of_100_tile_bytes": max(tiles for _, tiles in hundred),
        "install_ms_p50": round(1000 * median([cost[0] for cost in install]), 3),
        "install_tile_bytes_p50": round(median([tiles for _, tiles in install])),
        "install_tile_bytes_most": max(tiles for _, tiles in install),
    }


def _check(files: dict[str, bytes], leaves: list[bytes], root: bytes, index: int, old: int) -> tuple[float, int, int]:
    """Seconds, steps of both proofs, bytes of the tiles that were read for them."""
    fetched: list[int] = []
    fetch, size = _counted(files, fetched), len(leaves)
    began = time.process_time()
    tiles = Tiles(size, lambda name: fetch(name, 0))
    inclusion = inclusion_of(tiles.hash, index, size)
    verify_inclusion(leaves[index], index, size, inclusion, root)
    then, consistency = root_of(tiles.hash, old), consistency_of(tiles.hash, old, size)
    verify_consistency(old, then, size, root, consistency)
    return time.process_time() - began, len(inclusion) + len(consistency), sum(fetched)


def _update(files: dict[str, bytes], leaves: list[bytes], head: Checkpoint, come: int) -> tuple[float, int]:
    """Seconds, and bytes of tiles: the newest entry, and that the log goes on from the one of `come` entries before."""
    known = History.beginning(head.size - come, Tiles(head.size, files.__getitem__).hash)
    fetched: list[int] = []
    began = time.process_time()
    history = LogReader(_counted(files, fetched)).grown(known, head)
    if history.leaves[-1] != leaves[-1]:
        raise ValueError("the newest entry is not the one that was put there")
    return time.process_time() - began, sum(fetched)


def _install(files: dict[str, bytes], leaves: list[bytes], head: Checkpoint, index: int) -> tuple[float, int]:
    """Seconds, and bytes of tiles: an entry, and the history that a new device begins with."""
    fetched: list[int] = []
    began = time.process_time()
    fetch = _counted(files, fetched)
    tiles = Tiles(head.size, lambda name: fetch(name, 0))
    verify_inclusion(leaves[index], index, head.size, inclusion_of(tiles.hash, index, head.size), head.root)
    if History.beginning(head.size, tiles.hash).root(head.size) != head.root:
        raise ValueError("the tiles do not belong to the head")
    return time.process_time() - began, sum(fetched)


def _counted(files: dict[str, bytes], fetched: list[int]) -> Fetch:
    def fetch(name: str, _: int) -> bytes:
        fetched.append(len(files[name]))
        return files[name]

    return fetch


def _floor(hashes: int) -> float:
    began, node = time.process_time(), bytes(32)
    for _ in range(hashes):
        node = node_hash(node, node)
    return time.process_time() - began
