"""The bytes of a delta: a header, the manifest that it ends in, and a section for each column that differs.

All numbers are little-endian. `docs/lists.md` tells the same in a table.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np

from foreseal_matcher.errors import DeltaRefused, ListUnusable
from foreseal_matcher.lists.comparing import Numbers
from foreseal_matcher.lists.kinds import KINDS
from foreseal_matcher.lists.manifest import MAX_BYTES, Manifest
from foreseal_matcher.lists.records import Bytes2D
from foreseal_matcher.lists.tags import FORMAT_TAG_BYTES
from foreseal_matcher.lists.withdrawn import RECORD_BYTES

__all__ = ["WITHDRAWN_SECTION", "Delta", "Section", "decode", "encode"]

MAGIC: Final = b"foreseal delta\x00\x00"
FORMAT: Final = 1
_HEADER: Final = struct.Struct("<16sIIQ32s32s")
_SECTION: Final = struct.Struct("<16sIIII")
WITHDRAWN_SECTION: Final = "withdrawn"
"""The section of the records of withdrawn entries; all others are named after their kind."""
_NOTHING: Final = np.empty(0, dtype=np.int64)


class Section(NamedTuple):
    """What is between two columns. `removed`: rows of the old one. `added`, `altered`: rows of the new one, with the
    files of the added rows in the order of the column's parts, and the tags of the altered ones."""

    removed: Numbers
    added: Numbers
    altered: Numbers
    parts: tuple[Bytes2D, ...]
    tags: Bytes2D

    @classmethod
    def empty(cls, name: str) -> Section:
        """Nothing between them."""
        parts = tuple(np.empty((0, width), dtype=np.uint8) for width in _widths(name))
        return cls(_NOTHING, _NOTHING, _NOTHING, parts, np.empty((0, FORMAT_TAG_BYTES), dtype=np.uint8))


class Delta(NamedTuple):
    """`base`: digest of the list that it starts from, 64 hex digits. `encoded`: the manifest that it ends in, which
    `manifest` is decoded from."""

    base: str
    encoded: bytes
    manifest: Manifest
    sections: Mapping[str, Section]


def encode(delta: Delta) -> bytes:
    """The file's bytes."""
    body = [delta.encoded]
    for name, (removed, added, altered, parts, tags) in delta.sections.items():
        body.append(_SECTION.pack(name.encode(), len(removed), len(added), len(altered), 0))
        body += [rows.astype("<u4").tobytes() for rows in (removed, added, altered)]
        body += [part.tobytes() for part in parts]
        body.append(tags.tobytes())
    size = _HEADER.size + sum(map(len, body))
    ends = (bytes.fromhex(delta.base), bytes.fromhex(delta.manifest.digest))
    return b"".join([_HEADER.pack(MAGIC, FORMAT, len(delta.encoded), size, *ends), *body])


def decode(content: memoryview) -> Delta:
    """A delta from the file's bytes. Nothing in it is compressed, so that it takes no more memory than it has bytes.
    Raises `DeltaRefused`."""
    reader = _Reader(content)
    magic, written_as, length, size, base, target = _HEADER.unpack(reader.take(_HEADER.size))
    if magic != MAGIC:
        raise DeltaRefused("it is no delta of a list")
    if written_as != FORMAT:
        raise DeltaRefused(f"this version reads deltas of format {FORMAT}, this one has {written_as}")
    if size != len(content):
        raise DeltaRefused(f"it has {len(content)} bytes and should have {size}: it was cut off or added to")
    if length > MAX_BYTES:
        raise DeltaRefused(f"its manifest claims {length} bytes, the limit is {MAX_BYTES}")
    encoded = bytes(reader.take(length))
    try:
        manifest = Manifest.decode(encoded)
    except ListUnusable as error:
        raise DeltaRefused(f"its manifest: {error.detail}") from error
    if bytes.fromhex(manifest.digest) != target:
        raise DeltaRefused("its manifest is not that of the list it says it leads to")
    sections: dict[str, Section] = {}
    while reader.left:
        name, section = _section(reader, manifest)
        if name in sections:
            raise DeltaRefused(f"it has two sections for {name}")
        sections[name] = section
    return Delta(base.hex(), encoded, manifest, sections)


def _section(reader: _Reader, manifest: Manifest) -> tuple[str, Section]:
    padded, removed, added, altered, unused = _SECTION.unpack(reader.take(_SECTION.size))
    if unused:
        raise DeltaRefused("it says something that this version does not know")
    name = padded.rstrip(b"\x00").decode("ascii", "replace")
    if name != WITHDRAWN_SECTION and (name not in KINDS or name not in manifest.columns):
        raise DeltaRefused(f"it has a section for {name[:40]!r}, of which the list has no column")
    rows = [reader.numbers(count) for count in (removed, added, altered)]
    parts = tuple(reader.rows(added, width) for width in _widths(name))
    tags = reader.rows(altered, FORMAT_TAG_BYTES)
    return name, Section(rows[0], rows[1], rows[2], parts, tags)


def _widths(name: str) -> tuple[int, ...]:
    """Bytes a row has in each file of a section's column."""
    if name == WITHDRAWN_SECTION:
        return (RECORD_BYTES,)
    widths = {"bin": KINDS[name].width, "ids": 8, "tags": FORMAT_TAG_BYTES, "times": 4}
    return tuple(widths[part] for part in KINDS[name].parts)


class _Reader:
    """Takes the bytes of a file one after another, and never more than there are."""

    def __init__(self, content: memoryview) -> None:
        self._content = content
        self._at = 0

    @property
    def left(self) -> int:
        return len(self._content) - self._at

    def take(self, size: int) -> memoryview:
        if size > self.left:
            raise DeltaRefused("it was cut off, or claims more rows than it has")
        self._at += size
        return self._content[self._at - size : self._at]

    def numbers(self, count: int) -> Numbers:
        return np.frombuffer(self.take(4 * count), dtype="<u4").astype(np.int64)

    def rows(self, count: int, width: int) -> Bytes2D:
        return np.frombuffer(self.take(count * width), dtype=np.uint8).reshape(count, width)
