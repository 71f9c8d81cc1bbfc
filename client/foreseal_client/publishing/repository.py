"""A repository on the disk: what is published, and how more is put there so that a crash leaves a whole one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TypeVar

from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Root, Snapshot, TargetFile, Targets, Timestamp

from foreseal_client.publishing.faults import NotPublished
from foreseal_client.updates.names import METADATA, TARGETS

__all__ = ["Repository", "read_metadata"]

S = TypeVar("S", Root, Timestamp, Snapshot, Targets)


class Repository:
    """The folder of a repository. `metadata/` and `targets/` are served; `pending/` waits for signatures. No secret is
    in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def pending_folder(self) -> Path:
        """Where what is not endorsed yet waits."""
        return self.folder / "pending"

    @property
    def first_root(self) -> Path:
        """What devices are to trust: the file to hand out."""
        return self.folder / METADATA / "1.root.json"

    def root(self) -> Metadata[Root] | None:
        """The root in force."""
        versions = [int(path.name.partition(".")[0]) for path in (self.folder / METADATA).glob("*.root.json")]
        return self._read(f"{max(versions)}.root.json", Root) if versions else None

    def timestamp(self) -> Metadata[Timestamp] | None:
        """The time stamp in force; None before anything was published."""
        return self._read("timestamp.json", Timestamp)

    def snapshot(self) -> Metadata[Snapshot] | None:
        """The snapshot that the time stamp names."""
        stamp = self.timestamp()
        return None if stamp is None else self._read(f"{stamp.signed.snapshot_meta.version}.snapshot.json", Snapshot)

    def targets(self) -> Metadata[Targets] | None:
        """The targets that the snapshot names."""
        snapshot = self.snapshot()
        if snapshot is None:
            return None
        return self._read(f"{snapshot.signed.meta['targets.json'].version}.targets.json", Targets)

    @property
    def targets_folder(self) -> Path:
        """Where the files of the lists are served from, each list's in a folder of its name."""
        return self.folder / TARGETS

    def place_of(self, target: TargetFile) -> Path:
        """Where a target is served from: its digest stands before its name, so that versions lie beside each other."""
        folder, _, name = target.path.rpartition("/")
        return self.targets_folder / folder / f"{target.hashes['sha256']}.{name}"

    def put(self, metadata: Metadata[S]) -> None:
        """Puts signed metadata under the name that it is served by. Raises `NotPublished`."""
        role = metadata.signed.type
        name = f"{role}.json" if role == Timestamp.type else f"{metadata.signed.version}.{role}.json"
        self.write(self.folder / METADATA / name, metadata.to_bytes())

    def write(self, path: Path, content: bytes) -> None:
        """A file, whole or not at all. Raises `NotPublished`."""
        part = path.with_name(f".{path.name}-part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        except OSError as error:
            raise NotPublished(f"{path} cannot be written: {error.strerror}.") from error

    def _read(self, name: str, kind: type[S]) -> Metadata[S] | None:
        path = self.folder / METADATA / name
        if not path.exists():
            return None
        return read_metadata(path, kind)


def read_metadata(path: Path, kind: type[S]) -> Metadata[S]:
    """Metadata of one kind from a file. Raises `NotPublished`."""
    try:
        found = Metadata[S].from_bytes(path.read_bytes())
    except (OSError, RepositoryError) as error:
        raise NotPublished(f"{path} cannot be read as a repository's metadata; put back a copy of it.") from error
    if not isinstance(found.signed, kind):
        raise NotPublished(f"{path} holds {found.signed.type} and not {kind.type}; put back a copy of it.")
    return found
