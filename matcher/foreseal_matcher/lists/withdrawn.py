"""The record of what was taken off a list: which entry, of which kinds, on which day. It is never searched.

`withdrawn.bin` beside the columns, 12 bytes a record in ascending order of ids: id (u64), day (u16, as in tags, never
0), kinds (u16, the bit of each kind's number). Numbers are little-endian.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from foreseal_matcher.errors import ListUnusable
from foreseal_matcher.lists.kinds import KINDS
from foreseal_matcher.lists.tags import day_number, day_of
from foreseal_matcher.verdict import Reason

__all__ = ["RECORD_BYTES", "WITHDRAWN", "Withdrawal", "decode_withdrawals", "encode_withdrawals"]

WITHDRAWN: Final = "withdrawn.bin"
_RECORD: Final = struct.Struct("<QHH")
RECORD_BYTES: Final = _RECORD.size
_BITS: Final = {kind.name: 1 << kind.number for kind in KINDS.values()}


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """An entry that no longer stands on a list. `kinds`: of the hashes that it had."""

    id: int
    day: date
    kinds: frozenset[str]


def encode_withdrawals(withdrawn: Iterable[Withdrawal]) -> bytes:
    """The file's bytes. Of two records of one id the later day stands. Raises `ValueError` for a day that has no
    number."""
    latest: dict[int, Withdrawal] = {}
    for one in sorted(withdrawn, key=lambda one: one.day):
        latest[one.id] = one
    return b"".join(
        _RECORD.pack(id, day_number(latest[id].day), sum(_BITS[kind] for kind in latest[id].kinds))
        for id in sorted(latest)
    )


def decode_withdrawals(content: bytes | memoryview) -> Iterator[Withdrawal]:
    """The records, in ascending order of ids. Bits of kinds that this version does not know are passed over. Raises
    `ListUnusable` where they are out of order or have no day."""
    before = -1
    for id, number, bits in _RECORD.iter_unpack(content):
        day = day_of(number)
        if id <= before or day is None:
            raise ListUnusable(Reason.LIST_DAMAGED, f"{WITHDRAWN} is out of order")
        before = id
        yield Withdrawal(id, day, frozenset(name for name, bit in _BITS.items() if bits & bit))
