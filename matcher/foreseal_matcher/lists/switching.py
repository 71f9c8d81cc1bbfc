"""Putting a list that came from elsewhere in the place of the one in a folder, in one step."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from foreseal_matcher.lists.hash_list import HashList
from foreseal_matcher.lists.kinds import parts_of
from foreseal_matcher.lists.manifest import MANIFEST, MAX_BYTES, Manifest
from foreseal_matcher.lists.withdrawn import WITHDRAWN
from foreseal_matcher.regular import read_at_most

if TYPE_CHECKING:
    from foreseal_matcher.lists.writing import Demand

__all__ = ["files_of", "switch_to"]


def files_of(manifest: Manifest) -> dict[str, str]:
    """The files in the folder of a list's columns, by name: the SHA-256 of each, in hex."""
    files = {
        f"{kind}.{part}": digest
        for kind, column in manifest.columns.items()
        for part, digest in zip(parts_of(kind), column.digests, strict=True)
    }
    return files | ({WITHDRAWN: manifest.withdrawn.digest} if manifest.withdrawn.count else {})


def switch_to(staged: Path, out: Path, today: date, demand: Demand | None = None) -> HashList:
    """Puts the list in the folder `staged`, which must lie on the same disk, in the place of the one in `out`, and
    opens it there. It is verified whole and its index is built first; then one rename decides. A crash at any moment
    leaves the old list or the new one in force. Programs that have the old one open keep reading it. One caller at a
    time. `staged` is used up. `demand`: called with the new list before it is in force; what it raises leaves the old
    one.

    Raises `ListUnusable` where the staged list is damaged or stale, and `ListNotWritten` where the disk refuses, or
    `out` holds something else than a list; the old list is in force then."""
    # Imported here because looking something up writes nothing.
    from foreseal_matcher.lists.writing import put, room_for_a_list, sync

    manifest = HashList.open(staged, today, thorough=True).manifest
    with room_for_a_list(out):
        columns = staged / manifest.folder
        for file in columns.iterdir():
            sync(file)
        put(out, columns, read_at_most(staged / MANIFEST, MAX_BYTES), demand)
    return HashList.open(out, today)
