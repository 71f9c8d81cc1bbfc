"""XML in the shape of version 2 of NCMEC's hash sharing interface: entries of images and videos with fingerprints.

Read by expat as it comes, without a tree. Whatever declares a document type or an entity is refused before anything in
it is expanded: such documents need neither, and expansions are how a small file becomes an endless one.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from typing import IO, Any, Final
from xml.parsers import expat

from foreseal_matcher.lists.importing.records import Malformed, Record, day, hash_of

__all__ = ["ncmec_records"]

_CHUNK: Final = 64 * 1024
_MOST_TEXT: Final = 64 * 1024
_MOST_TAG: Final = 1024 * 1024
_MOST_DEPTH: Final = 32
_ENTRIES: Final = {"image", "video"}
_GONE: Final = {"deletedImage", "deletedVideo"}
_HASHES: Final = {"md5": "md5", "sha1": "sha1", "sha256": "sha256", "pdq": "pdq"}
_WORDS: Final = {"member", "classification", "timestamp"}


def ncmec_records(file: IO[str], skipped: Counter[str], kind: str | None) -> Iterator[Record]:
    """A record for each image or video: its category is its classification, its source the member that shared it, its
    day that of its timestamp. Other fingerprints (PhotoDNA, TMK), entries without one that can be matched, and those
    told to be deleted are counted and passed over."""
    document = _Document(skipped)
    while chunk := file.read(_CHUNK):
        document.feed(chunk)
        yield from document.taken()
    document.feed("", last=True)
    yield from document.taken()


class _Document:
    """An XML document on its way in."""

    def __init__(self, skipped: Counter[str]) -> None:
        self._skipped = skipped
        self._open: list[str] = []
        self._text = ""
        self._fields: dict[str, str] = {}
        self._hashes: list[tuple[str, bytes]] = []
        self._count = 0
        self._fed = 0
        self._ready: deque[Record] = deque()
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = _refuse
        self._parser.EntityDeclHandler = _refuse
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters

    def feed(self, chunk: str, *, last: bool = False) -> None:
        encoded = chunk.encode("utf-8", "surrogateescape")
        try:
            self._parser.Parse(encoded, last)
        except expat.ExpatError as error:
            raise Malformed(f"line {error.lineno}: is not XML: {expat.ErrorString(error.code)}") from error
        except Malformed as problem:
            raise Malformed(f"line {self._parser.CurrentLineNumber}: {problem}") from problem
        except (LookupError, ValueError) as error:
            # Of an encoding that Python does not know, or has no table of 256 signs for.
            raise Malformed("line 1: declares an encoding that cannot be read; save it as UTF-8") from error
        self._fed += len(encoded)
        # Tags, comments and the like are held until they end, and gone through again with each piece of them.
        if self._fed - max(0, self._parser.CurrentByteIndex) > _MOST_TAG:
            raise Malformed(f"line {self._parser.CurrentLineNumber}: has a tag of more than {_MOST_TAG} bytes")

    def taken(self) -> Iterator[Record]:
        while self._ready:
            yield self._ready.popleft()

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        if len(self._open) == _MOST_DEPTH:
            raise Malformed("is nested too deeply")
        local = name.rpartition(" ")[2]
        if local in _ENTRIES:
            self._fields, self._hashes = {}, []
        self._open.append(local)
        self._text = ""

    def _characters(self, text: str) -> None:
        if len(self._text) + len(text) > _MOST_TEXT:
            raise Malformed(f"has a text of more than {_MOST_TEXT} characters")
        self._text += text

    def _end(self, _name: str) -> None:
        local = self._open.pop()
        text, self._text = self._text.strip(), ""
        inside = self._open[-1] if self._open else ""
        if inside == "fingerprints" and text:
            if local in _HASHES:
                self._hashes.append((_HASHES[local], hash_of(_HASHES[local], text)))
            else:
                self._skipped[local[:40]] += 1
        elif inside in _ENTRIES and local in _WORDS:
            self._fields[local] = text
        elif local in _GONE:
            self._skipped["deleted"] += 1
        elif local in _ENTRIES:
            self._entry()

    def _entry(self) -> None:
        self._count += 1
        if not self._hashes:
            self._skipped["entries without a fingerprint"] += 1
            return
        told = self._fields
        added = day(told["timestamp"]) if told.get("timestamp") else None
        self._ready.append(
            Record(
                f"record {self._count}",
                tuple(self._hashes),
                told.get("classification") or None,
                told.get("member") or None,
                added,
            )
        )


def _refuse(*_told: Any) -> None:
    raise Malformed("declares a document type or an entity, which such files do not need")
