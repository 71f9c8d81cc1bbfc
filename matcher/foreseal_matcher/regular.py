"""Opening what lies in a list's folder: a file, and nothing that would wait or never end."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from foreseal_matcher.errors import ListUnusable
from foreseal_matcher.verdict import Reason

__all__ = ["open_regular", "read_at_most"]

_AT_ONCE: Final[int] = getattr(os, "O_NONBLOCK", 0)
"""Without it, opening a pipe waits until somebody writes into it. Regular files do not know it."""


@contextmanager
def open_regular(path: Path) -> Iterator[BinaryIO]:
    """A reader of a regular file, or of one that a link leads to. Raises `OSError`, and `ListUnusable` for a pipe, a
    device and all else that is no file."""
    with open(path, "rb", opener=lambda name, flags: os.open(name, flags | _AT_ONCE)) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise ListUnusable(Reason.LIST_DAMAGED, f"{path.name} is not a regular file")
        yield file


def read_at_most(path: Path, limit: int) -> bytes:
    """The file's bytes, or the first `limit + 1` of them where there are more. Raises as `open_regular` does."""
    with open_regular(path) as file:
        return file.read(limit + 1)
