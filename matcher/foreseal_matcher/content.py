"""What can be screened, and how much of it the matcher is willing to look at.

A *content* is whatever a person sends or receives (a draft, an opened letter). It shows the matcher its *items*;
each item is bytes with a name. What an item is (a picture, a file) is decided by its bytes and never by its name.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import BinaryIO, Final, Protocol

__all__ = [
    "MAX_ANIMATION_PIXELS",
    "MAX_EXIF_SEGMENTS",
    "MAX_FILLING",
    "MAX_FRAMES",
    "MAX_GIF_READS",
    "MAX_LINKS",
    "MAX_METADATA",
    "MAX_PICTURE_BYTES",
    "MAX_PIXELS",
    "MAX_READS",
    "MAX_SCANS",
    "MAX_SEGMENTS",
    "MAX_TABLES",
    "MIN_SIDE",
    "Bytes",
    "Content",
    "Item",
    "Looks",
    "OneItem",
    "Written",
]

MAX_PICTURE_BYTES: Final = 64 * 1024 * 1024
"""Longest file, in bytes, that is decoded as a picture."""
MAX_PIXELS: Final = 64_000_000
"""Most pixels (width times height) that are decoded: a bomb of a few kilobytes can claim billions."""
MIN_SIDE: Final = 16
"""Fewest pixels a side: under this there is nothing for a 64x64 fingerprint to see."""
MAX_FRAMES: Final = 32
"""Frames of an animation that are looked at. One with more is `Unreadable` unless an early frame matches."""
MAX_ANIMATION_PIXELS: Final = 4 * MAX_PIXELS
"""Most pixels that are decoded over all frames of an animation together."""
MAX_LINKS: Final = 1000
"""Links in one text that are looked up. A text with more is `Unreadable` unless an early link matches."""
MAX_SCANS: Final = 100
"""Passes over the picture a progressive JPEG may hold. Encoders write about ten; each costs a whole decode."""
MAX_SEGMENTS: Final = 10_000
"""Parts a JPEG's picture may be cut into. Cameras write some dozens; each costs a step before anything is decoded."""
MAX_METADATA: Final = 8 * 1024 * 1024
"""Bytes of a JPEG's application segments (EXIF, XMP, colour profile and the like) and comments. Telephones write up
to a few million; all of it is read before anything is decoded."""
MAX_TABLES: Final = 256 * 1024
"""Bytes of all other segments in front of a JPEG's picture. Its own tables take some hundred bytes."""
MAX_EXIF_SEGMENTS: Final = 64
"""Segments that a JPEG's EXIF block may be in. Cameras write one; each further one costs a copy of those before."""
MAX_FILLING: Final = 64 * 1024
"""Bytes in front of a JPEG's picture that belong to no segment. Cameras write a few; each costs a step."""
MAX_READS: Final = 100_000
"""Reads that a picture's file may take. A PNG of 64 MiB in chunks of 4 KiB, which is small for one, takes 49,000."""
MAX_GIF_READS: Final = 600_000
"""The same for a GIF, which is cut into blocks of 255 bytes at most: one of 64 MiB takes 530,000."""


class Looks(StrEnum):
    """How thoroughly a picture is looked at. In this order each finds all that the one before it does."""

    PLAIN = "plain"
    """The picture as it is."""
    QUICK = "quick"
    """Also mirrored and turned by quarters, and without a border of one colour."""
    FULL = "full"
    """Also without bars and screens, continued where it may have been cropped, and turned by a few degrees."""


class Item(Protocol):
    """One thing inside a content: bytes that can be opened again and again, and always the same."""

    @property
    def name(self) -> str:
        """The name its sender gave it. Shown, never believed."""

    @property
    def size(self) -> int:
        """Length in bytes."""

    @property
    def sha256(self) -> bytes:
        """SHA-256 of the bytes, 32 bytes long."""

    def open(self) -> BinaryIO:
        """A new reader at the first byte."""


class Content(Protocol):
    """What a person is about to send, or was sent."""

    @property
    def text(self) -> str:
        """What is written in it, of which links are matched against a list and nothing else. May be empty."""

    @property
    def items(self) -> Sequence[Item]:
        """The things in it that can be matched against a list, in the order shown."""

    @property
    def digest(self) -> bytes:
        """SHA-256 over everything in it, text and items: what a verdict is bound to. 32 bytes."""


class OneItem:
    """What an item says of itself when it is a content too: a content of itself alone."""

    __slots__ = ()

    @property
    def text(self) -> str:
        """Nothing: what a file says inside is not read."""
        return ""

    @property
    def items(self: Item) -> Sequence[Item]:
        """Itself alone."""
        return (self,)

    @property
    def digest(self: Item) -> bytes:
        """The SHA-256 of the bytes."""
        return self.sha256


@dataclass(frozen=True, slots=True)
class Bytes(OneItem):
    """An item, and a content of one item, held in memory."""

    data: bytes
    name: str = ""
    sha256: bytes = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sha256", hashlib.sha256(self.data).digest())

    @property
    def size(self) -> int:
        """Length in bytes."""
        return len(self.data)

    def open(self) -> BinaryIO:
        """A new reader at the first byte."""
        return io.BytesIO(self.data)


@dataclass(frozen=True, slots=True)
class Written:
    """A content of text alone."""

    text: str

    @property
    def items(self) -> Sequence[Item]:
        """None."""
        return ()

    @property
    def digest(self) -> bytes:
        """The SHA-256 of the text in UTF-8."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).digest()
