"""The columns of a list: read, and held to the digests in its manifest."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import NamedTuple

from foreseal_matcher.core import compiled
from foreseal_matcher.errors import ListUnusable
from foreseal_matcher.index.mapped import contents
from foreseal_matcher.lists.kinds import KINDS
from foreseal_matcher.lists.manifest import Manifest
from foreseal_matcher.lists.seal import Seal
from foreseal_matcher.lists.tags import DISPUTED, TAG_WIDTHS, Tag
from foreseal_matcher.lists.withdrawn import RECORD_BYTES, WITHDRAWN, decode_withdrawals
from foreseal_matcher.verdict import Reason

__all__ = ["Rows", "read_rows", "read_withdrawn"]


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


def read_rows(folder: Path, kind: str, manifest: Manifest, seal: Seal) -> Rows:
    """A column in `folder` that is as the manifest says; one without rows where the list has none of this kind. A
    file that was verified before and not touched since, as `seal` knows, is not hashed again. Raises
    `ListUnusable`."""
    width, parts, tag_width = KINDS[kind].width, KINDS[kind].parts, TAG_WIDTHS[manifest.format]
    column = manifest.columns.get(kind)
    if column is None:
        return Rows(0, width, tag_width, *(memoryview(bytearray()) for _ in range(4)))
    known = all(seal.holds(folder / f"{kind}.{part}") for part in parts)
    widths = {"bin": width, "ids": 8, "tags": tag_width, "times": 4}
    files = {
        part: _verified(folder / f"{kind}.{part}", column.count * widths[part], digest, known=known)
        for part, digest in zip(parts, column.digests, strict=True)
    }
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


def read_withdrawn(folder: Path, manifest: Manifest, seal: Seal) -> memoryview:
    """The records of withdrawn entries, as the manifest says. Raises `ListUnusable`."""
    told = manifest.withdrawn
    if not told.count:
        return memoryview(b"")
    path = folder / WITHDRAWN
    known = seal.holds(path)
    content = _verified(path, told.count * RECORD_BYTES, told.digest, known=known)
    if not known:
        for _ in decode_withdrawals(content):
            pass  # It raises where they are out of order.
    return content


def _verified(path: Path, size: int, digest: str, *, known: bool) -> memoryview:
    try:
        content = contents(path)
    except OSError as error:
        raise ListUnusable(Reason.LIST_DAMAGED, f"{path.name} cannot be read: {error.strerror}") from error
    if len(content) != size:
        raise ListUnusable(Reason.LIST_DAMAGED, f"{path.name} has not the {size} bytes it must have")
    if not known and hashlib.sha256(content).hexdigest() != digest:
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
