"""Bytes as they come, cut into lines of bounded length. No I/O."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

__all__ = ["MAX_LINE", "Lines", "TooLong"]

MAX_LINE: Final = 16 * 1024 * 1024
"""Longest request, in bytes: a file of twelve million bytes brought along. Larger ones are named by path."""


class TooLong:
    """A line longer than `MAX_LINE` was let go of, up to its end."""


class Lines:
    """Holds at most one line that has not come to its end."""

    def __init__(self, longest: int = MAX_LINE) -> None:
        self._longest = longest
        self._begun = bytearray()
        self._skipping = False

    def feed(self, piece: bytes) -> Iterator[bytes | TooLong]:
        """The lines that this piece ends, without their ends; empty ones are left out."""
        *ended, rest = piece.split(b"\n")
        for part in ended:
            line, self._begun = bytes(self._begun) + part, bytearray()
            too_long, self._skipping = self._skipping or len(line) > self._longest, False
            if too_long:
                yield TooLong()
            elif line.strip():
                yield line
        if self._skipping:
            return
        self._begun += rest
        if len(self._begun) > self._longest:
            self._begun, self._skipping = bytearray(), True

    def end(self) -> Iterator[bytes | TooLong]:
        """What stands behind the last line's end, as a line of its own."""
        yield from self.feed(b"\n")
