"""The head of a log, signed: how many entries it has, over what root, and when that was so.

A checkpoint is a signed note as C2SP writes it down (c2sp.org/signed-note, c2sp.org/tlog-checkpoint), with one further
line, `time` and seconds since 1970. The origin is made from the log's key, so that no two logs have the same.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from foreseal_client.transparency.merkle import EMPTY, HASH_BYTES

__all__ = [
    "KEY_BYTES", "MAX_NOTE_BYTES", "Checkpoint", "CheckpointRefused", "NoteFlaw", "Sign", "assembled",
    "open_checkpoint", "origin_of", "sign_checkpoint", "signature_of",
]  # fmt: skip

KEY_BYTES: Final = 32
MAX_NOTE_BYTES: Final = 1024
"""Longest signed checkpoint that is read. Ours has about 270 bytes; there is room for signatures of witnesses."""
_MAX_SIGNATURES: Final = 8
_ED25519: Final = b"\x01"
_HEAD: Final = re.compile(
    r"(?P<origin>[!-*,-~]{1,120})\n(?P<size>0|[1-9][0-9]{0,14})\n(?P<root>[A-Za-z0-9+/]{43}=)\n"
    r"time (?P<time>0|[1-9][0-9]{0,11})\n"
)
_LINE: Final = re.compile(r"\u2014 (?P<name>[!-*,-~]{1,120}) (?P<signature>[A-Za-z0-9+/]+={0,2})\n")

Sign = Callable[[bytes], bytes]
"""Ed25519 over a message: 64 bytes."""


class NoteFlaw(Enum):
    """Why a signed checkpoint does not count."""

    MALFORMED = "it is no signed checkpoint"
    OTHER_LOG = "it is the head of another log"
    NOT_SIGNED = "the log's key has not signed it"


class CheckpointRefused(Exception):
    """A checkpoint does not count, and `flaw` says why. Nothing was learned about the log."""

    def __init__(self, flaw: NoteFlaw) -> None:
        super().__init__(f"The log's checkpoint is refused: {flaw.value}.")
        self.flaw = flaw


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a log. `root`: 32 bytes; `time`: seconds since 1970, by the log's clock."""

    origin: str
    size: int
    root: bytes
    time: int

    @property
    def body(self) -> bytes:
        """What the signature is over."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\ntime {self.time}\n".encode("ascii")


def origin_of(key: bytes) -> str:
    """The name of the log that this public key (32 bytes) signs for."""
    return f"foreseal-lists/{hashlib.sha256(key).hexdigest()[:16]}"


def sign_checkpoint(checkpoint: Checkpoint, key: bytes, sign: Sign) -> bytes:
    """The signed note. `key`: the public one that belongs to `sign`."""
    signature = base64.b64encode(_key_hash(checkpoint.origin, key) + sign(checkpoint.body)).decode()
    return checkpoint.body + f"\n\u2014 {checkpoint.origin} {signature}\n".encode()


def open_checkpoint(note: bytes, key: bytes) -> Checkpoint:
    """The checkpoint in a signed note, if the log with this public key signed it. Signatures of others beside it say
    nothing here and do no harm. Raises `CheckpointRefused`."""
    body, signatures = _parts(note)
    found = _HEAD.fullmatch(body)
    if found is None:
        raise CheckpointRefused(NoteFlaw.MALFORMED)
    root = base64.b64decode(found["root"])
    checkpoint = Checkpoint(found["origin"], int(found["size"]), root, int(found["time"]))
    # Base64 has more than one way to write the last bits, and a checkpoint has one form.
    if len(root) != HASH_BYTES or checkpoint.body != body.encode() or (not checkpoint.size and root != EMPTY):
        raise CheckpointRefused(NoteFlaw.MALFORMED)
    if checkpoint.origin != origin_of(key):
        raise CheckpointRefused(NoteFlaw.OTHER_LOG)
    mine = _key_hash(checkpoint.origin, key)
    if not any(
        name == checkpoint.origin and signature[:4] == mine and _holds(key, signature[4:], checkpoint.body)
        for name, signature in signatures
    ):
        raise CheckpointRefused(NoteFlaw.NOT_SIGNED)
    return checkpoint


def assembled(size: int, root: bytes, time: int, key: bytes, signature: bytes) -> bytes:
    """The signed note that has these in it, in the one form that ours have; whether it holds, `open_checkpoint`
    says."""
    return sign_checkpoint(Checkpoint(origin_of(key), size, root, time), key, lambda _: signature)


def signature_of(note: bytes, key: bytes) -> bytes:
    """The log's own signature (64 bytes) in a signed note. Raises `CheckpointRefused`."""
    checkpoint = open_checkpoint(note, key)
    mine = (checkpoint.origin, _key_hash(checkpoint.origin, key))
    return next(
        signature[4:]
        for name, signature in _parts(note)[1]
        if (name, signature[:4]) == mine and _holds(key, signature[4:], checkpoint.body)
    )


def _parts(note: bytes) -> tuple[str, list[tuple[str, bytes]]]:
    """A note's text, and name and signature of each line below it."""
    try:
        head, parted, tail = note[: MAX_NOTE_BYTES + 1].decode("utf-8").rpartition("\n\n")
        lines = [_LINE.fullmatch(line) for line in tail.splitlines(keepends=True)]
        if len(note) > MAX_NOTE_BYTES or not parted or not 1 <= len(lines) <= _MAX_SIGNATURES:
            raise CheckpointRefused(NoteFlaw.MALFORMED)
        found = [(line["name"], base64.b64decode(line["signature"], validate=True)) for line in lines if line]
    except (UnicodeDecodeError, binascii.Error) as error:
        raise CheckpointRefused(NoteFlaw.MALFORMED) from error
    if len(found) != len(lines):
        raise CheckpointRefused(NoteFlaw.MALFORMED)
    return f"{head}\n", found


def _key_hash(name: str, key: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + _ED25519 + key).digest()[:4]


def _holds(key: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
