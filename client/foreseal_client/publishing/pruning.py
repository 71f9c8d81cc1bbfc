"""Removing files of lists that nobody can ask for any more."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tuf.api.metadata import Targets

from foreseal_client.publishing.listed import FACTS
from foreseal_client.publishing.pending import Pending
from foreseal_client.publishing.repository import Repository
from foreseal_matcher.errors import ListUnusable
from foreseal_matcher.lists import Manifest, files_of
from foreseal_matcher.lists.manifest import MANIFEST

__all__ = ["prune"]

_SERVED: Final = re.compile(r"[0-9a-f]{64}\..+")


def prune(repository: Repository) -> None:
    """Removes what belongs neither to the targets that are published or wait, nor to the versions from which deltas
    lead: those stay for devices in the middle of an update, and for the deltas of the next version. Removes only files
    that are named as targets are."""
    kept: set[Path] = set()
    for metadata in (repository.targets(), Pending(repository).targets()):
        if metadata is not None:
            kept.update(_needed(repository, metadata.signed))
    for path in repository.targets_folder.rglob("*"):
        if _SERVED.fullmatch(path.name) and path not in kept and path.is_file():
            with contextlib.suppress(OSError):  # it is removed after the next publication, then
                path.unlink()


def _needed(repository: Repository, targets: Targets) -> Iterator[Path]:
    for path, target in targets.targets.items():
        yield repository.place_of(target)
        if not path.endswith(f"/{MANIFEST}"):
            continue
        served = repository.place_of(target).parent
        for earlier in target.unrecognized_fields.get(FACTS, {}).get("earlier", []):
            manifest = served / f"{earlier}.{MANIFEST}"
            yield manifest
            with contextlib.suppress(OSError, ListUnusable):
                found = Manifest.decode(manifest.read_bytes())
                yield from (served / f"{digest}.{file}" for file, digest in files_of(found).items())
