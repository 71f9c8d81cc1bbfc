"""Lists that may be replaced while a program runs: opened again when they were."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

from foreseal_matcher.lists.list_set import ListSet
from foreseal_matcher.lists.manifest import MANIFEST

__all__ = ["FollowedLists"]

_Stamp = tuple[int, int, int] | None


class FollowedLists:
    """Lists in folders, as they are at each check. A check that is under way goes on with the lists that it began
    with. May be used from several threads."""

    def __init__(self, paths: Iterable[Path], pinned: Mapping[str, str] | None = None) -> None:
        self._paths = tuple(paths)
        self._pinned = pinned
        self._lock = threading.Lock()
        self._seen: tuple[date, tuple[_Stamp, ...]] | None = None
        self._opened = ListSet.empty()

    @property
    def opened(self) -> ListSet:
        """What `current` returned last; no list before it was called."""
        return self._opened

    def changed(self, today: date) -> bool:
        """Whether a list was replaced, removed or put there since `current` was last called, or another day has
        begun, on which a list may have become stale. Asks the disk for one file's status a list, and reads none."""
        return self._seen != (today, self._stamps())

    def current(self, today: date) -> ListSet:
        """The lists, opened again only if they changed. Never raises for what is in a folder."""
        with self._lock:
            # Looked at before they are opened: what changes in between is noticed at the next call.
            now = (today, self._stamps())
            if self._seen != now:
                self._opened = ListSet.open(self._paths, today, self._pinned)
                self._seen = now
            return self._opened

    def _stamps(self) -> tuple[_Stamp, ...]:
        return tuple(_stamp(path / MANIFEST) for path in self._paths)


def _stamp(path: Path) -> _Stamp:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
