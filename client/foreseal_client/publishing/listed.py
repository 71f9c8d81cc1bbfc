"""The files of a list as targets: what the endorsers' signatures will speak of."""

from __future__ import annotations

import json
import os
import shutil
from datetime import date
from pathlib import Path
from typing import Final

from tuf.api.metadata import TargetFile, Targets

from foreseal_client.publishing.deltas import deltas_to
from foreseal_client.publishing.faults import NotPublished
from foreseal_client.publishing.repository import Repository
from foreseal_client.updates.names import CATALOGUE, NAME, column_target, delta_target, manifest_target
from foreseal_matcher.errors import ListUnusable
from foreseal_matcher.lists import HashList, files_of
from foreseal_matcher.lists.manifest import MANIFEST

__all__ = ["DELTAS", "FACTS", "add_list", "open_to_publish"]

FACTS: Final = "custom"
"""What a manifest's target says for whoever publishes the next version: version, purpose and digest, and the SHA-256 of
the manifests of earlier versions, the newest first. Devices do not read it."""
DELTAS: Final = 3
"""Earlier versions from which a delta leads to the newest; whoever has an older one fetches it whole."""


def open_to_publish(folder: Path, today: date) -> HashList:
    """The list in this folder, verified whole. Raises `NotPublished`."""
    try:
        opened = HashList.open(folder, today, thorough=True)
    except ListUnusable as problem:
        raise NotPublished(f"{folder}: {problem}. Mend or make the list anew, and publish it then.") from problem
    if not NAME.fullmatch(opened.name):
        raise NotPublished(
            f"A list called {opened.name!r} cannot be published: its name becomes part of addresses. Make it anew under"
            " a name of at most 64 letters, digits, dots, dashes and underscores."
        )
    return opened


def add_list(repository: Repository, targets: Targets, opened: HashList, deltas: int = DELTAS) -> None:
    """Puts the list's files where they will be served, and names them in `targets` in the place of its earlier
    version's, with what leads here from the `deltas` versions before. Files that versions share lie there already.
    Raises `NotPublished`."""
    name = opened.name
    before = targets.targets.get(manifest_target(name))
    facts = {} if before is None else before.unrecognized_fields.get(FACTS, {})
    if facts.get("purpose", opened.purpose) != opened.purpose:
        raise NotPublished(
            f"{name} is published for another purpose than {opened.purpose}. A list keeps its purpose; publish this one"
            " under another name."
        )
    earlier = [] if before is None else [before.hashes["sha256"], *facts.get("earlier", [])][:deltas]
    targets.targets = {path: target for path, target in targets.targets.items() if not path.startswith(f"{name}/")}
    target = _add(repository, targets, manifest_target(name), opened.path / MANIFEST)
    target.unrecognized_fields[FACTS] = {
        "version": opened.version, "purpose": str(opened.purpose), "digest": opened.digest, "earlier": earlier
    }  # fmt: skip
    for file in files_of(opened.manifest):
        _add(repository, targets, column_target(name, file), opened.path / opened.manifest.folder / file)
    for base, delta in deltas_to(repository, opened, earlier):
        _add(repository, targets, delta_target(name, base), delta)
        delta.unlink()
    _add_catalogue(repository, targets)


def _add(repository: Repository, targets: Targets, path: str, source: Path) -> TargetFile:
    target = TargetFile.from_file(path, str(source), ["sha256"])
    targets.targets[path] = target
    place = repository.place_of(target)
    if not place.exists():
        part = place.with_name(f".{place.name}-part")
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            with source.open("rb") as whole, part.open("wb") as copy:
                shutil.copyfileobj(whole, copy, 1024 * 1024)
                copy.flush()
                os.fsync(copy.fileno())
            part.replace(place)
        except OSError as error:
            raise NotPublished(f"{place} cannot be written: {error.strerror}.") from error
    return target


def _add_catalogue(repository: Repository, targets: Targets) -> None:
    names = sorted(path.rpartition("/")[0] for path in targets.targets if path.endswith(f"/{MANIFEST}"))
    content = json.dumps({"lists": names}).encode("ascii") + b"\n"
    target = TargetFile.from_data(CATALOGUE, content, ["sha256"])
    targets.targets[CATALOGUE] = target
    repository.write(repository.place_of(target), content)
