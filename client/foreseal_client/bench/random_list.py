"""A list of made-up fingerprints, as long as a real one. It measures speed only."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from foreseal_matcher.lists import Manifest, Purpose, index_list
from foreseal_matcher.lists.manifest import FORMAT, MANIFEST, Column, content_digest, index_name
from foreseal_matcher.lists.tags import TAG_WIDTHS

__all__ = ["MADE", "RandomList", "make_random_list"]

MADE = date(2026, 1, 1)
"""The date of every such list, so that the same seed gives the same bytes."""


@dataclass(frozen=True, slots=True)
class RandomList:
    """Where it lies, how long its installing took in seconds (hashing, index and all), and the index's bytes."""

    folder: Path
    install_s: float
    index_bytes: int


def make_random_list(folder: Path, entries: int, seed: int) -> RandomList:
    """Writes a list of `entries` uniformly random PDQs into the empty folder `folder` and installs it. The same seed
    gives the same list. It is written column by column: made of `ListedHash` values it would fill the memory."""
    numbers = np.random.Generator(np.random.PCG64(seed))
    hashes = np.sort(np.frombuffer(numbers.bytes(32 * entries), dtype="S32"))
    parts = (hashes.tobytes(), np.arange(entries, dtype="<u8").tobytes(), bytes(TAG_WIDTHS[FORMAT] * entries))
    first, second, third = (hashlib.sha256(part).hexdigest() for part in parts)
    columns = {"pdq": Column(entries, (first, second, third))}
    manifest = Manifest(
        name="random",
        version=str(seed),
        date=MADE,
        valid_days=365,
        purpose=Purpose.SYNTHETIC,
        sources=("random numbers",),
        categories=("speed only",),
        folder=f"columns-{content_digest(columns)}",
        columns=columns,
        entries=entries,
    )
    where = folder / manifest.folder
    where.mkdir(parents=True)
    for suffix, part in zip(("bin", "ids", "tags"), parts, strict=True):
        (where / f"pdq.{suffix}").write_bytes(part)
    (folder / MANIFEST).write_bytes(manifest.encode())
    del hashes, parts
    began = time.perf_counter()
    index_list(folder, MADE)
    spent = time.perf_counter() - began
    index = where / index_name("pdq")
    return RandomList(folder, spent, index.stat().st_size if index.exists() else 0)
