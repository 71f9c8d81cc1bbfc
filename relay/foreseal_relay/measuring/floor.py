"""The floor: how often this disk syncs, when nothing else is asked of it."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

from foreseal_relay.durable import sync_data

__all__ = ["Floor", "at_share", "sync_floor"]

_BLOCK = 4096


@dataclass(frozen=True, slots=True)
class Floor:
    """`per_s`: appends of 4 KiB that were synced one by one in a second; `p50_ms`, `p99_ms`: how long one took."""

    per_s: float
    p50_ms: float
    p99_ms: float


def sync_floor(folder: Path, seconds: float) -> Floor:
    """Appends and syncs a file in `folder` for so many seconds. Data alone, where the system can (`fdatasync`)."""
    block = os.urandom(_BLOCK)
    handle = os.open(folder / "floor", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    spent: list[float] = []
    try:
        ends = time.perf_counter() + seconds
        while (began := time.perf_counter()) < ends:
            os.write(handle, block)
            sync_data(handle)
            spent.append(time.perf_counter() - began)
    finally:
        os.close(handle)
        (folder / "floor").unlink()
    return Floor(len(spent) / sum(spent), at_share(spent, 0.5) * 1000, at_share(spent, 0.99) * 1000)


def at_share(values: list[float], share: float) -> float:
    """The value that this share (0..1) of all do not exceed; nearest rank. Raises `ValueError` for none."""
    if not values:
        raise ValueError("nothing was measured")
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]
