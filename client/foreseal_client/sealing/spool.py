"""A spool: an immutable encrypted file of our own, in place of anything over a megabyte.

What a person attaches may change under our hands: somebody else's path is read once, into a spool, and from then on
the spool is what is checked, sealed and kept. Its SHA-256 is of the plaintext. The format is libsodium's secretstream
(XChaCha20-Poly1305) in 64 KiB chunks; the stream is refused unless it ends with TAG_FINAL, which the library does not
check by itself.
"""

from __future__ import annotations

import hashlib
import io
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from nacl import bindings
from nacl.exceptions import CryptoError

from foreseal_client.errors import SpoolError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = ["CHUNK", "CHUNK_OVERHEAD", "HEADER", "Spool", "chunks_of", "open_stream", "seal_stream"]

CHUNK: Final = 64 * 1024
HEADER: Final = bindings.crypto_secretstream_xchacha20poly1305_HEADERBYTES
CHUNK_OVERHEAD: Final = bindings.crypto_secretstream_xchacha20poly1305_ABYTES
_FINAL: Final = bindings.crypto_secretstream_xchacha20poly1305_TAG_FINAL
_MESSAGE: Final = bindings.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE


@dataclass(frozen=True, slots=True)
class Spool:
    """An item whose bytes lie encrypted at `path`. `key`: 32 bytes, kept in memory or in the encrypted store."""

    path: Path
    key: bytes
    name: str
    size: int
    sha256: bytes

    @classmethod
    def write(cls, chunks: Iterator[bytes], path: Path, name: str) -> Spool:
        """Reads `chunks` to their end, once, into a new spool at `path`. Nothing is left behind when that fails."""
        key = secrets.token_bytes(32)
        digest = hashlib.sha256()
        size = 0
        target = path.open("xb")  # where that fails, what lies there is not ours to remove
        try:
            with target:
                os.chmod(path, 0o600)
                for sealed, plain in seal_stream(chunks, key):
                    target.write(sealed)
                    digest.update(plain)
                    size += len(plain)
                target.flush()
                os.fsync(target.fileno())
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return cls(path, key, name, size, digest.digest())

    def open(self) -> BinaryIO:
        """A new reader at the first byte. Raises `SpoolError` when the spool is gone or damaged."""
        return io.BufferedReader(_Reader(self), CHUNK)


def seal_stream(chunks: Iterator[bytes], key: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Pairs of sealed and plain chunk; the first sealed one carries the header. The last chunk is sealed with
    TAG_FINAL, and only when the iterator has ended without an exception: whoever raises withholds it."""
    state = bindings.crypto_secretstream_xchacha20poly1305_state()
    prefix = bindings.crypto_secretstream_xchacha20poly1305_init_push(state, key)
    current = next(chunks, b"")
    for following in chunks:
        yield prefix + bindings.crypto_secretstream_xchacha20poly1305_push(state, current, None, _MESSAGE), current
        prefix, current = b"", following
    yield prefix + bindings.crypto_secretstream_xchacha20poly1305_push(state, current, None, _FINAL), current


def open_stream(source: BinaryIO, key: bytes) -> Iterator[bytes]:
    """The plain chunks. Raises `CryptoError` for anything altered, cut before its end, or longer than its end."""
    state = bindings.crypto_secretstream_xchacha20poly1305_state()
    header = source.read(HEADER)
    if len(header) != HEADER:
        raise CryptoError("cut off in its header")
    bindings.crypto_secretstream_xchacha20poly1305_init_pull(state, header, key)
    while True:
        sealed = source.read(CHUNK + CHUNK_OVERHEAD)
        if len(sealed) < CHUNK_OVERHEAD:
            raise CryptoError("cut off before its end")
        try:
            plain, tag = bindings.crypto_secretstream_xchacha20poly1305_pull(state, sealed, None)
        except RuntimeError as fault:  # the binding's own word for a failed authentication
            raise CryptoError("altered") from fault
        if tag == _FINAL:
            if source.read(1):
                raise CryptoError("longer than its end")
            yield plain
            return
        yield plain


def chunks_of(source: BinaryIO) -> Iterator[bytes]:
    """The bytes of a reader, 64 KiB at a time."""
    while chunk := source.read(CHUNK):
        yield chunk


class _Reader(io.RawIOBase):
    def __init__(self, spool: Spool) -> None:
        super().__init__()
        try:
            self._file = spool.path.open("rb")
        except OSError as fault:
            raise SpoolError("An attachment that was kept on this device is gone. Ask for it again.") from fault
        self._chunks = open_stream(self._file, spool.key)
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        while not self._left:
            try:
                chunk = next(self._chunks, None)
            except CryptoError as fault:
                raise SpoolError("An attachment that was kept on this device is damaged. Ask for it again.") from fault
            if chunk is None:
                return 0
            self._left = chunk
        view = memoryview(buffer).cast("B")
        count = min(len(view), len(self._left))
        view[:count] = self._left[:count]
        self._left = self._left[count:]
        return count

    def close(self) -> None:
        self._file.close()
        super().close()
