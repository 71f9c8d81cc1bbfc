"""A log as a folder of plain files, which any web server or a stick serves, and how more is put at its end.

What is new is written beside what is there, under names of its own, and made durable; then one rename of the signed
checkpoint makes it count. A crash at any moment leaves the log as it was, or longer. Nothing that was signed is ever
written again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from foreseal_client.transparency.checkpoint import Checkpoint, Sign, open_checkpoint, origin_of, sign_checkpoint
from foreseal_client.transparency.entry import LoggedList
from foreseal_client.transparency.merkle import EMPTY, root_of
from foreseal_client.transparency.reading import CHECKPOINT, LogReader, entry_name, position_name
from foreseal_client.transparency.tiles import Tiles, extended
from foreseal_matcher.lists.writing import sync, synced

__all__ = ["LogFolder"]

_PART: Final = "-part"


class LogFolder:
    """The log in this folder, which the holder of one key signs. One writer at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.reader = LogReader(self._fetch)

    def head(self, key: bytes) -> Checkpoint:
        """Where it stands; a log without entries where nothing was logged yet. Raises `CheckpointRefused` when what
        lies there was not signed by this key, and `OSError`."""
        try:
            note = self.reader.signed_note()
        except FileNotFoundError:
            return Checkpoint(origin_of(key), 0, EMPTY, 0)
        return open_checkpoint(note, key)

    def newest(self, name: str, head: Checkpoint) -> LoggedList | None:
        """What was logged last for this list; None where nothing was. Raises what `LogReader` raises."""
        try:
            position = self.reader.position(name)
        except FileNotFoundError:
            return None
        # A crash between an entry and the checkpoint leaves a position that does not count.
        return self.reader.entry(position, head) if position < head.size else None

    def append(self, entries: Sequence[LoggedList], key: bytes, sign: Sign, now: datetime) -> Checkpoint:
        """Puts these at the end and signs what the log then is; without any it signs anew that nothing came. Raises
        `CheckpointRefused`, `BrokenTile` and `OSError`."""
        head = self.head(key)
        leaves = [entry.leaf for entry in entries]
        grown = extended(self._tiles(head.size), leaves)
        for index, entry in enumerate(entries, head.size):
            self._put(entry_name(index), entry.encode() + b"\n")
        for name, content in grown.items():
            self._put(name, content)
        for index, entry in enumerate(entries, head.size):
            self._put(position_name(entry.name), b"%d\n" % index)
        size = head.size + len(entries)
        following = Checkpoint(
            head.origin, size, root_of(self._tiles(size).hash, size), max(head.time, int(now.timestamp()))
        )
        self._put(CHECKPOINT, sign_checkpoint(following, key, sign))
        return following

    def _tiles(self, size: int) -> Tiles:
        return Tiles(size, lambda name: self._fetch(name, -1))

    def _fetch(self, name: str, _most: int) -> bytes:
        return (self.folder / name).read_bytes()

    def _put(self, name: str, content: bytes) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}{_PART}")
        with synced(part) as file:
            file.write(content)
        part.replace(path)
        sync(path.parent)
