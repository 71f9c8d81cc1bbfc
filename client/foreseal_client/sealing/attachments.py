"""Attachments on their way: an item becomes a padded, sealed blob, and a blob becomes a spool again.

Both are work for a thread of its own: a hundred megabytes take a second, in which a person wants to go on writing.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from nacl.exceptions import CryptoError

from foreseal_client.draft import MAX_ATTACHMENT, Draft
from foreseal_client.errors import ChangedSinceCheckError, PeerFaultError
from foreseal_client.sealing.letter import AttachmentRef
from foreseal_client.sealing.padding import padme, sealed_size
from foreseal_client.sealing.spool import CHUNK, Spool, open_stream, seal_stream
from foreseal_matcher import Cleared
from foreseal_matcher.content import Item
from foreseal_relay.wire import BLOB_ID_BYTES

__all__ = ["SealedAttachments", "cleared_draft", "open_attachment", "seal_attachment", "seal_attachments"]


class SealedAttachments:
    """The sealed attachments of one cleared draft, each with the file it lies in until it is uploaded. `digest`: of the
    draft, 32 bytes, so that a letter takes no other's. Made by `seal_attachments` alone."""

    __slots__ = ("blobs", "digest")

    def __init__(self, digest: bytes, blobs: tuple[tuple[AttachmentRef, Path], ...]) -> None:
        self.digest = digest
        self.blobs = blobs

    @contextmanager
    def removed_on_failure(self) -> Iterator[None]:
        """Removes the files again when the block fails: then no letter speaks of them."""
        try:
            yield
        except BaseException:
            for _, path in self.blobs:
                path.unlink(missing_ok=True)
            raise


def seal_attachments(cleared: Cleared[Draft], blob_path: Callable[[], Path]) -> SealedAttachments:
    """Seals the attachments of what a policy let pass, each into a file at a new `blob_path()`.

    Raises what `cleared_draft` and `seal_attachment` raise. Files written so far are removed then.
    """
    draft = cleared_draft(cleared)
    sealed = SealedAttachments(cleared.digest, ())
    for item in draft.attachments:
        with sealed.removed_on_failure():
            path = blob_path()
            sealed = SealedAttachments(cleared.digest, (*sealed.blobs, (seal_attachment(item, path), path)))
    return sealed


def cleared_draft(cleared: object) -> Draft:
    """What mypy demands of callers, demanded again at run time of those it did not see: raises `TypeError` for
    anything but a `Cleared[Draft]`, and `ChangedSinceCheckError` when it is not what was checked any more."""
    if isinstance(cleared, Cleared) and isinstance(cleared.content, Draft):
        if cleared.content.digest != cleared.digest:
            raise ChangedSinceCheckError
        return cleared.content
    raise TypeError("seal takes a Cleared[Draft]: screen the draft and let a policy decide first")


def seal_attachment(item: Item, path: Path) -> AttachmentRef:
    """Writes the sealed blob to `path` and returns what the letter says of it.

    The bytes are hashed again while they stream; if they are not the ones that were checked, the last chunk is
    withheld, the file removed, and `ChangedSinceCheckError` raised. Raises `ValueError` over `MAX_ATTACHMENT`.
    """
    if item.size > MAX_ATTACHMENT:
        raise ValueError(f"An attachment holds at most {MAX_ATTACHMENT >> 20} MB; this one has {item.size >> 20} MB.")
    key = secrets.token_bytes(32)
    target = path.open("xb")  # where that fails, what lies there is not ours to remove
    try:
        with target:
            for sealed, _ in seal_stream(_checked_and_padded(item), key):
                target.write(sealed)
            target.flush()
            os.fsync(target.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    blob = secrets.token_bytes(BLOB_ID_BYTES)
    return AttachmentRef(blob, key, item.size, sealed_size(item.size), item.sha256, item.name)


def open_attachment(sealed: Path, ref: AttachmentRef, target: Path) -> Spool:
    """The attachment as a spool at `target`. Raises `PeerFaultError` when the blob is not what the letter promised."""
    if sealed.stat().st_size != ref.sealed_size:
        raise PeerFaultError("An attachment has another size than its message says. It was dropped.")
    try:
        with sealed.open("rb") as source:
            spool = Spool.write(_unpadded(open_stream(source, ref.key), ref.size), target, ref.name)
    except CryptoError as fault:
        raise PeerFaultError("An attachment was altered or cut off on its way. It was dropped.") from fault
    if spool.size != ref.size or not hmac.compare_digest(spool.sha256, ref.sha256):
        target.unlink()
        raise PeerFaultError("An attachment is not the one its message describes. It was dropped.")
    return spool


def _checked_and_padded(item: Item) -> Iterator[bytes]:
    """The item's bytes and then zeros, in chunks. The last one is handed out only after the digest was compared."""
    digest = hashlib.sha256()
    padded = padme(item.size)
    with item.open() as source:
        for start in range(0, max(1, padded), CHUNK):
            length = min(CHUNK, padded - start)
            plain = source.read(min(length, max(0, item.size - start)))
            digest.update(plain)
            last = start + length == padded
            if last and (source.read(1) or not hmac.compare_digest(digest.digest(), item.sha256)):
                raise ChangedSinceCheckError
            yield plain + bytes(length - len(plain))


def _unpadded(chunks: Iterator[bytes], size: int) -> Iterator[bytes]:
    """The first `size` bytes; the rest is read and dropped, so that the end of the stream is authenticated too."""
    for chunk in chunks:
        if size:
            yield chunk[:size]
        size -= min(size, len(chunk))
