"""What leads from earlier versions of a list to the one that is published."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from foreseal_client.publishing.repository import Repository
from foreseal_matcher.errors import ListNotWritten, ListUnusable
from foreseal_matcher.lists import HashList, Manifest, files_of, make_delta
from foreseal_matcher.lists.manifest import MANIFEST

__all__ = ["deltas_to"]


def deltas_to(repository: Repository, opened: HashList, earlier: list[str]) -> Iterator[tuple[str, Path]]:
    """The digest of each earlier version, and a file of what leads from it to `opened`. `earlier`: SHA-256 of the
    versions' manifests as they lie in the repository. A version whose files are no longer there, or that is as far
    away as the whole list, is left out: whoever has it fetches the whole list."""
    whole = sum((opened.path / opened.manifest.folder / file).stat().st_size for file in files_of(opened.manifest))
    with tempfile.TemporaryDirectory(dir=repository.folder, prefix=".deltas-") as scratch:
        for manifest in earlier:
            try:
                base = _version(repository, opened.name, manifest, Path(scratch) / manifest)
                out = Path(scratch) / f"{manifest}.delta"
                if make_delta(base, opened, out) < whole:
                    yield base.digest, out
            except (OSError, ListUnusable, ListNotWritten):
                continue


def _version(repository: Repository, name: str, manifest: str, folder: Path) -> HashList:
    """An earlier version, put together again from the files that are served. Raises `OSError` and `ListUnusable`."""
    served = repository.targets_folder / name
    encoded = (served / f"{manifest}.{MANIFEST}").read_bytes()
    found = Manifest.decode(encoded)
    columns = folder / found.folder
    columns.mkdir(parents=True)
    (folder / MANIFEST).write_bytes(encoded)
    for file, digest in files_of(found).items():
        try:
            os.link(served / f"{digest}.{file}", columns / file)
        except FileNotFoundError:
            raise
        except OSError:  # a disk that knows no links
            shutil.copyfile(served / f"{digest}.{file}", columns / file)
    return HashList.of_any_age(folder)
