"""Building an index beside its column, so that a crash leaves the old one, none, or the new one."""

from __future__ import annotations

import hashlib
import mmap
import os
from pathlib import Path

from foreseal_matcher.core import compiled
from foreseal_matcher.index.bands import Band, bands_for, body_size
from foreseal_matcher.index.header import HEADER_BYTES, Header
from foreseal_matcher.index.mapped import contents, in_large_pages

__all__ = ["build_index"]


def build_index(column: Path, digest: bytes, out: Path) -> None:
    """Writes the index of the file `column` (rows x 32 bytes, verified to have this SHA-256) to `out`. The same
    column gives the same bytes, with and without the compiled core. Sets aside no memory that grows with the column
    where the core is compiled, 16 bytes a row where it is not. Raises `OSError`; what stood at `out` then stands."""
    rows = contents(column)
    count = len(rows) // 32
    bands = bands_for(count)
    part = out.with_name(f".{out.name}-part")
    try:
        with part.open("w+b") as file:
            _allocate(file.fileno(), HEADER_BYTES + body_size(bands, count))
            with mmap.mmap(file.fileno(), 0) as mapping, memoryview(mapping) as whole, whole[HEADER_BYTES:] as body:
                in_large_pages(mapping)
                _fill(rows, bands, body)
                header = Header(count, bands, digest, hashlib.sha256(body).digest())
                whole[:HEADER_BYTES] = header.encode()
                mapping.flush()
            os.fsync(file.fileno())
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)


def _allocate(handle: int, size: int) -> None:
    """Room on the disk before it is written through a mapping: there a full disk would end the program."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(handle, 0, size)
    else:
        os.truncate(handle, size)


def _fill(rows: memoryview, bands: tuple[Band, ...], body: memoryview) -> None:
    core = compiled()
    if core is None:
        # Imported here because only the plain twin needs numpy.
        from foreseal_matcher.index.banded import build_band

        for at in range(len(bands)):
            build_band(rows, bands, at, body)
        return
    from foreseal_matcher.core.library import Block

    column, target = Block(rows), Block(body)
    for at in range(len(bands)):
        core.build_band(column, bands, at, target)
    target.release()
