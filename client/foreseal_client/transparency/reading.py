"""Reading a log, wherever it lies: heads, entries and proofs, each held to a checkpoint."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from foreseal_client.transparency.checkpoint import MAX_NOTE_BYTES, Checkpoint
from foreseal_client.transparency.entry import MAX_ENTRY_BYTES, EntryRefused, LoggedList
from foreseal_client.transparency.history import History
from foreseal_client.transparency.merkle import (
    Flaw,
    Proof,
    ProofRefused,
    consistency_of,
    inclusion_of,
    leaf_hash,
    node_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from foreseal_client.transparency.tiles import TILE_BYTES, Tiles

__all__ = ["CHECKPOINT", "LOG", "Fetch", "LogReader", "entry_name", "position_name"]

LOG: Final = "log"
"""The folder of a repository that holds its log."""
CHECKPOINT: Final = "checkpoint"
_POSITION: Final = re.compile(rb"(0|[1-9][0-9]{0,12})\n")
_MAX_POSITION_BYTES: Final = 32

Fetch = Callable[[str, int], bytes]
"""A file of the log by its name, with at most so many bytes. What it raises is raised."""


def entry_name(index: int) -> str:
    """Where the entry at this place lies."""
    return f"entries/{index}.json"


def position_name(name: str) -> str:
    """Where it is told at which place the newest entry of the list of this name stands."""
    return f"positions/{name}"


class LogReader:
    """A log read through `fetch`. Nothing it returns is trusted before it was held to a checkpoint, and only
    `signed_note` and `position` return what was not."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._stored: Tiles | None = None

    def signed_note(self) -> bytes:
        """The signed checkpoint, for `open_checkpoint`."""
        return self._fetch(CHECKPOINT, MAX_NOTE_BYTES)

    def position(self, name: str) -> int:
        """Where the newest entry of this list is said to stand. Raises `EntryRefused`."""
        found = _POSITION.fullmatch(self._fetch(position_name(name), _MAX_POSITION_BYTES))
        if found is None:
            raise EntryRefused(f"The log does not tell where {name} stands in it.")
        return int(found[1])

    def entry(self, index: int, head: Checkpoint, known: History | None = None) -> LoggedList:
        """The entry at this place, which the log under `head` has. `known`: a history that was held to `head`; what
        came since it began is proven by it, and no tile is fetched. Raises `EntryRefused`, `ProofRefused` and
        `BrokenTile`."""
        if not 0 <= index < head.size:
            raise ProofRefused(Flaw.BEYOND)
        encoded = self._encoded(index)
        leaf = leaf_hash(encoded)
        if known is not None and known.since <= index < known.size:
            if known.leaves[index - known.since] != leaf:
                raise ProofRefused(Flaw.OTHER_ROOT)
        else:
            proof = inclusion_of(self._tiles(head).hash, index, head.size)
            verify_inclusion(leaf, index, head.size, proof, head.root)
        return LoggedList.decode(encoded)

    def demand_consistent(self, old: Checkpoint, new: Checkpoint) -> None:
        """Holds the log under `new` to what it was under `old`. Raises `ProofRefused` and `BrokenTile`."""
        if new.size < old.size:
            raise ProofRefused(Flaw.SHRUNK)
        if new.size == old.size:  # two roots tell it, and nothing has to be fetched
            verify_consistency(old.size, old.root, new.size, new.root, ())
            return
        then, proof = self.past(old.size, new)
        # First that the files belong to the new head; only then does another past say something about who signed it.
        verify_consistency(old.size, then, new.size, new.root, proof)
        if then != old.root:
            raise ProofRefused(Flaw.OTHER_PAST)

    def past(self, size: int, head: Checkpoint) -> tuple[bytes, Proof]:
        """The root that the log's files have at an earlier size, and what shows that `head` goes on from it. Raises
        `BrokenTile`."""
        tiles = self._tiles(head)
        return root_of(tiles.hash, size), consistency_of(tiles.hash, size, head.size)

    def grown(self, old: History | None, head: Checkpoint) -> History:
        """The history of the log up to `head`; it begins with `head` where there is none yet, or too much has come
        (`goes_on` says whether). One that goes on shows that the log does: its own hashes and those of the new entries
        lead to the new root. Raises `ProofRefused` and `BrokenTile`."""
        tiles = self._tiles(head)
        if old is None or not old.goes_on(head.size):
            found = History.beginning(head.size, tiles.hash)
        else:
            found = old.with_more([tiles.hash(0, index) for index in range(old.size, head.size)])
        if found.root(head.size) != head.root:
            raise ProofRefused(Flaw.OTHER_ROOT)
        return found

    def entries(self, start: int, head: Checkpoint) -> Iterator[LoggedList]:
        """All entries from `start` on, for who follows the log. They are hashed as they come, and the tree that they
        make is held to `head` at the end: take none for logged before the iterator is used up. Raises `EntryRefused`,
        `ProofRefused` and `BrokenTile`."""
        leaves: list[bytes] = []
        for index in range(start, head.size):
            encoded = self._encoded(index)
            leaves.append(leaf_hash(encoded))
            yield LoggedList.decode(encoded)
        stored = self._tiles(head)

        def read(level: int, index: int) -> bytes:
            first = index << level
            if first + (1 << level) <= start:
                return stored.hash(level, index)
            return leaves[first - start] if level == 0 else both(level, index)

        def both(level: int, index: int) -> bytes:
            return node_hash(read(level - 1, 2 * index), read(level - 1, 2 * index + 1))

        if root_of(read, head.size) != head.root:
            raise ProofRefused(Flaw.OTHER_ROOT)

    def _encoded(self, index: int) -> bytes:
        return self._fetch(entry_name(index), MAX_ENTRY_BYTES + 1).removesuffix(b"\n")

    def _tiles(self, head: Checkpoint) -> Tiles:
        """Those of the tree at this size; each is fetched once."""
        if self._stored is None or self._stored.size != head.size:
            self._stored = Tiles(head.size, lambda name: self._fetch(name, TILE_BYTES))
        return self._stored
