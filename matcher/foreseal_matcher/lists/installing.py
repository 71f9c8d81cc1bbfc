"""Making a list ready on this device: its index, and the note that its files were verified."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from foreseal_matcher.errors import ListNotWritten
from foreseal_matcher.index.bands import INDEXED_FROM
from foreseal_matcher.index.building import build_index
from foreseal_matcher.lists.hash_list import HashList
from foreseal_matcher.lists.kinds import KINDS
from foreseal_matcher.lists.manifest import Manifest, index_name
from foreseal_matcher.lists.seal import Seal
from foreseal_matcher.lists.withdrawn import WITHDRAWN

__all__ = ["index_list", "install"]


def index_list(path: Path, today: date) -> HashList:
    """Verifies the list in the folder `path` whole, builds its index if it is long enough for one, and opens it.
    Lists that `build_list` writes have had this done. Raises `ListUnusable`, and `ListNotWritten` when the folder
    cannot be written to: the list is then used without an index."""
    found = HashList.open(path, today, thorough=True)
    try:
        install(path / found.manifest.folder, found.manifest)
    except OSError as error:
        raise ListNotWritten(f"the index of {path.name} cannot be written: {error.strerror or error}") from error
    return HashList.open(path, today)


def install(folder: Path, manifest: Manifest) -> None:
    """Builds the indexes of the columns in `folder`, which were just verified or just written, and seals them all.
    Raises `OSError`."""
    names: list[str] = []
    for kind in KINDS.values():
        column = manifest.columns.get(kind.name)
        if column is None:
            continue
        names += [f"{kind.name}.{part}" for part in kind.parts]
        if kind.indexable and column.count >= INDEXED_FROM:
            index = index_name(kind.name)
            build_index(folder / f"{kind.name}.bin", bytes.fromhex(column.digests[0]), folder / index)
            names.append(index)
    if manifest.withdrawn.count:
        names.append(WITHDRAWN)
    Seal.of(folder, names).write(folder, manifest.digest)
