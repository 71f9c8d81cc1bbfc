"""One updater of a list at a time."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from foreseal_client.updates.refusals import Refusal, UpdateRefused

__all__ = ["only_one"]

if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Holds `folder` for one updater. The operating system lets go of it when the process dies, however it dies.
    Raises `UpdateRefused` when another one holds it, and `OSError`."""
    handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(handle)
    except OSError as error:
        os.close(handle)
        raise UpdateRefused(Refusal.BUSY, folder.parent.name) from error
    try:
        yield
    finally:
        os.close(handle)
