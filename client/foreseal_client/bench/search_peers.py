"""Other programs that search for near fingerprints, in the same run, if they are installed. None is a dependency."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from foreseal_client.bench.timing import at_share, median, timed
from foreseal_matcher.fingerprints.pdq import MATCH_AT
from foreseal_matcher.index.scan import Scan

__all__ = ["peers_of"]

_FEW: Final = 200
"""Queries for peers that take milliseconds each."""


def peers_of(rows: NDArray[np.uint8], queries: Sequence[bytes]) -> dict[str, dict[str, float]]:
    """Name -> p50_us, p99_us, build_s, for numpy comparing every row and, where it is installed, faiss on one thread
    (comparing every row, and by its multi-index hashing with 16 tables of 16 bits and one flip)."""
    scan = Scan(rows.data.cast("B"))
    found = {"numpy, every row": _figures(lambda query: scan.within(query, MATCH_AT), queries[:20], 0.0)}
    try:
        import faiss
    except ImportError:
        return found
    faiss.omp_set_num_threads(1)
    flat, multi_hash = faiss.IndexBinaryFlat(256), faiss.IndexBinaryMultiHash(256, 16, 16)
    multi_hash.nflip = 1
    for index in (flat, multi_hash):
        began = time.perf_counter()
        index.add(rows)
        spent = time.perf_counter() - began
        # Its search for a range takes what is nearer than the radius.
        search = partial(_ranged, index.range_search)
        found[f"faiss {type(index).__name__}"] = _figures(search, queries[:_FEW], spent)
    return found


def _ranged(search: Callable[[NDArray[np.uint8], int], object], query: bytes) -> object:
    return search(np.frombuffer(query, dtype=np.uint8).reshape(1, -1), MATCH_AT + 1)


def _figures(call: Callable[[bytes], object], queries: Sequence[bytes], build_s: float) -> dict[str, float]:
    timed(call, queries[:5])
    spent = timed(call, queries)
    return {
        "p50_us": round(median(spent) * 1e6, 1),
        "p99_us": round(at_share(spent, 0.99) * 1e6, 1),
        "build_s": round(build_s, 2),
    }
