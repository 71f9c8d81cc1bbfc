"""Files as memory, without copying them."""

from __future__ import annotations

import mmap
from pathlib import Path
from typing import Final

__all__ = ["MAPPED_FROM", "contents"]

MAPPED_FROM: Final = 4 * 1024 * 1024
"""Files shorter than this are copied into memory: then nobody can change them after they were verified."""


def contents(path: Path) -> memoryview:
    """The bytes of a file. A long one is mapped: it takes no memory of its own, and stays readable after the file was
    replaced or removed. Raises `OSError`."""
    with path.open("rb") as file:
        if path.stat().st_size < MAPPED_FROM:
            return memoryview(bytearray(file.read()))
        # A private mapping: nothing is ever written to it, but ctypes takes no address of one that is read-only.
        return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY))
