"""The letter: the plaintext inside an envelope."""

from __future__ import annotations

from typing import Final

import msgspec

from foreseal_client.addresses import MAX_PERSON_NAME, is_relay_url
from foreseal_client.draft import MAX_ATTACHMENT, MAX_ATTACHMENTS, MAX_NAME
from foreseal_client.errors import PeerFaultError
from foreseal_client.sealing.decoding import decoded
from foreseal_client.sealing.notes import Notes, impossible
from foreseal_client.sealing.padding import sealed_size
from foreseal_client.transparency.heads import MAX_HEAD_BYTES, MAX_HEADS
from foreseal_relay.wire import BLOB_ID_BYTES, EID_BYTES, MAILBOX_BYTES, TOKEN_BYTES

__all__ = [
    "MAX_UNOPENED", "VERSION", "AttachmentRef", "Letter", "LetterContent", "ReturnAddress", "decode_letter",
    "encode_letter",
]  # fmt: skip

VERSION: Final = 1
MAX_UNOPENED: Final = 32
"""Envelopes that one letter may say could not be opened."""


class AttachmentRef(msgspec.Struct, frozen=True, array_like=True):
    """Where a blob is and how to open it. `blob`: 16 random bytes; `key`: 32 bytes; `size` and `sealed_size` in
    bytes, before and after padding and sealing; `sha256` of the plaintext."""

    blob: bytes
    key: bytes
    size: int
    sealed_size: int
    sha256: bytes
    name: str


class ReturnAddress(msgspec.Struct, frozen=True, array_like=True):
    """Where an answer goes and what lets it in. Passed only inside a session. `token`: the mailbox's delivery token;
    `invitation`: the one-time token that the sender was given, which shows that the conversation was asked for."""

    name: str
    relay: str
    mailbox: bytes
    token: bytes
    invitation: bytes | None = None


class LetterContent(msgspec.Struct, frozen=True, array_like=True):
    """What was written. `sent_at`: seconds since 1970 by the sender's clock; `unopened`: ids (16 bytes) of envelopes
    from the one who reads this that could not be opened by the one who wrote it; `group`: what
    `groups.letters` reads, and empty in a letter from one person to another; `notes`: what is said beside the text;
    `heads`: of the logs that the writer's lists stand in, as `transparency.heads` reads them."""

    version: int
    sent_at: int
    text: str
    attachments: tuple[AttachmentRef, ...] = ()
    return_address: ReturnAddress | None = None
    unopened: tuple[bytes, ...] = ()
    group: bytes = b""
    notes: Notes | None = None
    heads: tuple[bytes, ...] = ()


class Letter(msgspec.Struct, frozen=True, array_like=True):
    """Exact content bytes, with the opening of their commitment and the sender's signature over it."""

    content: bytes
    opening: bytes
    signature: bytes


def encode_letter(content: LetterContent) -> bytes:
    """The content's bytes, which the commitment and the signature are over."""
    return msgspec.msgpack.encode(content)


def decode_letter(content: bytes) -> LetterContent:
    """The content. Raises `PeerFaultError` for malformed bytes, lying sizes or an unknown version."""
    letter = decoded(content, LetterContent, "A message was opened but is malformed inside. It was dropped.")
    if letter.version != VERSION:
        raise PeerFaultError(f"A message has letter version {letter.version}; this client reads {VERSION}. Update it.")
    if not 0 <= letter.sent_at < 2**40 or len(letter.attachments) > MAX_ATTACHMENTS:
        raise PeerFaultError("A message carries an impossible time or too many attachments. It was dropped.")
    if not all(_possible(ref) for ref in letter.attachments):
        raise PeerFaultError("A message names an attachment with impossible sizes, keys or name. It was dropped.")
    if letter.return_address is not None and not _usable(letter.return_address):
        raise PeerFaultError("A message carries an impossible return address. It was dropped.")
    if len(letter.unopened) > MAX_UNOPENED or any(len(eid) != EID_BYTES for eid in letter.unopened):
        raise PeerFaultError("A message names envelopes that cannot be. It was dropped.")
    if len(letter.heads) > MAX_HEADS or any(len(head) > MAX_HEAD_BYTES for head in letter.heads):
        raise PeerFaultError("A message tells more of hash lists than there can be. It was dropped.")
    if letter.notes is not None and (reason := impossible(letter.notes)):
        raise PeerFaultError(reason)
    return letter


def _possible(ref: AttachmentRef) -> bool:
    return (
        (len(ref.blob), len(ref.key), len(ref.sha256)) == (BLOB_ID_BYTES, 32, 32)
        and 0 <= ref.size <= MAX_ATTACHMENT
        and ref.sealed_size == sealed_size(ref.size)
        and len(ref.name) <= MAX_NAME
    )


def _usable(back: ReturnAddress) -> bool:
    return (
        (len(back.mailbox), len(back.token)) == (MAILBOX_BYTES, TOKEN_BYTES)
        and 1 <= len(back.name) <= MAX_PERSON_NAME
        and is_relay_url(back.relay)
    )
