"""Writing the files of a column in one pass, and the digests that the manifest holds them to."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

from foreseal_matcher.lists.kinds import KINDS
from foreseal_matcher.lists.manifest import NONE_WITHDRAWN, Column, Withdrawn, content_digest
from foreseal_matcher.lists.withdrawn import RECORD_BYTES, WITHDRAWN
from foreseal_matcher.lists.writing import synced

__all__ = ["folder_name", "write_column", "write_withdrawn"]


def write_column(folder: Path, kind: str, blocks: Iterable[Iterator[bytes]]) -> Column:
    """Writes a column from blocks, each of which gives the bytes of the column's files in the order of its parts.
    Raises `OSError`."""
    parts = KINDS[kind].parts
    digests = [hashlib.sha256() for _ in parts]
    size = 0
    with ExitStack() as open_files:
        files = [open_files.enter_context(synced(folder / f"{kind}.{part}")) for part in parts]
        for block in blocks:
            for file, digest, content in zip(files, digests, block, strict=True):
                file.write(content)
                digest.update(content)
        size = files[0].tell()
    return Column(size // KINDS[kind].width, tuple(digest.hexdigest() for digest in digests))


def write_withdrawn(folder: Path, content: bytes) -> Withdrawn:
    """Writes the records of withdrawn entries; no file where there are none. Raises `OSError`."""
    if not content:
        return NONE_WITHDRAWN
    with synced(folder / WITHDRAWN) as file:
        file.write(content)
    return Withdrawn(len(content) // RECORD_BYTES, hashlib.sha256(content).hexdigest())


def folder_name(columns: Mapping[str, Column], withdrawn: Withdrawn) -> str:
    """Where these columns lie: named after what they hold."""
    return f"columns-{content_digest(columns, withdrawn)}"
