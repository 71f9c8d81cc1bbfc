"""Entries of a list that are alike: the same hashes, and the same said of them but for the day they were added."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from foreseal_matcher.lists.hash_list import HashList

__all__ = ["Same", "alike"]


class Same(NamedTuple):
    """What an entry becomes: an id, and the earliest day added that is known of all that are alike."""

    id: int
    added: date | None


class _Summed(NamedTuple):
    """For each id, in ascending order: a sum over its hashes, and its first row's kind and number."""

    ids: NDArray[np.uint64]
    sums: NDArray[np.uint64]
    where: list[tuple[str, int]]


def alike(one: HashList) -> dict[int, Same]:
    """What each entry becomes that has others like it. Hashes are compared by sums of digests, 128 bits for an
    entry. It takes about 200 bytes of memory a row."""
    ids, sums, where = _summed(one)
    groups: dict[tuple[object, ...], list[int]] = {}
    order = np.lexsort((ids, sums[:, 0], sums[:, 1]))
    same = (sums[order[1:]] == sums[order[:-1]]).all(axis=1)
    suspects = sorted(set(order[1:][same].tolist()) | set(order[:-1][same].tolist()))
    for at in suspects:
        entry = one.entry(*where[at])
        key = (sums[at].tobytes(), entry.category, entry.source, entry.disputed)
        groups.setdefault(key, []).append(at)
    merged: dict[int, Same] = {}
    for members in groups.values():
        if len(members) > 1:
            entries = [one.entry(*where[at]) for at in members]
            days = [entry.added for entry in entries if entry.added is not None]
            same_for_all = Same(min(entry.id for entry in entries), min(days, default=None))
            merged |= {entry.id: same_for_all for entry in entries}
    return merged


def _summed(one: HashList) -> _Summed:
    ids: list[int] = []
    where: list[tuple[str, int]] = []
    digests = bytearray()
    for kind in one.counts:
        rows = one.rows(kind)
        for row in range(rows.length):
            told = kind.encode() + rows.time_ms(row).to_bytes(4) + rows.value(row)
            digests += hashlib.blake2b(told, digest_size=16).digest()
            ids.append(rows.id(row))
            where.append((kind, row))
    numbers = np.array(ids, dtype=np.uint64)
    order = np.argsort(numbers, kind="stable")
    unique, starts = np.unique(numbers[order], return_index=True)
    halves = np.frombuffer(digests, dtype=np.uint64).reshape(-1, 2)[order]
    sums = np.add.reduceat(halves, starts, axis=0) if len(starts) else halves
    return _Summed(unique, sums, [where[order[start]] for start in starts.tolist()])
