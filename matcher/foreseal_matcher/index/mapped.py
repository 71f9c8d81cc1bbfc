"""Files as memory, without copying them."""

from __future__ import annotations

import contextlib
import mmap
import os
from pathlib import Path
from typing import Final

from foreseal_matcher.regular import open_regular

__all__ = ["MAPPED_FROM", "contents", "in_large_pages"]

MAPPED_FROM: Final = 4 * 1024 * 1024
"""Files shorter than this are copied into memory: then nobody can change them after they were verified."""


def contents(path: Path) -> memoryview:
    """The bytes of a file. A long one is mapped: it takes no memory of its own, and stays readable after the file was
    replaced or removed. Raises `OSError`, and `ListUnusable` for what is no regular file."""
    with open_regular(path) as file:
        if os.fstat(file.fileno()).st_size < MAPPED_FROM:
            return memoryview(bytearray(file.read(MAPPED_FROM)))
        # A private mapping: nothing is ever written to it, but ctypes takes no address of one that is read-only.
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    in_large_pages(mapped)
    return memoryview(mapped)


def in_large_pages(mapped: mmap.mmap) -> None:
    """Asks for pages as large as the machine has (2 MiB on x86) where the file comes into memory from now on
    (madvise(2) of Linux, for file systems that can). A lookup reads thousands of places all over a list, and each is
    found with one step less."""
    if hasattr(mmap, "MADV_HUGEPAGE"):
        with contextlib.suppress(OSError):  # a kernel without them
            mapped.madvise(mmap.MADV_HUGEPAGE)
