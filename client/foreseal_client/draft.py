"""What a person writes (`Draft`) and what arrived (`Opened`). Frozen: what was checked is what is sealed, or shown."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from foreseal_matcher.content import Item

__all__ = ["MAX_ATTACHMENTS", "MAX_NAME", "MAX_TEXT", "Draft", "Opened", "digest_of", "name_of"]

MAX_TEXT: Final = 30_000
"""Longest text of one message, in UTF-8 bytes: it has to fit into the largest envelope."""
MAX_ATTACHMENTS: Final = 8
MAX_NAME: Final = 255
"""Longest name of an attachment, in characters."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A message before it is checked.

    Raises `ValueError` when the text is longer than `MAX_TEXT` bytes or there are more than `MAX_ATTACHMENTS`.
    """

    text: str = ""
    attachments: tuple[Item, ...] = ()

    def __post_init__(self) -> None:
        size = len(self.text.encode("utf-8", "surrogatepass"))
        if size > MAX_TEXT:
            raise ValueError(f"A message holds at most {MAX_TEXT} bytes of text; this one has {size}. Shorten it.")
        if len(self.attachments) > MAX_ATTACHMENTS:
            raise ValueError(f"A message holds at most {MAX_ATTACHMENTS} files; this one has {len(self.attachments)}.")

    @property
    def items(self) -> Sequence[Item]:
        """The attachments."""
        return self.attachments

    @property
    def digest(self) -> bytes:
        """SHA-256 over text and attachments, 32 bytes."""
        return digest_of(self.text, self.attachments)


@dataclass(frozen=True, slots=True)
class Opened:
    """A message that arrived and was opened, before it is checked. `sender`: the contact's identity key, 32 bytes.
    `sent_at`: seconds since 1970 as the sender's clock told it."""

    sender: bytes
    eid: bytes
    text: str
    attachments: tuple[Item, ...]
    sent_at: int

    @property
    def items(self) -> Sequence[Item]:
        """The attachments."""
        return self.attachments

    @property
    def digest(self) -> bytes:
        """SHA-256 over text and attachments, 32 bytes."""
        return digest_of(self.text, self.attachments)


def name_of(path: Path) -> str:
    """A file's name as text, at most `MAX_NAME` characters: names on a disk need not be UTF-8, and names in a letter
    have to be."""
    return os.fsencode(path.name).decode("utf-8", "replace")[:MAX_NAME]


def digest_of(text: str, items: Sequence[Item]) -> bytes:
    """SHA-256 over the text's SHA-256 and each item's, so that no two contents share one by moving a boundary."""
    parts = [hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest(), *(item.sha256 for item in items)]
    return hashlib.sha256(b"foreseal/1 content\x00" + b"".join(parts)).digest()
