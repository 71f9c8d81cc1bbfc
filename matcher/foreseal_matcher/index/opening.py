"""From files to a search: with the index where there is a good one, with the compiled core where there is one."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import NamedTuple

from foreseal_matcher.core import compiled
from foreseal_matcher.errors import IndexUnusable, ListUnusable
from foreseal_matcher.index import RadiusIndex
from foreseal_matcher.index.bands import Band
from foreseal_matcher.index.header import HEADER_BYTES, Header
from foreseal_matcher.index.mapped import contents

__all__ = ["Index", "read_index", "search_over"]


class Index(NamedTuple):
    """An index that fits its column."""

    bands: tuple[Band, ...]
    body: memoryview


def read_index(path: Path, column: bytes, count: int, *, trusted: bool) -> Index:
    """The index at `path` for a column with this SHA-256 and so many rows. `trusted`: that its body was hashed
    before and not touched since; otherwise it is hashed now. Raises `IndexUnusable`."""
    try:
        content = contents(path)
    except FileNotFoundError as error:
        raise IndexUnusable("there is none") from error
    except OSError as error:
        raise IndexUnusable(f"it cannot be read: {error.strerror}") from error
    except ListUnusable as error:
        raise IndexUnusable("it is not a regular file") from error
    header = Header.decode(bytes(content[:HEADER_BYTES]))
    if header.column != column or header.rows != count:
        raise IndexUnusable("it was built for another list")
    if len(content) != header.file_size:
        raise IndexUnusable("it is cut off")
    body = content[HEADER_BYTES:]
    if not trusted and hashlib.sha256(body).digest() != header.body:
        raise IndexUnusable("it was edited: its digest does not fit")
    return Index(header.bands, body)


def search_over(column: memoryview, ids: memoryview, index: Index | None, width: int = 32) -> RadiusIndex:
    """The search over a column of hashes of `width` bytes, 32 or 8; only those of 32 have an index. Every search finds
    the same rows."""
    core = compiled()
    if core is not None and width == 32:
        from foreseal_matcher.index.compiled import CompiledSearch

        scan = CompiledSearch(core, column, ids)
        if index is None:
            return scan
        from foreseal_matcher.index.warming import WarmingSearch, in_background, in_memory

        search = CompiledSearch(core, column, ids, index.bands, index.body)
        return search if in_memory(index.body) else WarmingSearch(scan, search, index.body, in_background)
    # Imported here because only the plain twins and short fingerprints need numpy.
    from foreseal_matcher.index.banded import BandedSearch
    from foreseal_matcher.index.scan import Scan

    return Scan(column, ids, width) if index is None else BandedSearch(column, ids, index.bands, index.body)
