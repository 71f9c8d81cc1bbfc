"""A version of a list, from the files that are served."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from foreseal_client.publishing.repository import Repository
from foreseal_matcher.lists import HashList, Manifest, files_of
from foreseal_matcher.lists.manifest import MANIFEST

__all__ = ["put_together"]


def put_together(repository: Repository, name: str, manifest: str, folder: Path) -> HashList:
    """The list `name`, put together again in `folder` and verified whole. `manifest`: SHA-256 of its manifest as it
    lies in the repository. Raises `OSError` and `ListUnusable`."""
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
