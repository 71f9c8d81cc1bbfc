"""What stands in the log for a list that was published: one line of JSON, for people and for programs."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, cast

from foreseal_client.transparency.merkle import leaf_hash

__all__ = ["MAX_ENTRY_BYTES", "EntryRefused", "LoggedList", "Share"]

FORMAT: Final = 1
MAX_ENTRY_BYTES: Final = 1024 * 1024
"""Longest entry that is read: a list may have 256 categories from 256 sources each."""
_MAX_ENDORSERS: Final = 256
_MOST: Final = 2**53
_MAX_TEXT: Final = 120
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


class EntryRefused(Exception):
    """An entry of the log cannot be read. It says nothing about any list; the log's operator has to answer for it."""


@dataclass(frozen=True, slots=True)
class Share:
    """How many entries of a list one source contributed to one category."""

    category: str
    source: str
    entries: int


@dataclass(frozen=True, slots=True)
class LoggedList:
    """A version of a list as it was published. `digest`: the list's own, 64 hex digits; `kinds`: hashes of each kind;
    `shares`: in the order of category and source; `endorsers`: id (64 hex digits) of each key that signed, and the
    name that it goes by; `logged`: seconds since 1970, by the log's clock."""

    name: str
    version: str
    made: date
    purpose: str
    digest: str
    entries: int
    kinds: Mapping[str, int]
    shares: tuple[Share, ...]
    endorsers: Mapping[str, str]
    logged: int

    def encode(self) -> bytes:
        """The bytes that the log is made of. There is one way to write an entry."""
        fields = {
            "format": FORMAT,
            "name": self.name,
            "version": self.version,
            "made": self.made.isoformat(),
            "purpose": self.purpose,
            "digest": self.digest,
            "entries": self.entries,
            "kinds": dict(self.kinds),
            "shares": [[share.category, share.source, share.entries] for share in self.shares],
            "endorsers": dict(self.endorsers),
            "logged": self.logged,
        }
        return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")

    @property
    def leaf(self) -> bytes:
        """Its hash in the log's tree."""
        return leaf_hash(self.encode())

    def says_the_same_as(self, other: LoggedList) -> bool:
        """Whether both speak of the same list by the same endorsers, whenever they were logged."""
        return self._told == other._told

    @property
    def _told(self) -> tuple[object, ...]:
        told = (self.name, self.version, self.made, self.purpose, self.digest, self.entries, self.shares)
        return (*told, sorted(self.kinds.items()), sorted(self.endorsers.items()))

    @staticmethod
    def decode(encoded: bytes) -> LoggedList:
        """An entry from its bytes. Raises `EntryRefused` for anything that `encode` would not have written."""
        if len(encoded) > MAX_ENTRY_BYTES:
            raise EntryRefused(f"An entry of the log is longer than {MAX_ENTRY_BYTES} bytes.")
        try:
            found = _checked(json.loads(encoded))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise EntryRefused("An entry of the log cannot be read.") from error
        if found.encode() != encoded:
            raise EntryRefused("An entry of the log is not in the one form that entries have.")
        return found


def _checked(fields: dict[str, object]) -> LoggedList:
    """Raises `KeyError`, `TypeError` or `ValueError`."""
    if fields["format"] != FORMAT:
        raise ValueError("format")
    endorsers = {_text(key, _DIGEST): _text(name) for key, name in _named(fields["endorsers"]).items()}
    if len(endorsers) > _MAX_ENDORSERS:
        raise ValueError("endorsers")
    return LoggedList(
        name=_text(fields["name"]),
        version=_text(fields["version"]),
        made=date.fromisoformat(_text(fields["made"])),
        purpose=_text(fields["purpose"]),
        digest=_text(fields["digest"], _DIGEST),
        entries=_number(fields["entries"]),
        kinds={_text(kind): _number(count) for kind, count in _named(fields["kinds"]).items()},
        shares=_shares(fields["shares"]),
        endorsers=endorsers,
        logged=_number(fields["logged"]),
    )


def _shares(value: object) -> tuple[Share, ...]:
    if not isinstance(value, list):
        raise TypeError("shares")
    found = tuple(Share(_text(category), _text(source), _number(count)) for category, source, count in value)
    names = [(share.category, share.source) for share in found]
    if names != sorted(set(names)):
        raise ValueError("shares")
    return found


def _text(value: object, shape: re.Pattern[str] | None = None) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= _MAX_TEXT or not value.isprintable():
        raise ValueError("text")
    if shape is not None and not shape.fullmatch(value):
        raise ValueError("text")
    return value


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < _MOST:
        raise ValueError("number")
    return value


def _named(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise TypeError("named")
    return cast("dict[str, object]", value)
