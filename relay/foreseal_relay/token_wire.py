"""Anonymous tokens as both sides know them: kinds, epochs, lengths, and the one list of an issuer's keys. Pure values.

VOPRF(ristretto255, SHA-512) of RFC 9497, issued and redeemed in the manner of Privacy Pass (RFC 9578, section 5): the
relay evaluates blinded inputs, proves that it used the key of its list, and later sees outputs that it cannot tell
from one another. The group and its proofs are computed in `tokens.py` here and in the client's `sealing/tokens.py`.
"""

from __future__ import annotations

import hashlib
from enum import StrEnum
from functools import lru_cache
from typing import Final

import msgspec

__all__ = [
    "ALLOWANCE", "BLOB_TOKEN_BYTES", "ELEMENT_BYTES", "EPOCHS_LISTED", "EPOCH_DAYS", "EVALUATED_BYTES", "MAX_DRAW",
    "MAX_EPOCH", "TICKET_BYTES", "TOKENS_FIELD", "TOKEN_LENGTHS", "IssuerList", "Kind", "Token", "epoch_of",
    "read_issuer_list", "tokens_for", "work_begun", "work_done",
]  # fmt: skip

ELEMENT_BYTES: Final = 32
EVALUATED_BYTES: Final = 64 + ELEMENT_BYTES
"""A proof, and the element that it speaks of."""
TOKEN_LENGTHS: Final = (32, 128)
"""A delivery token or an invitation's has 32 bytes, an anonymous one 128."""
TICKET_BYTES: Final = 80
MAX_EPOCH: Final = 2**32 - 1
EPOCH_DAYS: Final = 28
"""Days for which one key of a kind issues. Its tokens are redeemed in that epoch and the next one."""
EPOCHS_LISTED: Final = 130
"""Epochs an issuer's list covers: ten years, so that a client pins a relay's keys once and for good."""
BLOB_TOKEN_BYTES: Final = 16 * 1024 * 1024
"""Bytes of a blob that one token pays for."""
TOKENS_FIELD: Final = "Foreseal-Tokens"
"""The field of an upload's request that holds what pays for it: tokens in base64url, with commas between."""
_INPUT_LABEL: Final = b"foreseal/1 token input\x00"
_WORK_LABEL: Final = b"foreseal/1 work\x00"


class Kind(StrEnum):
    """What a token is for. Each kind has keys of its own."""

    FIRST_CONTACT = "first-contact"
    """One envelope to a mailbox that takes requests."""
    BUNDLE = "bundle"
    """One bundle of such a mailbox."""
    BLOB = "blob"
    """`BLOB_TOKEN_BYTES` of one blob."""
    REPORT = "report"
    """One envelope to a desk. Lists of keys from before it was there have none for it: new kinds come last."""


ALLOWANCE: Final = {Kind.FIRST_CONTACT: 8, Kind.BUNDLE: 8, Kind.BLOB: 32, Kind.REPORT: 4}
"""Tokens of a kind that an account draws a day: always all of them, so that drawing says nothing about need."""
MAX_DRAW: Final = max(ALLOWANCE.values())
_KINDS_OF_OLD: Final = 3
"""How many kinds the shortest list has that was ever given out."""


class Token(msgspec.Struct, frozen=True):
    """An anonymous token: `nonce` (32 bytes, the holder's own), `key_id` (32, which key made it), `authenticator` (64,
    the VOPRF's output for `message`)."""

    nonce: bytes
    key_id: bytes
    authenticator: bytes

    def encoded(self) -> bytes:
        """128 bytes."""
        return self.nonce + self.key_id + self.authenticator

    @classmethod
    def decoded(cls, data: bytes) -> Token | None:
        """The token in 128 bytes; None for any other length."""
        return cls(data[:32], data[32:64], data[64:]) if len(data) == TOKEN_LENGTHS[1] else None

    @staticmethod
    def message(kind: Kind, nonce: bytes, key_id: bytes) -> bytes:
        """The VOPRF's input. The kind is the redemption context (RFC 9578, section 5.3: the challenge's digest)."""
        return _INPUT_LABEL + nonce + hashlib.sha256(kind.encode()).digest() + key_id


class IssuerList(msgspec.Struct, frozen=True, array_like=True):
    """All keys of an issuer: for each kind, in the order of `Kind`, one public key (32 bytes) an epoch from `first`
    on. What a client pins is these bytes."""

    version: int
    first: int
    keys: tuple[tuple[bytes, ...], ...]

    def key(self, kind: Kind, epoch: int) -> bytes | None:
        """The key of a kind in an epoch; None where the list has none."""
        place, row = epoch - self.first, list(Kind).index(kind)
        return self.keys[row][place] if 0 <= place < EPOCHS_LISTED and row < len(self.keys) else None

    def extends(self, other: IssuerList) -> bool:
        """Whether this is the other list with further kinds, and not another key anywhere."""
        return (self.version, self.first) == (other.version, other.first) and (
            self.keys[: len(other.keys)] == other.keys
        )


@lru_cache(maxsize=8)  # a device asks for each kind that it draws, and has few relays
def read_issuer_list(data: bytes) -> IssuerList | None:
    """The list in these bytes; None when they are none that this version can use."""
    try:
        listed = msgspec.msgpack.decode(data, type=IssuerList)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    whole = len(listed.keys) >= _KINDS_OF_OLD and all(
        len(row) == EPOCHS_LISTED and set(map(len, row)) == {ELEMENT_BYTES} for row in listed.keys
    )
    return listed if listed.version == 1 and 0 <= listed.first <= MAX_EPOCH and whole else None


def epoch_of(day: int) -> int:
    """The epoch of a day, both counted from 1970-01-01."""
    return day // EPOCH_DAYS


def tokens_for(size: int) -> int:
    """How many tokens a blob of `size` bytes costs."""
    return max(1, -(-size // BLOB_TOKEN_BYTES))


def work_done(origin: str, mailbox: bytes, proof: bytes) -> int:
    """How many zero bits the hash of some work begins with: SHA-256 over label, origin, mailbox and `proof` (Hashcash:
    Back, 2002). Bound to relay and mailbox, it is good for nothing else."""
    hashed = work_begun(origin, mailbox)
    hashed.update(proof)
    return 256 - int.from_bytes(hashed.digest(), "big").bit_length()


def work_begun(origin: str, mailbox: bytes) -> hashlib._Hash:
    """The hash of `work_done` as far as it is the same for every try."""
    told = origin.encode()
    return hashlib.sha256(_WORK_LABEL + len(told).to_bytes(2, "big") + told + mailbox)
