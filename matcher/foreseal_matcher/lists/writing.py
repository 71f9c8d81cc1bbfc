"""Putting a list in place so that a crash at any moment leaves the old one or the new one."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from foreseal_matcher.errors import ListNotWritten, ListUnusable
from foreseal_matcher.lists.hash_list import HashList
from foreseal_matcher.lists.installing import install
from foreseal_matcher.lists.manifest import MANIFEST, MAX_BYTES, Manifest
from foreseal_matcher.regular import read_at_most

__all__ = ["RUNS", "UPDATES", "Demand", "digest_in", "put", "room_for_a_list", "staged", "sync", "synced"]

Demand = Callable[[HashList], None]
"""Has a say in whether a list that is whole and verified comes into force: raises where it may not."""
RUNS: Final = ".building"
"""Where a list that is being built keeps what it has sorted so far."""
_COLUMNS_PART: Final = ".columns-part"
_MANIFEST_PART: Final = f".{MANIFEST}-part"
UPDATES: Final = ".updates"
"""Where an updater keeps what it trusts and what it fetched, beside the list."""
_OURS: Final = ("columns-", _COLUMNS_PART, _MANIFEST_PART, RUNS, UPDATES)
"""What a writing that was cut short may have left in a folder that holds no list yet."""


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Holds a folder for one writer: two would clear away each other's half-written columns. The system lets go of it
    when the process dies, and nothing is left in the folder. Raises `ListNotWritten` when another one holds it."""
    if os.name != "posix":
        yield  # A folder cannot be held elsewhere.
        return
    import fcntl

    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ListNotWritten(f"{folder.name} is being written by another program; wait until it is done") from error
        yield
    finally:
        os.close(handle)


@contextmanager
def room_for_a_list(out: Path) -> Iterator[None]:
    """Makes the folder `out` for the time of a writing, and removes it again if nothing came of that. Raises
    `ListNotWritten` when it holds something else than a list or is being written by another program, and for every
    `OSError` of the writing."""
    try:
        before = out.exists()
        out.mkdir(parents=True, exist_ok=True)
        with _held(out):
            if not (out / MANIFEST).exists() and not all(one.name.startswith(_OURS) for one in out.iterdir()):
                raise ListNotWritten(f"{out.name} holds other files and no list; name an empty or a new folder")
            try:
                yield
            finally:
                if not before and not any(out.iterdir()):
                    out.rmdir()
    except OSError as error:
        raise ListNotWritten(f"{out.name} cannot be written: {error.strerror or error}") from error


@contextmanager
def staged(out: Path) -> Iterator[Path]:
    """An empty folder inside `out` to write columns into, for `put`. What is left of it afterwards is removed."""
    # Imported here because it brings four kinds of compression, which looking something up has no use for.
    import shutil

    part = out / _COLUMNS_PART
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    try:
        yield part
    except Exception:
        shutil.rmtree(part, ignore_errors=True)
        raise


def put(out: Path, part: Path, encoded: bytes, demand: Demand | None = None) -> Manifest:
    """Puts the columns in `part`, whose files are synced, and the manifest `encoded`, which was found to describe
    them, in the place of the list in `out`. The columns go beside the old ones; then the manifest, in one rename,
    points to them. Where they were to lie in a folder that is taken, the manifest names another. `demand` is called
    with the new list right before that rename; what it raises leaves the old one. Raises `OSError`."""
    import shutil

    standing = _in_force(out)
    before = None if standing is None else standing.folder
    for one in out.glob("columns-*"):
        if one.name != before:
            shutil.rmtree(one, ignore_errors=True)  # Left by a writing that was cut short.
    manifest = Manifest.decode(encoded)
    taken = manifest.folder
    names = (taken, *(f"{taken[:24]}-{number}" for number in range(2, 1000)))
    folder = next(name for name in names if not (out / name).exists())
    if folder != taken:
        encoded = _moved(encoded, folder)
        manifest = Manifest.decode(encoded)
    install(part, manifest)
    if demand is not None:
        demand(HashList.not_in_force(part, manifest))
    sync(part)
    part.rename(out / folder)
    with synced(out / _MANIFEST_PART) as file:
        file.write(encoded)
    sync(out)
    (out / _MANIFEST_PART).replace(out / MANIFEST)
    sync(out)
    if before is not None:
        shutil.rmtree(out / before, ignore_errors=True)
    return manifest


def _moved(encoded: bytes, folder: str) -> bytes:
    """The manifest with its columns in another folder, which its digest does not cover."""
    return json.dumps(json.loads(encoded) | {"folder": folder}, indent=1, ensure_ascii=True).encode() + b"\n"


def digest_in(out: Path) -> str | None:
    """The digest of the list in the folder `out`; None where there is none that can be read."""
    standing = _in_force(out)
    return None if standing is None else standing.digest


def _in_force(out: Path) -> Manifest | None:
    try:
        return Manifest.decode(read_at_most(out / MANIFEST, MAX_BYTES))
    except (OSError, ListUnusable):
        return None


@contextmanager
def synced(path: Path) -> Iterator[BinaryIO]:
    """A new file that lies on the disk, and not only on its way there, once it was left without a fault."""
    with path.open("wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def sync(path: Path) -> None:
    """Makes a file, or the names in a folder, last; only POSIX can by its name, and elsewhere a rename is as durable as
    it gets."""
    if os.name == "posix":
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
