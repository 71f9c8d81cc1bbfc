"""The columns of a list: read, and held to the digests in its manifest."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import NamedTuple

from foreseal_matcher.core import compiled
from foreseal_matcher.errors import ListUnusable
from foreseal_matcher.index.mapped import contents
from foreseal_matcher.lists.kinds import KINDS
from foreseal_matcher.lists.manifest import Column, Manifest
from foreseal_matcher.lists.seal import Seal
from foreseal_matcher.lists.tags import DISPUTED, TAG_WIDTHS, Tag
from foreseal_matcher.verdict import Reason

__all__ = ["Rows", "read_rows"]


class Rows(NamedTuple):
    """A column in ascending order: `length` hashes of `width` bytes, and beside them `ids` (8 bytes each), `tags`
    (`tag_width` bytes each, see `tags`) and, for frames of films, `times` (4 bytes each, empty for other kinds; all
    numbers are little-endian). Long ones are mapped files."""

    length: int
    width: int
    tag_width: int
    hashes: memoryview
    ids: memoryview
    tags: memoryview
    times: memoryview

    def value(self, row: int) -> bytes:
        """The hash in a row."""
        return bytes(self.hashes[row * self.width : (row + 1) * self.width])

    def id(self, row: int) -> int:
        """The id of its entry, 64 bits."""
        return int.from_bytes(self.ids[row * 8 : row * 8 + 8], "little")

    def tag(self, row: int) -> Tag:
        """What is said of its entry."""
        return Tag.decode(self.tags[row * self.tag_width : (row + 1) * self.tag_width])

    def time_ms(self, row: int) -> int:
        """Where in its film the frame stands, in milliseconds; 0 for other kinds."""
        return int.from_bytes(self.times[row * 4 : row * 4 + 4], "little")


def read_rows(path: Path, kind: str, manifest: Manifest, seal: Seal) -> Rows:
    """A column that is as the manifest says; one without rows where the list has none of this kind. A file that was
    verified before and not touched since, as `seal` knows, is not hashed again. Raises `ListUnusable`."""
    width, parts, tag_width = KINDS[kind].width, KINDS[kind].parts, TAG_WIDTHS[manifest.format]
    column = manifest.columns.get(kind)
    if column is None:
        return Rows(0, width, tag_width, *(memoryview(bytearray()) for _ in range(4)))
    folder = path / manifest.folder
    known = all(seal.holds(folder / f"{kind}.{part}") for part in parts)
    widths = {"bin": width, "ids": 8, "tags": tag_width, "times": 4}
    files = {part: _verified(folder, kind, column, part, widths[part], known=known) for part in parts}
    rows = Rows(column.count, width, tag_width, *(files.get(part, memoryview(bytearray())) for part in widths))
    if not known:
        _check_rows(kind, rows, manifest)
    return rows


def _check_rows(kind: str, rows: Rows, manifest: Manifest) -> None:
    if not _ascending(rows.hashes, rows.width):
        raise ListUnusable(Reason.LIST_DAMAGED, f"{kind}.bin is not in ascending order")
    if not rows.length:
        return
    most = (len(manifest.categories), len(manifest.sources))
    if not all(max(rows.tags[at :: rows.tag_width]) < most[at] for at in (0, 1)):
        raise ListUnusable(Reason.LIST_DAMAGED, f"{kind}.tags names a category or source that the list has not")
    if rows.tag_width > 2 and max(rows.tags[4 :: rows.tag_width]) > DISPUTED:
        raise ListUnusable(Reason.LIST_DAMAGED, f"{kind}.tags has flags that this version does not know")


def _verified(folder: Path, kind: str, column: Column, part: str, width: int, *, known: bool) -> memoryview:
    path = folder / f"{kind}.{part}"
    wanted = column.count * width
    try:
        content = contents(path)
    except OSError as error:
        raise ListUnusable(Reason.LIST_DAMAGED, f"{path.name} cannot be read: {error.strerror}") from error
    if len(content) != wanted:
        raise ListUnusable(Reason.LIST_DAMAGED, f"{path.name} has not the {wanted} bytes it must have")
    if not known and hashlib.sha256(content).hexdigest() != column.digests[KINDS[kind].parts.index(part)]:
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
