"""What one record of an imported file says, and the words and hashes in it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import IO, Final

from foreseal_matcher.lists.entries import ListedHash
from foreseal_matcher.lists.kinds import KINDS
from foreseal_matcher.verdict import Entry

__all__ = ["Malformed", "Record", "day", "hash_of", "lines_of", "rows_of"]

_MOST_CHARACTERS: Final = 64 * 1024
"""In one line: a longer one is no line of hashes, and a file without line ends would fill the memory."""
_FIRST: Final = ("sha256", "sha1", "md5", *(kind for kind in KINDS if kind not in ("sha256", "sha1", "md5")))
"""The order in which a record's hashes are asked for what names its entry."""


class Malformed(ValueError):
    """A record is not as its format says. Turned into `ListNotWritten` with file and place by who reads the file."""


@dataclass(frozen=True, slots=True)
class Record:
    """One entry as a file tells it. `place`: "line 3" or "record 3". `hashes`: kind and value. What is None, the
    importer's options say. `id`: where the file gives one."""

    place: str
    hashes: tuple[tuple[str, bytes], ...]
    category: str | None = None
    source: str | None = None
    added: date | None = None
    disputed: bool = False
    id: int | None = None
    time_ms: int = 0


def hash_of(kind: str, text: str) -> bytes:
    """A hash from hex digits. Raises `Malformed` where they are not as many as the kind has."""
    digits = 2 * KINDS[kind].width
    if not re.fullmatch(rf"[0-9a-fA-F]{{{digits}}}", text):
        raise Malformed(f"{text[:80]!r} is not a {kind} of {digits} hex digits")
    return bytes.fromhex(text)


def day(text: str) -> date:
    """The day of an ISO date or time. Raises `Malformed`."""
    try:
        return date.fromisoformat(text[:10])
    except ValueError as error:
        raise Malformed(f"{text[:40]!r} is not a date like 2026-11-22") from error


def lines_of(file: IO[str]) -> Iterator[str]:
    """The lines of a text. Raises `Malformed` for one that does not end."""
    number = 0
    while line := file.readline(_MOST_CHARACTERS):
        number += 1
        if len(line) == _MOST_CHARACTERS:
            raise Malformed(f"line {number}: has more than {_MOST_CHARACTERS} characters")
        yield line


def rows_of(records: Iterable[Record], *, category: str, source: str) -> Iterator[ListedHash]:
    """The rows of a list that these records make. An entry that came without an id gets one from what it is: the same
    record gets the same id in every import, so that two versions of a list differ by what changed."""
    for record in records:
        said = (record.category or category, record.source or source, record.added)
        id = _id(said, record) if record.id is None else record.id
        for kind, value in record.hashes:
            yield ListedHash(Entry(id, kind, *said, record.disputed), value, record.time_ms if kind == "film" else 0)


def _id(said: tuple[object, ...], record: Record) -> int:
    kind, value = min(record.hashes, key=lambda hashed: (_FIRST.index(hashed[0]), hashed[1]))
    named = "\x00".join((*map(str, said), kind)).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.sha256(named + b"\x00" + value).digest()[:8])
