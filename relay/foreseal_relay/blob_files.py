"""The files of blobs: their names, which of them nobody knows, and what makes one durable."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import BinaryIO, Final

from foreseal_relay import durable
from foreseal_relay.limits import HOUR, hour_of
from foreseal_relay.wire import BLOB_ID_BYTES

__all__ = [
    "OURS", "PARTIAL", "Unsynced", "digest_of", "keep", "length_of", "new_file", "orphans", "partial_name", "rename",
    "sync", "written_at",
]  # fmt: skip

_BLOB: Final = re.compile(rf"[0-9a-f]{{{2 * BLOB_ID_BYTES}}}", re.ASCII)
OURS: Final = re.compile(rf"{_BLOB.pattern}|upload-\w+\.partial", re.ASCII)
"""The names of blobs and of uploads under way. No other file is the relay's to remove."""
PARTIAL: Final = re.compile(rf"upload-({_BLOB.pattern})\.partial", re.ASCII)
"""The names of uploads that can be gone on with."""


def partial_name(blob_id: bytes) -> str:
    """The name of an upload that can be gone on with."""
    return f"upload-{blob_id.hex()}.partial"


def orphans(found: Iterable[Path], known: Collection[str], settled_before: float | None = None) -> list[Path]:
    """Of these files those that bear a blob's name which is not among `known`: a relay was killed between naming the
    file and noting the blob, or between forgetting the blob and removing the file. `settled_before`: Unix seconds; what
    got its name later may be another relay's, and about to be noted."""
    return [
        path
        for path in found
        if _BLOB.fullmatch(path.name)
        and path.name not in known
        and (settled_before is None or _named_at(path) < settled_before)
    ]


def new_file(folder: Path) -> Path:
    """An empty file for an upload that cannot be gone on with."""
    handle, name = tempfile.mkstemp(prefix="upload-", suffix=".partial", dir=folder)
    os.close(handle)
    return Path(name)


def keep(path: Path, now: float) -> None:
    """What came is on the disk, under its name, before anybody is told of it. Its time says no more than the hour."""
    if not path.exists():
        return
    with path.open("rb") as file:
        os.fsync(file.fileno())
    os.utime(path, (hour_of(now) * HOUR,) * 2)
    durable.sync_folder(path.parent)


def length_of(path: Path) -> int:
    """Its bytes; 0 for a file that is not there."""
    return path.stat().st_size if path.exists() else 0


def digest_of(path: Path) -> bytes:
    """SHA-256 of its content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


class Unsynced(OSError):
    """A sync failed: nobody knows what of a file is on the disk, and the next sync may be told that all is well."""


def sync(file: BinaryIO) -> None:
    """What was written to it is on the disk. Raises `Unsynced`, and `OSError` where it could not be written at all."""
    file.flush()
    try:
        os.fsync(file.fileno())
    except OSError as error:
        raise Unsynced(error.errno, error.strerror) from error


def rename(partial: Path, final: Path) -> None:
    """Gives a blob its name, durably."""
    # Times in the file system are timestamps too; these say nothing.
    os.utime(partial, (0, 0))
    durable.rename(partial, final)


def written_at(path: Path) -> float:
    """When it was last written to, in Unix seconds; infinity for a file that is gone."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # another relay over this folder has swept it, or given it its name
        return float("inf")


def _named_at(path: Path) -> float:
    try:
        return path.stat().st_ctime
    except FileNotFoundError:  # another relay over this folder has swept it
        return float("inf")
