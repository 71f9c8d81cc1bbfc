"""The columns of a list: read, and held to the digests in its manifest."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import NamedTuple

from foreseal_matcher.core import compiled
from foreseal_matcher.errors import ListUnusable
from foreseal_matcher.index.mapped import contents
from foreseal_matcher.lists.entries import WIDTHS
from foreseal_matcher.lists.manifest import PARTS, Column, Manifest
from foreseal_matcher.lists.seal import Seal
from foreseal_matcher.verdict import Reason

__all__ = ["Rows", "read_rows"]

_PART_WIDTHS = {"ids": 8, "tags": 2}


class Rows(NamedTuple):
    """A column in ascending order: `length` hashes of `width` bytes, and beside them `ids` (8 bytes each) and `tags`
    (2 bytes each: category, source). Long ones are mapped files."""

    length: int
    width: int
    hashes: memoryview
    ids: memoryview
    tags: memoryview

    def value(self, row: int) -> bytes:
        """The hash in a row."""
        return bytes(self.hashes[row * self.width : (row + 1) * self.width])

    def id(self, row: int) -> int:
        """Its id, 64 bits."""
        return int.from_bytes(self.ids[row * 8 : row * 8 + 8], "little")


def read_rows(path: Path, kind: str, manifest: Manifest, seal: Seal) -> Rows:
    """A column that is as the manifest says; one without rows where the list has none of this kind. A file that was
    verified before and not touched since, as `seal` knows, is not hashed again. Raises `ListUnusable`."""
    width = WIDTHS[kind]
    column = manifest.columns.get(kind)
    if column is None:
        return Rows(0, width, *(memoryview(bytearray()) for _ in PARTS))
    folder = path / manifest.folder
    known = all(seal.holds(folder / f"{kind}.{part}") for part in PARTS)
    hashes, ids, tags = (_verified(folder, kind, column, part, width, known=known) for part in PARTS)
    if not known:
        if not _ascending(hashes, width):
            raise ListUnusable(Reason.LIST_DAMAGED, f"{kind}.bin is not in ascending order")
        most = (len(manifest.categories), len(manifest.sources))
        if column.count and not all(max(tags[at::2]) < most[at] for at in (0, 1)):
            raise ListUnusable(Reason.LIST_DAMAGED, f"{kind}.tags names a category or source that the list has not")
    return Rows(column.count, width, hashes, ids, tags)


def _verified(folder: Path, kind: str, column: Column, part: str, width: int, *, known: bool) -> memoryview:
    path = folder / f"{kind}.{part}"
    wanted = column.count * _PART_WIDTHS.get(part, width)
    try:
        content = contents(path)
    except OSError as error:
        raise ListUnusable(Reason.LIST_DAMAGED, f"{path.name} cannot be read: {error.strerror}") from error
    if len(content) != wanted:
        raise ListUnusable(Reason.LIST_DAMAGED, f"{path.name} has not the {wanted} bytes it must have")
    if not known and hashlib.sha256(content).hexdigest() != column.digests[PARTS.index(part)]:
        raise ListUnusable(Reason.LIST_DAMAGED, f"{path.name} was edited: its digest does not fit")
    return content


def _ascending(hashes: memoryview, width: int) -> bool:
    """An exact lookup halves an ordered column; in one out of order it would miss entries without a word."""
    core = compiled()
    if core is not None:
        from foreseal_matcher.core.library import Block

        return core.ascending(Block(hashes), width)
    rows = (bytes(hashes[at : at + width]) for at in range(0, len(hashes), width))
    before = b""
    for row in rows:
        if row < before:
            return False
        before = row
    return True
