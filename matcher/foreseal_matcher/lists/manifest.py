"""`list.json`: what a list says about itself, and the digests that hold its columns to it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, cast

from foreseal_matcher.errors import ListUnusable
from foreseal_matcher.lists.entries import Purpose
from foreseal_matcher.lists.kinds import parts_of
from foreseal_matcher.verdict import Reason

__all__ = [
    "FORMAT",
    "MANIFEST",
    "MAX_TAGS",
    "NONE_WITHDRAWN",
    "Column",
    "Manifest",
    "Withdrawn",
    "content_digest",
    "index_name",
]

FORMAT: Final = 2
"""The format that lists are written in. Format 1, of the first version, is still read."""
_READ: Final = (1, 2)
MANIFEST: Final = "list.json"
MAX_TAGS: Final = 256
"""Categories, and sources, that one list may have: each is told by one byte."""
MAX_VALID_DAYS: Final = 3650
MAX_COUNT: Final = 2**32
MAX_TEXT: Final = 120
MAX_BYTES: Final = 1024 * 1024
_FOLDER: Final = re.compile(r"columns-[0-9a-f]{16}(-\d{1,4})?")
_KIND: Final = re.compile(r"[a-z][a-z0-9]{0,15}")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Column:
    """One kind's share of a list. `digests`: SHA-256 in hex of each of its files, in the order of `parts_of`."""

    count: int
    digests: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """How many records of withdrawn entries a list carries, and the SHA-256 of their file in hex."""

    count: int
    digest: str


NONE_WITHDRAWN: Final = Withdrawn(0, hashlib.sha256(b"").hexdigest())
"""A list without such records; it has no file for them."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a list says about itself. `entries`: how many different ids it has. `folder`: where its columns are. The
    list is stale `valid_days` after `date`. `digest`: SHA-256 over all of it but `folder`, columns included by their
    digests and fields of later versions too, 64 hex digits: what a list can be pinned by. Known once it was
    decoded."""

    name: str
    version: str
    date: date
    valid_days: int
    purpose: Purpose
    sources: tuple[str, ...]
    categories: tuple[str, ...]
    folder: str
    columns: Mapping[str, Column]
    entries: int
    withdrawn: Withdrawn = NONE_WITHDRAWN
    digest: str = ""
    format: int = FORMAT

    def encode(self) -> bytes:
        """The file's bytes, in the format that is written now."""
        fields: dict[str, object] = {
            "format": FORMAT,
            "name": self.name,
            "version": self.version,
            "date": self.date.isoformat(),
            "valid_days": self.valid_days,
            "purpose": self.purpose.value,
            "sources": list(self.sources),
            "categories": list(self.categories),
            "entries": self.entries,
            "folder": self.folder,
            "columns": {
                kind: {"count": column.count, "sha256": dict(zip(parts_of(kind), column.digests, strict=True))}
                for kind, column in self.columns.items()
            },
        }
        if self.withdrawn.count:
            fields["withdrawn"] = {"count": self.withdrawn.count, "sha256": self.withdrawn.digest}
        return json.dumps(fields | {"digest": _digest(fields)}, indent=1, ensure_ascii=True).encode() + b"\n"

    @staticmethod
    def decode(encoded: bytes) -> Manifest:
        """A manifest from the file's bytes. Raises `ListUnusable`."""
        if len(encoded) > MAX_BYTES:
            raise _damaged(f"{MANIFEST} is longer than {MAX_BYTES} bytes")
        try:
            fields = json.loads(encoded)
        except (ValueError, RecursionError) as error:
            raise _damaged(f"{MANIFEST} is not JSON: {error}") from error
        if not isinstance(fields, dict):
            raise _damaged(f"{MANIFEST} holds no fields")
        if fields.get("format") not in _READ:
            raise _damaged(f"this version reads formats up to {FORMAT}, the list has {fields.get('format')!r:.40}")
        digest = _digest(fields)
        if fields.pop("digest", None) != digest:
            raise _damaged(f"{MANIFEST} was edited: its digest does not fit")
        try:
            return _checked(fields, digest)
        except KeyError as error:
            raise _damaged(f"{MANIFEST} has no {error.args[0]}") from error
        except (TypeError, ValueError) as error:
            raise _damaged(f"{MANIFEST}: {error}") from error


def content_digest(columns: Mapping[str, Column], withdrawn: Withdrawn = NONE_WITHDRAWN) -> str:
    """A name for what the columns and the records of withdrawn entries hold: 16 hex digits."""
    text = "\n".join(f"{kind} {column.count} {' '.join(column.digests)}" for kind, column in sorted(columns.items()))
    if withdrawn.count:
        text += f"\nwithdrawn {withdrawn.count} {withdrawn.digest}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def index_name(kind: str) -> str:
    """The index of a column, beside it. It is made on the device and no part of the list."""
    return f"{kind}.index"


def _digest(fields: Mapping[str, object]) -> str:
    # Where the columns lie says nothing of the list; format 1 covered it all the same.
    left_out = ("digest",) if fields.get("format") == 1 else ("digest", "folder")
    covered = {name: value for name, value in fields.items() if name not in left_out}
    canonical = json.dumps(covered, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _damaged(detail: str) -> ListUnusable:
    return ListUnusable(Reason.LIST_DAMAGED, detail)


def _checked(fields: dict[str, object], digest: str) -> Manifest:
    """Raises `KeyError`, `TypeError` or `ValueError` where a field is absent or not as it must be."""
    columns = _columns(_named(fields, "columns"))
    rows = sum(column.count for column in columns.values())
    written_as = _number(fields, "format", 1, FORMAT)
    return Manifest(
        name=_text(fields, "name"),
        version=_text(fields, "version"),
        date=date.fromisoformat(_text(fields, "date")),
        valid_days=_number(fields, "valid_days", 1, MAX_VALID_DAYS),
        purpose=Purpose(_text(fields, "purpose")),
        sources=_texts(fields, "sources"),
        categories=_texts(fields, "categories"),
        folder=_text(fields, "folder", _FOLDER),
        columns=columns,
        entries=rows if written_as == 1 else _number(fields, "entries", 0, rows),
        withdrawn=_withdrawn(fields) if "withdrawn" in fields and written_as > 1 else NONE_WITHDRAWN,
        digest=digest,
        format=written_as,
    )


def _columns(fields: dict[str, object]) -> dict[str, Column]:
    columns = {}
    for kind in fields:
        if not _KIND.fullmatch(kind):
            raise ValueError(f"{kind[:40]!r} is not the name of a kind of hash")
        column = _named(fields, kind)
        digests = _named(column, "sha256")
        parts = tuple(_text(digests, part, _DIGEST) for part in parts_of(kind))
        columns[kind] = Column(_number(column, "count", 0, MAX_COUNT), parts)
    return columns


def _withdrawn(fields: dict[str, object]) -> Withdrawn:
    told = _named(fields, "withdrawn")
    return Withdrawn(_number(told, "count", 1, MAX_COUNT), _text(told, "sha256", _DIGEST))


def _text(fields: dict[str, object], name: str, shape: re.Pattern[str] | None = None) -> str:
    return _as_text(fields[name], name, shape)


def _as_text(value: object, name: str, shape: re.Pattern[str] | None = None) -> str:
    # `isprintable` also refuses the characters that turn the direction of writing: these texts are shown.
    if not isinstance(value, str) or not 0 < len(value) <= MAX_TEXT or not value.isprintable():
        raise ValueError(f"{name} must be 1..{MAX_TEXT} printable characters, not {str(value)[:40]!r}")
    if shape is not None and not shape.fullmatch(value):
        raise ValueError(f"{name} must have the form {shape.pattern}, not {value[:80]!r}")
    return value


def _texts(fields: dict[str, object], name: str) -> tuple[str, ...]:
    values = fields[name]
    if not isinstance(values, list) or len(values) > MAX_TAGS:
        raise TypeError(f"{name} must be a list of at most {MAX_TAGS} texts")
    return tuple(_as_text(value, name) for value in values)


def _number(fields: dict[str, object], name: str, least: int, most: int) -> int:
    value = fields[name]
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ValueError(f"{name} must be a whole number in {least}..{most}, not {str(value)[:40]}")
    return value


def _named(fields: dict[str, object], name: str) -> dict[str, object]:
    value = fields[name]
    if not isinstance(value, dict):
        raise TypeError(f"{name} must hold named fields")
    return cast("dict[str, object]", value)
