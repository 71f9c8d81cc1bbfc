"""Keys from passphrases: Argon2id (RFC 9106), with its costs written down beside whatever the key opens."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import unicodedata
from typing import Final, Self

import msgspec
from nacl import pwhash

__all__ = ["KEY_BYTES", "MAX_MEMORY", "MAX_PASSES", "MEMORY", "PASSES", "Stretching", "key_check"]

KEY_BYTES: Final = 32
PASSES: Final = pwhash.argon2id.OPSLIMIT_MODERATE
"""Times that Argon2id goes over its memory, for a key made now."""
MEMORY: Final = pwhash.argon2id.MEMLIMIT_MODERATE
"""Bytes that Argon2id fills, for a key made now."""
MAX_PASSES: Final = 16
MAX_MEMORY: Final = 1024 * 1024 * 1024
"""Costs that a file may ask for. One that asks for more was made to stop this device, and not by us."""
_SALT_BYTES: Final = pwhash.argon2id.SALTBYTES


class Stretching(msgspec.Struct, frozen=True):
    """How a passphrase becomes a key. `salt`: 16 random bytes; `passes` and `memory` (bytes): Argon2id's costs, which
    stand with the salt so that they can grow without locking anybody out."""

    salt: bytes
    passes: int
    memory: int

    @classmethod
    def fresh(cls, passes: int = PASSES, memory: int = MEMORY) -> Self:
        """A new salt, and today's costs unless others are given."""
        return cls(secrets.token_bytes(_SALT_BYTES), passes, memory)

    @property
    def possible(self) -> bool:
        """Whether these costs are ones that Foreseal would write, or might some day."""
        return (
            len(self.salt) == _SALT_BYTES
            and 1 <= self.passes <= MAX_PASSES
            and pwhash.argon2id.MEMLIMIT_MIN <= self.memory <= MAX_MEMORY
        )

    def key(self, passphrase: str) -> bytes:
        """The 32-byte key. The same letters give the same key on every keyboard (Unicode's form NFC)."""
        typed = unicodedata.normalize("NFC", passphrase).encode("utf-8", "surrogateescape")
        return pwhash.argon2id.kdf(KEY_BYTES, typed, self.salt, opslimit=self.passes, memlimit=self.memory)


def key_check(key: bytes, label: bytes) -> bytes:
    """32 bytes that tell the right key from a wrong one and say nothing else about it."""
    return hmac.digest(key, label, hashlib.sha256)
