"""From sorted runs to the files of columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from foreseal_matcher.errors import ListNotWritten
from foreseal_matcher.lists.collecting import ENTRIES, ENTRY_BYTES, Collected
from foreseal_matcher.lists.kinds import KINDS
from foreseal_matcher.lists.records import Bytes2D, Layout, parts_from
from foreseal_matcher.lists.runs import merged
from foreseal_matcher.lists.withdrawn import RECORD_BYTES

__all__ = ["blocks", "count_entries"]


def blocks(
    collected: Collected, kind: str, categories: Sequence[str], sources: Sequence[str]
) -> Iterator[Iterator[bytes]]:
    """The bytes of the column's files, block by block, with the tags' numbers turned into places in these texts."""
    layout = Layout.of(KINDS[kind])
    tables = (_places(collected.categories, categories), _places(collected.sources, sources))
    for records in merged(collected.runs(kind), layout.size, collected.merge_bytes):
        for at, table in enumerate(tables):
            records[:, layout.key + at] = table[records[:, layout.key + at]]
        yield parts_from(records, layout)


def count_entries(collected: Collected, withdrawn: bytes) -> tuple[int, bytes]:
    """How many ids there are, and the records of `withdrawn` whose ids are not among them. Raises `ListNotWritten`
    where two rows say different things of one id."""
    count, last = 0, b""
    records = np.frombuffer(withdrawn, dtype=np.uint8).reshape(-1, RECORD_BYTES)
    gone = records[:, :8].copy().view("<u8").ravel()
    kept = np.ones(len(gone), dtype=np.bool_)
    for block in merged(collected.runs(ENTRIES), ENTRY_BYTES, collected.merge_bytes):
        ids = block[:, :8].copy().view(">u8").ravel()
        doubled = np.flatnonzero(ids[1:] == ids[:-1])
        if len(doubled) or ids[0].tobytes() == last:
            id = int(ids[doubled[0]] if len(doubled) else ids[0])
            raise ListNotWritten(f"entry {id}: two of its hashes say different things of it")
        last = ids[-1].tobytes()
        count += len(ids)
        kept &= ~np.isin(gone, ids)
    return count, records[kept].tobytes()


def _places(numbers: dict[str, int], texts: Sequence[str]) -> Bytes2D:
    """A table from a text's number in order of appearance to its place among the sorted texts."""
    table = np.zeros(256, dtype=np.uint8)
    for text, number in numbers.items():
        table[number] = texts.index(text)
    return table
