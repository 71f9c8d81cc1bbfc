"""What a list says of each hash beside its id, as it stands in a column's `tags`.

Format 2, 5 bytes a row: category and source (u8 each, numbers in the manifest), the day added (u16, days since
1970-01-01, 0 where it is not known), flags (u8). Format 1, 2 bytes a row: category and source.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final, NamedTuple

__all__ = ["DISPUTED", "FIRST_DAY", "FORMAT_TAG_BYTES", "LAST_DAY", "TAG_WIDTHS", "Tag", "day_number", "day_of"]

TAG_WIDTHS: Final = {1: 2, 2: 5}
"""Bytes a tag has, by the format of the list."""
FORMAT_TAG_BYTES: Final = TAG_WIDTHS[2]
"""Bytes a tag has in the format that is written."""
DISPUTED: Final = 1
"""The one flag there is: somebody has told the list's source that the entry is wrong. It matches all the same."""
_EPOCH: Final = date(1970, 1, 1)
FIRST_DAY: Final = date(1970, 1, 2)
LAST_DAY: Final = _EPOCH + timedelta(days=0xFFFF)


class Tag(NamedTuple):
    """`category`, `source`: places in the manifest's texts. `added`: a day from `FIRST_DAY` to `LAST_DAY`."""

    category: int
    source: int
    added: date | None = None
    disputed: bool = False

    def encode(self) -> bytes:
        """The tag's bytes in format 2."""
        return bytes((self.category, self.source)) + day_number(self.added).to_bytes(2, "little") + bytes((self.flags,))

    @property
    def flags(self) -> int:
        """The flags, one byte."""
        return DISPUTED if self.disputed else 0

    @classmethod
    def decode(cls, data: bytes | memoryview) -> Tag:
        """From 2 bytes or from 5; flags of a later version were refused when the list was opened."""
        if len(data) == TAG_WIDTHS[1]:
            return cls(data[0], data[1])
        return cls(data[0], data[1], day_of(int.from_bytes(data[2:4], "little")), bool(data[4] & DISPUTED))


def day_number(day: date | None) -> int:
    """A day as u16, 0 for none. Raises `ValueError` for one outside `FIRST_DAY`..`LAST_DAY`."""
    if day is None:
        return 0
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(f"a day is in {FIRST_DAY}..{LAST_DAY}, not {day}")
    return (day - _EPOCH).days


def day_of(number: int) -> date | None:
    """The day that `day_number` gave this number."""
    return _EPOCH + timedelta(days=number) if number else None
