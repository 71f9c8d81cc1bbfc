"""The first 4096 bytes of an index file. docs/index.md is its description."""

from __future__ import annotations

import hashlib
import struct
from typing import Final, NamedTuple

from foreseal_matcher.errors import IndexUnusable
from foreseal_matcher.index.bands import Band, body_size

__all__ = ["FORMAT", "HEADER_BYTES", "Header"]

HEADER_BYTES: Final = 4096
FORMAT: Final = 2
_MAGIC: Final = b"foreseal index\0\0"
_FIXED: Final = struct.Struct("<16sII Q 32s 32s")
_MOST_BANDS: Final = 16
_DIGEST_AT: Final = HEADER_BYTES - 32


class Header(NamedTuple):
    """What an index says about itself. `column`: SHA-256 of the column it was built for; `body`: of what follows."""

    rows: int
    bands: tuple[Band, ...]
    column: bytes
    body: bytes

    @property
    def file_size(self) -> int:
        """Bytes that the whole file must have."""
        return HEADER_BYTES + body_size(self.bands, self.rows)

    def encode(self) -> bytes:
        """The bytes, ending with a digest over themselves."""
        fixed = _FIXED.pack(_MAGIC, FORMAT, len(self.bands), self.rows, self.column, self.body)
        told = fixed + b"".join(bytes(band) for band in self.bands)
        told = told.ljust(_DIGEST_AT, b"\0")
        return told + hashlib.sha256(told).digest()

    @staticmethod
    def decode(encoded: bytes) -> Header:
        """A header from the first bytes of a file. Raises `IndexUnusable`."""
        if len(encoded) < HEADER_BYTES or not encoded.startswith(_MAGIC):
            raise IndexUnusable("it is cut off, or no index")
        told = encoded[:_DIGEST_AT]
        if hashlib.sha256(told).digest() != encoded[_DIGEST_AT:HEADER_BYTES]:
            raise IndexUnusable("its header was edited")
        _, version, band_count, count, column, body = _FIXED.unpack_from(told)
        if version != FORMAT:
            raise IndexUnusable(f"it has format {version}, this version reads {FORMAT}")
        if not 1 <= band_count <= _MOST_BANDS or not count < 2**32:
            raise IndexUnusable("its header says what it may not")
        pairs = told[_FIXED.size : _FIXED.size + 2 * band_count]
        bands = tuple(Band(*pairs[at : at + 2]) for at in range(0, 2 * band_count, 2))
        if not all(1 <= band.bits <= 28 and band.radius <= 2 for band in bands) or sum(b.bits for b in bands) > 256:
            raise IndexUnusable("its header says what it may not")
        return Header(count, bands, column, body)
