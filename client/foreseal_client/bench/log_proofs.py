"""What it costs a device to hold a list and a log's growth to the log's head."""

from __future__ import annotations

import random
import time
from typing import Final

from foreseal_client.bench.timing import at_share, median
from foreseal_client.transparency.merkle import (
    consistency_of,
    inclusion_of,
    leaf_hash,
    node_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)
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
    newest = [_check(files, leaves, root, entries - 1, entries - 1) for _ in range(checks)]
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
        "newest_ms_p50": round(1000 * median([cost[0] for cost in newest]), 3),
        "newest_proof_bytes": 32 * newest[0][1],
        "newest_tile_bytes": newest[0][2],
    }


def _check(files: dict[str, bytes], leaves: list[bytes], root: bytes, index: int, old: int) -> tuple[float, int, int]:
    """Seconds, steps of both proofs, bytes of the tiles that were read for them."""
    fetched: list[int] = []

    def read(name: str) -> bytes:
        fetched.append(len(files[name]))
        return files[name]

    size = len(leaves)
    began = time.process_time()
    tiles = Tiles(size, read)
    inclusion = inclusion_of(tiles.hash, index, size)
    verify_inclusion(leaves[index], index, size, inclusion, root)
    then, consistency = root_of(tiles.hash, old), consistency_of(tiles.hash, old, size)
    verify_consistency(old, then, size, root, consistency)
    return time.process_time() - began, len(inclusion) + len(consistency), sum(fetched)


def _floor(hashes: int) -> float:
    began, node = time.process_time(), bytes(32)
    for _ in range(hashes):
        node = node_hash(node, node)
    return time.process_time() - began
