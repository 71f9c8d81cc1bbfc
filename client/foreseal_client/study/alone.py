"""One run of a study in a folder at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from foreseal_client.study.errors import StudyError

__all__ = ["alone_in"]


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Holds a folder for one run: of two, each would write what the other did, and a cell that is there twice counts
    as not measured. The system lets go of it when the process dies, and nothing is left in the folder. Raises
    `StudyError` when another run holds it, and `OSError`."""
    if os.name != "posix":
        yield  # A folder cannot be held elsewhere.
        return
    import fcntl

    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StudyError(
                "Another run is measuring into this folder. Wait until it is done, or name another folder with --out."
            ) from error
        except OSError:
            pass  # Not every disk in a network can hold one, and a study can be measured on those as well.
        yield
    finally:
        os.close(handle)
