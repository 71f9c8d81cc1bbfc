"""Whether a ledger is whole, as this device has it or as a file that was exported, without the device.

An export is a file of lines of JSON: `{"hash": ..., "line": ...}` for each line and `{"end": {"lines": ..., "hash":
...}}` at its end. What is found is a value, and the first fault is named. **A chain that was written anew from some
line on holds together as well as the true one**: only a head that the person noted elsewhere tells the two apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum

import msgspec

from foreseal_client.ledger.chain import BEGINNING, Head, Link, hash_of
from foreseal_client.ledger.lines import Erased, Line, read_line

__all__ = ["Fault", "Finding", "exported", "verify_export", "verify_links"]


class Fault(StrEnum):
    """What is wrong with a ledger."""

    ALTERED = "altered"
    """A line is not the one that its hash was made of."""
    CUT_OUT = "cut-out"
    """Lines are missing before this one."""
    OUT_OF_ORDER = "out-of-order"
    """A line stands where an earlier one belongs, or stands there twice."""
    REPLACED = "replaced"
    """A line holds by itself and does not follow from the one before it."""
    CUT_OFF = "cut-off"
    """Lines are missing at the end."""
    ADDED = "added"
    """Something stands after the end."""
    REWRITTEN = "rewritten"
    """The line that was noted is not there: another stands in its place."""
    ERASED_SINCE = "erased-since"
    """The ledger says that it was erased; what was noted may have been before that."""


class Finding(msgspec.Struct, frozen=True):
    """What verifying found. `head`: as far as it holds; `fault`: the first, `None` where it is whole; `line`: the
    number of the line that it was found at, counted as they stand. `noted`: whether a head that was noted was found."""

    head: Head
    fault: Fault | None = None
    line: int = 0
    noted: bool = False


class _Exported(msgspec.Struct, frozen=True):
    hash: str
    line: msgspec.Raw


class _End(msgspec.Struct, frozen=True):
    end: Head


_entry, _end = msgspec.json.Decoder(_Exported), msgspec.json.Decoder(_End)
_NO_LINE = Link(b"", "")


def exported(links: Iterable[Link]) -> Iterator[bytes]:
    """A ledger as the lines of a file, each with its newline."""
    head = BEGINNING
    for link in links:
        head = Head(head.lines + 1, link.hash)
        yield _spelled(link)
    yield msgspec.json.encode(_End(head)) + b"\n"


def verify_links(links: Iterable[Link], noted: Head | None = None) -> Finding:
    """What the lines say that a device keeps; those behind a fault are not judged. `noted`: a head of this ledger that
    the person wrote down, today or earlier."""
    walk = _Walk(noted)
    return walk.through(iter(links)) or walk.at_the_end()


def verify_export(lines: Iterable[bytes], noted: Head | None = None) -> Finding:
    """What an exported file says, read line by line, each with its newline. `noted`: as above."""
    walk, remaining, ends = _Walk(noted), iter(lines), list[Head]()
    broken = walk.through(_links(remaining, ends))
    if broken is not None:
        return broken
    head = walk.head
    if not ends or ends[0].lines > head.lines:
        return Finding(head, Fault.CUT_OFF, head.lines + 1)
    if ends[0] != head:
        return Finding(head, Fault.ALTERED, head.lines + 1)
    if next(remaining, None) is not None:
        return Finding(head, Fault.ADDED, head.lines + 2)
    return walk.at_the_end()


class _Walk:
    """Goes along a ledger, and knows how far it held."""

    def __init__(self, noted: Head | None) -> None:
        self.head = BEGINNING
        self._noted = noted
        self._met: str | None = BEGINNING.hash if noted is not None and noted.lines == 0 else None
        self._erased = False

    def through(self, links: Iterator[Link]) -> Finding | None:
        """To the end, or to the first fault."""
        for link in links:
            line, at = read_line(link.spelled), self.head.lines + 1
            if line is None or hash_of(link.spelled) != link.hash:
                return Finding(self.head, Fault.ALTERED, at)
            fault = self._fault(line, links)
            if fault is not None:
                return Finding(self.head, fault, at)
            self.head = Head(at, link.hash)
            self._erased |= isinstance(line.said, Erased)
            if self._noted is not None and self._noted.lines == at:
                self._met = link.hash
        return None

    def at_the_end(self) -> Finding:
        """All of it held: what a head says that was noted."""
        noted = self._noted
        if noted is None:
            return Finding(self.head)
        if self._met == noted.hash:
            return Finding(self.head, noted=True)
        if self._erased:
            return Finding(self.head, Fault.ERASED_SINCE, min(noted.lines, self.head.lines))
        if self._met is None:
            return Finding(self.head, Fault.CUT_OFF, self.head.lines + 1)
        return Finding(self.head, Fault.REWRITTEN, noted.lines)

    def _fault(self, line: Line, after: Iterator[Link]) -> Fault | None:
        wanted = self.head.lines + 1
        if line.number < wanted:
            return Fault.OUT_OF_ORDER
        if line.number > wanted:
            later = (read_line(link.spelled) for link in after)
            found = any(one is not None and one.number == wanted for one in later)
            return Fault.OUT_OF_ORDER if found else Fault.CUT_OUT
        return None if line.before == self.head.hash else Fault.REPLACED


def _links(lines: Iterator[bytes], ends: list[Head]) -> Iterator[Link]:
    """The links of a file up to its end, which is put into `ends`."""
    for line in lines:
        end = _read(_end, line)
        if isinstance(end, _End) and msgspec.json.encode(end) + b"\n" == line:
            ends.append(end.end)
            return
        found = _read(_entry, line)
        link = Link(bytes(found.line), found.hash) if isinstance(found, _Exported) else _NO_LINE
        yield link if _spelled(link) == line else _NO_LINE


def _spelled(link: Link) -> bytes:
    return msgspec.json.encode(_Exported(link.hash, msgspec.Raw(link.spelled))) + b"\n"


def _read(
    decoder: msgspec.json.Decoder[_Exported] | msgspec.json.Decoder[_End], line: bytes
) -> _Exported | _End | None:
    try:
        return decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
