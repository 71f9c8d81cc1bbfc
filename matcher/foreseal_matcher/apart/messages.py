"""What a process apart says: messages of a kind and a body, one behind the other."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import IO, Final, NamedTuple

__all__ = ["END", "FRAME", "MAX_BODY", "REFUSED", "Frame", "Message", "Nonsense", "read_messages", "write_message"]

FRAME: Final = b"F"
"""A frame that was decoded: see `Frame`."""
REFUSED: Final = b"R"
"""Why no more follows: a name of `Reason`, a line feed, a detail."""
END: Final = b"E"
"""There is no more."""
MAX_BODY: Final = 2 * 1024 * 1024
"""Bytes of the longest body: a frame of 1024 x 1024 and a little more."""

_HEAD: Final = struct.Struct("<cI")
_FRAME: Final = struct.Struct("<IHHII")
_MAX_SIDE: Final = 1024


class Nonsense(Exception):
    """What came is no message: the process is not to be believed any more, and what it was given counts as damaged."""


class Message(NamedTuple):
    """One thing said. `kind`: one byte."""

    kind: bytes
    body: bytes


class Frame(NamedTuple):
    """A frame as luma 0..255, `rows` x `columns` bytes of 1..1024 each, that had `full` rows and columns before it was
    reduced. `time_ms`: from the film's first frame."""

    time_ms: int
    rows: int
    columns: int
    full: tuple[int, int]
    luma: bytes

    def encode(self) -> bytes:
        """The body of its message."""
        return _FRAME.pack(self.time_ms, self.rows, self.columns, *self.full) + self.luma

    @classmethod
    def decode(cls, body: bytes) -> Frame:
        """A frame from a body. Raises `Nonsense`."""
        if len(body) < _FRAME.size:
            raise Nonsense("a frame that is cut off")
        time_ms, rows, columns, *full = _FRAME.unpack_from(body)
        fits = 1 <= rows <= min(_MAX_SIDE, full[0]) and 1 <= columns <= min(_MAX_SIDE, full[1])
        if not fits or len(body) != _FRAME.size + rows * columns:
            raise Nonsense("a frame with a size that no frame has")
        return cls(time_ms, rows, columns, (full[0], full[1]), body[_FRAME.size :])


def write_message(to: IO[bytes], kind: bytes, body: bytes = b"") -> None:
    """Says one thing. Raises `OSError` where nobody listens any more."""
    to.write(_HEAD.pack(kind, len(body)) + body)
    to.flush()


def read_messages(source: IO[bytes]) -> Iterator[Message]:
    """Everything that is said until the other side stops. Raises `Nonsense`."""
    while head := source.read(_HEAD.size):
        if len(head) < _HEAD.size:
            raise Nonsense("a message that is cut off")
        kind, length = _HEAD.unpack(head)
        if length > MAX_BODY:
            raise Nonsense("a message that is longer than any")
        body = source.read(length)
        if len(body) < length:
            raise Nonsense("a message that is cut off")
        yield Message(kind, body)
