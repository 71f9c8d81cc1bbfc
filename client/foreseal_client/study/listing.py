"""A large list derived from natural pictures: the parts of each photograph of the tuning half, as entries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from foreseal_client.pictures.harmless import parts_of_all
from foreseal_client.study.cell import Cell, Ground, Sample
from foreseal_matcher.fingerprints.pdq import BITS, MATCH_AT, pdq

__all__ = ["Words", "large_list", "measure", "nearest", "write_large_list"]

Words = NDArray[np.uint64]
"""Fingerprints as rows of words of 64 bits."""
_LIST: Final = "list.npy"
_QUICK_PARTS: Final = 40


def measure(cell: Cell, ground: Ground) -> Iterator[Sample]:
    """The PDQ of each part of a photograph, left in a file for `write_large_list`."""
    if cell.source is None:
        raise ValueError("listing takes a file")
    taken = [pdq(part.luma, part.full) for part in parts_of_all([cell.source.read_bytes()])]
    telling = [each.bits for each in taken if each.telling][: _QUICK_PARTS if ground.quick else None]
    rows = np.frombuffer(b"".join(telling), np.uint64).reshape(-1, BITS // 64)
    partial = ground.work / f"parts-{cell.subject}.part"
    with partial.open("wb") as file:
        np.save(file, rows)
    partial.replace(_parts(ground.work, cell.subject))
    yield Sample("listing", cell.subject, "", "pdq", "", "parts", str(len(taken)))
    yield Sample("listing", cell.subject, "", "pdq", "", "entries", str(len(telling)))


def write_large_list(work: Path, subjects: Sequence[str], size: int) -> int:
    """Makes one list of the parts of these photographs, parts that resemble an earlier one left out, at most `size`
    long, taken in turn from all photographs. How long it is."""
    rows = [np.load(_parts(work, subject)) for subject in subjects]
    # In turn, so that a shorter list is one of as many photographs, and not of the first few.
    longest = max((len(each) for each in rows), default=0)
    turns = [each[at] for at in range(longest) for each in rows if at < len(each)]
    kept = np.empty((min(size, len(turns)), BITS // 64), np.uint64)
    count = 0
    for word in turns:
        if count == len(kept):
            break
        if nearest(word, kept[:count]) > MATCH_AT:
            kept[count] = word
            count += 1
    np.save(work / _LIST, kept[:count])
    return count


def large_list(work: Path) -> Words:
    """The list that was made. Raises `OSError`."""
    found: Words = np.load(work / _LIST)
    return found


def nearest(word: NDArray[np.uint64], listed: Words) -> int:
    """Bits to the nearest row; one more than there are where there is no row."""
    if not len(listed):
        return 64 * len(word) + 1
    return int(np.bitwise_count(listed ^ word).sum(axis=1, dtype=np.uint16).min())


def _parts(work: Path, subject: str) -> Path:
    return work / f"parts-{subject}.npy"
