"""Merkle trees as RFC 9162 has them: roots, proofs of inclusion and of consistency, and holding somebody to one.

Proofs are made from stored hashes of whole subtrees, named by level and index: `read(level, index)` is the hash over
the 2**level entries from index * 2**level on. Nothing here reads a file or knows what an entry says.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Final

__all__ = [
    "EMPTY", "HASH_BYTES", "Flaw", "Proof", "ProofRefused", "Read", "consistency_of", "inclusion_of", "leaf_hash",
    "node_hash", "root_of", "verify_consistency", "verify_inclusion",
]  # fmt: skip

HASH_BYTES: Final = 32
EMPTY: Final = hashlib.sha256().digest()
"""The root of a tree without entries."""

Proof = tuple[bytes, ...]
"""Hashes, 32 bytes each, in the order of RFC 9162."""
Read = Callable[[int, int], bytes]
"""The hash of a whole subtree, by level and index."""


class Flaw(Enum):
    """What is wrong with a proof."""

    BEYOND = "it speaks of an entry that a tree of this size has not"
    SHRUNK = "the tree is smaller than it was"
    SHORT = "it has too few hashes"
    LONG = "it has too many hashes"
    OTHER_ROOT = "it does not lead to the root"
    OTHER_PAST = "it leads to the root, from another past than the one that was seen"


class ProofRefused(Exception):
    """A proof does not show what it should; `flaw` says why. What it was for is not to be trusted on its account."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(f"The proof is refused: {flaw.value}.")
        self.flaw = flaw


def leaf_hash(entry: bytes) -> bytes:
    """The hash of an entry (RFC 9162, 2.1.1)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash over two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(read: Read, size: int) -> bytes:
    """The root of the tree of the first `size` entries."""
    return _subtree(read, 0, size) if size else EMPTY


def inclusion_of(read: Read, index: int, size: int) -> Proof:
    """What shows that an entry stands at `index` in the tree of `size` entries (2.1.3.1). Raises `ValueError` where
    there is no such place."""
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} entries has none at {index}")
    path, start, end = [], 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_subtree(read, middle, end))
            end = middle
        else:
            path.append(_subtree(read, start, middle))
            start = middle
    return tuple(reversed(path))


def consistency_of(read: Read, old: int, new: int) -> Proof:
    """What shows that the tree of `new` entries begins with the one of `old` (2.1.4.1); empty where there is nothing to
    show. Raises `ValueError` for a tree that shrinks."""
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} entries cannot begin with {old}")
    if old in (0, new):
        return ()
    path, start, end, whole = [], 0, new, True
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(_subtree(read, middle, end))
            end = middle
        else:
            path.append(_subtree(read, start, middle))
            start, whole = middle, False
    if not whole:
        path.append(_subtree(read, start, end))
    return tuple(reversed(path))


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Holds a proof to a root (2.1.3.2). `leaf`: the entry's `leaf_hash`. Raises `ProofRefused`."""
    if not 0 <= index < size:
        raise ProofRefused(Flaw.BEYOND)
    at, last, found = index, size - 1, leaf
    for step in proof:
        if last == 0:
            raise ProofRefused(Flaw.LONG)
        if at & 1 or at == last:
            found = node_hash(step, found)
            at, last = _up_to_a_right_child(at, last)
        else:
            found = node_hash(found, step)
        at, last = at >> 1, last >> 1
    if last:
        raise ProofRefused(Flaw.SHORT)
    if found != root:
        raise ProofRefused(Flaw.OTHER_ROOT)


def verify_consistency(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Holds a proof to two roots (2.1.4.2). Raises `ProofRefused`. With `OTHER_PAST` the proof leads to the
    new root, and from another old one; where `old` is a power of two it begins at the old root, so that other pasts
    are `OTHER_ROOT` as a useless proof is."""
    if new < old or old < 0:
        raise ProofRefused(Flaw.SHRUNK)
    if old in (0, new):
        if proof:
            raise ProofRefused(Flaw.LONG)
        if old_root != (new_root if old else EMPTY):
            raise ProofRefused(Flaw.OTHER_PAST)
        return
    steps = list(proof) if old & (old - 1) else [old_root, *proof]
    if not proof or not steps:
        raise ProofRefused(Flaw.SHORT)
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    past = present = steps[0]
    for step in steps[1:]:
        if last == 0:
            raise ProofRefused(Flaw.LONG)
        if at & 1 or at == last:
            past, present = node_hash(step, past), node_hash(step, present)
            at, last = _up_to_a_right_child(at, last)
        else:
            present = node_hash(present, step)
        at, last = at >> 1, last >> 1
    if last:
        raise ProofRefused(Flaw.SHORT)
    # The present first: only what leads to the new root says anything about the old one.
    if present != new_root:
        raise ProofRefused(Flaw.OTHER_ROOT)
    if past != old_root:
        raise ProofRefused(Flaw.OTHER_PAST)


def _up_to_a_right_child(at: int, last: int) -> tuple[int, int]:
    while not at & 1 and at:
        at, last = at >> 1, last >> 1
    return at, last


def _split(length: int) -> int:
    """The largest power of two below `length`, which is 2 or more."""
    return 1 << (length - 1).bit_length() - 1


def _subtree(read: Read, start: int, end: int) -> bytes:
    """The hash over the entries from `start` to before `end`, where a tree of RFC 9162 has such a subtree."""
    length = end - start
    if not length & (length - 1):
        level = length.bit_length() - 1
        return read(level, start >> level)
    middle = start + _split(length)
    return node_hash(_subtree(read, start, middle), _subtree(read, middle, end))
