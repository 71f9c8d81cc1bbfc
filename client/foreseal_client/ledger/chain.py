"""How lines hang together: each names the hash of the one before it (SHA-256, with a label of our own)."""

from __future__ import annotations

import hashlib
import re
from datetime import date
from typing import Final

import msgspec

from foreseal_client.errors import ClientError
from foreseal_client.ledger.lines import Line, Said, canonical

__all__ = ["BEGINNING", "Head", "HeadError", "Link", "follow_on", "hash_of", "parse_head"]

_LABEL: Final = b"foreseal:ledger:line:1\n"
_HEAD: Final = re.compile(r"(0|[1-9][0-9]{0,11}):([0-9a-f]{64})", re.ASCII)


class HeadError(ClientError):
    """This is no head of a ledger: a number, a colon and 64 hex digits, as `foreseal profile ledger verify` prints it.
    Copy it whole and try again."""

    def __init__(self) -> None:
        super().__init__(" ".join((type(self).__doc__ or "").split()).replace("`", ""))


class Head(msgspec.Struct, frozen=True):
    """Where a ledger stands: how many lines, and the hash of the last (64 hex digits). Whoever noted one can tell
    later that the lines up to it are those that were there."""

    lines: int
    hash: str

    def __str__(self) -> str:
        return f"{self.lines}:{self.hash}"


class Link(msgspec.Struct, frozen=True):
    """A line as it is kept: its exact bytes and their hash."""

    spelled: bytes
    hash: str


BEGINNING: Final = Head(0, "0" * 64)
"""The head of a ledger without lines."""


def follow_on(head: Head, said: Said, day: date) -> tuple[Link, Head]:
    """The next line after `head`, and the head that it makes."""
    spelled = canonical(Line(head.lines + 1, day.isoformat(), head.hash, said))
    link = Link(spelled, hash_of(spelled))
    return link, Head(head.lines + 1, link.hash)


def hash_of(spelled: bytes) -> str:
    """The hash of a line, 64 hex digits."""
    return hashlib.sha256(_LABEL + spelled).hexdigest()


def parse_head(text: str) -> Head:
    """A head as it was noted. Raises `HeadError`."""
    found = _HEAD.fullmatch(text.strip())
    if found is None:
        raise HeadError
    return Head(int(found[1]), found[2])
