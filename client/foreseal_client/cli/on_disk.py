"""A file on this machine as the matcher sees it: an item, and a content of one item."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from foreseal_matcher.content import MAX_PICTURE_BYTES, OneItem
from foreseal_matcher.film_limits import MAX_FILM_BYTES

__all__ = ["OnDisk"]


@dataclass(frozen=True, slots=True)
class OnDisk(OneItem):
    """A file as it was when `of` hashed it. Should it change before it is screened, the check says so."""

    path: Path
    size: int
    sha256: bytes

    @classmethod
    def of(cls, path: Path) -> OnDisk:
        """The file at `path`, hashed without holding it in memory. Raises `OSError`, also for what is no file: a pipe
        or a device may have no end."""
        size = path.stat().st_size
        if not path.is_file():
            raise OSError(None, "Not a regular file")
        with path.open("rb") as file:
            return cls(path, size, hashlib.file_digest(file, "sha256").digest())

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.path.name

    def open(self) -> BinaryIO:
        """A new reader at the first byte."""
        return self.path.open("rb")

    def as_picture(self) -> bytes:
        """Its bytes as far as a decoder takes them: one more than the limit tells it that there are too many."""
        with self.open() as file:
            return file.read(max(MAX_PICTURE_BYTES, MAX_FILM_BYTES) + 1)
