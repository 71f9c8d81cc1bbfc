"""What a person writes (`Draft`) and what arrived (`Opened`). Frozen: what was checked is what is sealed, or shown."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from foreseal_matcher.content import Item

__all__ = [
    "MAX_ATTACHMENT",
    "MAX_ATTACHMENTS",
    "MAX_NAME",
    "MAX_TEXT",
    "Draft",
    "Opened",
    "demand_regular",
    "digest_of",
    "name_of",
]

MAX_TEXT: Final = 30_000
"""Longest text of one message, in UTF-8 bytes: it has to fit into the largest envelope."""
MAX_ATTACHMENTS: Final = 8
MAX_ATTACHMENT: Final = 100 * 1024 * 1024
"""Longest attachment in bytes. Padded and sealed it still fits into a blob."""
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
        try:
            size = len(self.text.encode())
        except UnicodeEncodeError as fault:
            raise ValueError("This text holds a character that has no meaning in any writing. Remove it.") from fault
        if size > MAX_TEXT:
            raise ValueError(f"A message holds at most {MAX_TEXT} bytes of text; this one has {size}. Shorten it.")
        if len(self.attachments) > MAX_ATTACHMENTS:
            raise ValueError(f"A message holds at most {MAX_ATTACHMENTS} files; this one has {len(self.attachments)}.")
        if any(len(item.name) > MAX_NAME for item in self.attachments):
            raise ValueError(f"The name of a file has at most {MAX_NAME} characters. Rename it.")
        if any(item.size > MAX_ATTACHMENT for item in self.attachments):
            raise ValueError(f"An attachment holds at most {MAX_ATTACHMENT >> 20} MB. Choose a smaller file.")

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


def demand_regular(path: Path) -> None:
    """Raises `ValueError` for what is no file that could be attached: a pipe that would never end, a device that
    would never be empty, or more than `MAX_ATTACHMENT` bytes. Raises `OSError` when it cannot be looked at."""
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise ValueError("This is no ordinary file. Choose one.")
    if found.st_size > MAX_ATTACHMENT:
        raise ValueError(f"An attachment holds at most {MAX_ATTACHMENT >> 20} MB. Choose a smaller file.")


def digest_of(text: str, items: Sequence[Item]) -> bytes:
    """SHA-256 over the text's SHA-256 and each item's, so that no two contents share one by moving a boundary."""
    parts = [hashlib.sha256(text.encode()).digest(), *(item.sha256 for item in items)]
    return hashlib.sha256(b"foreseal/1 content\x00" + b"".join(parts)).digest()
