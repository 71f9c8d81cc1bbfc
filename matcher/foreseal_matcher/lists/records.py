"""Rows as records of fixed width whose order as bytes is the order that rows have in a column.

A record is the hash, the id (u64, big-endian), for films the time (u32, big-endian), and the tag. Sorted as bytes,
records stand by hash, id and time, since these tell any two rows of a kind apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from foreseal_matcher.lists.columns import Rows
from foreseal_matcher.lists.kinds import Kind
from foreseal_matcher.lists.tags import FORMAT_TAG_BYTES

__all__ = ["Bytes2D", "Layout", "as_rows", "keys_of", "parts_from", "tags_of"]

Bytes2D = NDArray[np.uint8]
"""Rows of bytes, rows x width."""


class Layout(NamedTuple):
    """Where each part of a record begins and how long it is."""

    width: int
    timed: bool

    @classmethod
    def of(cls, kind: Kind) -> Layout:
        """The layout of a kind's records."""
        return cls(kind.width, "times" in kind.parts)

    @property
    def key(self) -> int:
        """Bytes that tell a row from all others: all but the tag."""
        return self.width + 8 + 4 * self.timed

    @property
    def size(self) -> int:
        """Bytes of a record."""
        return self.key + FORMAT_TAG_BYTES


def parts_from(records: Bytes2D, layout: Layout) -> Iterator[bytes]:
    """The bytes of a column's files for these records, in the order of its parts."""
    width = layout.width
    yield records[:, :width].tobytes()
    yield records[:, width : width + 8][:, ::-1].tobytes()
    yield records[:, layout.key :].tobytes()
    if layout.timed:
        yield records[:, width + 8 : layout.key][:, ::-1].tobytes()


def keys_of(rows: Rows, layout: Layout) -> NDArray[np.bytes_]:
    """What tells each row of a column from all others, as byte strings that compare as rows are ordered."""
    keys = np.empty((rows.length, layout.key), dtype=np.uint8)
    keys[:, : layout.width] = as_rows(rows.hashes, layout.width)
    keys[:, layout.width : layout.width + 8] = as_rows(rows.ids, 8)[:, ::-1]
    if layout.timed:
        keys[:, layout.width + 8 :] = as_rows(rows.times, 4)[:, ::-1]
    return keys.view(f"S{layout.key}").ravel()


def tags_of(rows: Rows, categories: Bytes2D, sources: Bytes2D, which: NDArray[np.int64] | slice) -> Bytes2D:
    """The tags of some rows of a column, widened to those of the present format, with the numbers of categories and
    sources put through these tables."""
    narrow = as_rows(rows.tags, rows.tag_width)[which]
    tags = np.zeros((len(narrow), FORMAT_TAG_BYTES), dtype=np.uint8)
    tags[:, : rows.tag_width] = narrow
    tags[:, 0] = categories[tags[:, 0]]
    tags[:, 1] = sources[tags[:, 1]]
    return tags


def as_rows(content: memoryview, width: int) -> Bytes2D:
    """A file of a column as rows of bytes, without copying it."""
    return np.frombuffer(content, dtype=np.uint8).reshape(-1, width)
