"""Sorting more records than fit in memory: sorted runs on the disk, merged block by block."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from foreseal_matcher.lists.records import Bytes2D

__all__ = ["Records", "merged", "read_run", "sorted_run", "write_run"]

Records = NDArray[np.bytes_]
"""Records of one width, as byte strings that compare as bytes do."""


def sorted_run(buffer: bytearray, size: int) -> Records:
    """The records of `size` bytes in `buffer`, in ascending order, none twice. They are sorted where they are, and the
    buffer must not be changed while they are in use."""
    records = np.frombuffer(buffer, dtype=f"S{size}")
    records.sort()
    return _each_once(records)


def write_run(path: Path, records: Records) -> str:
    """Puts a run on the disk; its SHA-256 in hex. Raises `OSError`."""
    content = records.view(np.uint8)
    path.write_bytes(content.data)
    return hashlib.sha256(content.data).hexdigest()


def read_run(path: Path, size: int) -> Records:
    """A run that was written, mapped from the disk. Raises `OSError`."""
    if path.stat().st_size == 0:
        return np.empty(0, dtype=f"S{size}")
    return np.memmap(path, dtype=f"S{size}", mode="r")


def merged(runs: Sequence[Records], size: int, limit: int) -> Iterator[Bytes2D]:
    """All records of all runs in ascending order, none twice, in blocks of rows x `size` bytes. `limit`: bytes of
    records held at a time, over all runs together."""
    at = [0] * len(runs)
    step = max(1, limit // (size * max(1, len(runs))))
    while any(start < len(run) for start, run in zip(at, runs, strict=True)):
        heads = [run[start : start + step] for start, run in zip(at, runs, strict=True)]
        ends = [head[-1] for head, start, run in zip(heads, at, runs, strict=True) if start + len(head) < len(run)]
        if ends:
            # Nothing that is not loaded yet is less than the least of the loaded ends: what is up to it can go.
            heads = [head[: int(np.searchsorted(head, min(ends), side="right"))] for head in heads]
        at = [start + len(head) for start, head in zip(at, heads, strict=True)]
        block = np.concatenate(heads)
        block.sort()
        yield _each_once(block).view(np.uint8).reshape(-1, size)


def _each_once(records: Records) -> Records:
    """Sorted records without those that are equal to the one before; copied only where there are such."""
    first = np.ones(len(records), dtype=np.bool_)
    first[1:] = records[1:] != records[:-1]
    return records if first.all() else records[first]
