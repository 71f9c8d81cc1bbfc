"""What a device keeps of a log's tree: enough to tell the root that it had at any size since it was first seen.

That is the few whole subtrees of which the tree then consisted, and the hash of each entry that came since: 32 bytes
each. With it two people can compare heads of different age without asking anybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from foreseal_client.transparency.merkle import EMPTY, Read, node_hash, root_of

__all__ = ["MAX_LEAVES", "History"]

MAX_LEAVES: Final = 10_000
"""Entries whose hashes are kept; when more have come, the history begins anew at the newest head."""


@dataclass(frozen=True, slots=True)
class History:
    """`since`: the size at which it begins; `subtrees`: hashes of the whole subtrees that the tree of that size is
    made of, the largest first; `leaves`: of the entries since then. All hashes have 32 bytes."""

    since: int
    subtrees: tuple[bytes, ...]
    leaves: tuple[bytes, ...] = ()

    @classmethod
    def beginning(cls, size: int, read: Read) -> History:
        """One that begins with a tree of this size, read through `read`."""
        return cls(size, tuple(read(level, index) for level, index in _whole_subtrees(size)))

    @property
    def size(self) -> int:
        """How far it goes."""
        return self.since + len(self.leaves)

    def goes_on(self, size: int) -> bool:
        """Whether it can be lengthened to a tree of this size, or is to begin anew there."""
        return self.size <= size <= self.since + MAX_LEAVES

    def with_more(self, leaves: Sequence[bytes]) -> History:
        """The same with these entries at the end."""
        return History(self.since, self.subtrees, (*self.leaves, *leaves))

    def root(self, size: int) -> bytes | None:
        """The root of the tree when it had this size; None where that was before it began, or is yet to come."""
        if size == 0:
            return EMPTY
        if not self.since <= size <= self.size:
            return None
        return root_of(self.read, size)

    def read(self, level: int, index: int) -> bytes:
        """The hash of a whole subtree that ends after `since`, or is one that the tree of that size was made of. Raises
        `ValueError` for others."""
        first = index << level
        if first + (1 << level) <= self.since:
            return self.subtrees[_whole_subtrees(self.since).index((level, index))]
        if level == 0:
            return self.leaves[first - self.since]
        return node_hash(self.read(level - 1, 2 * index), self.read(level - 1, 2 * index + 1))


def _whole_subtrees(size: int) -> list[tuple[int, int]]:
    """Level and index of each, the largest first: one for every 1 in the size's binary form."""
    found, start = [], 0
    for level in range(size.bit_length() - 1, -1, -1):
        if size >> level & 1:
            found.append((level, start >> level))
            start += 1 << level
    return found
