"""How one message is encrypted under its message key: salt (16) || commitment (32) || ChaCha20-Poly1305 output.

The salt is fresh for each message, so that a device restored from an old state never reuses a keystream. The
commitment is to the key, so that no ciphertext opens under two keys (Grubbs, Lu and Ristenpart, CRYPTO 2017, on why
franking needs that).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from foreseal_client.errors import PeerFaultError

__all__ = ["decrypt", "encrypt"]

_SALT: Final = 16
_COMMITMENT: Final = 32
_LABEL: Final = b"foreseal/1 message key\x00"


def encrypt(plaintext: bytes, key: bytes, associated: bytes, header: bytes) -> bytes:
    """The ciphertext. `key`: 32 bytes, used for this message only; `header`: of fixed length."""
    salt = secrets.token_bytes(_SALT)
    cipher, nonce, commitment = _derive(key, salt)
    return salt + commitment + cipher.encrypt(nonce, plaintext, _bound(associated, header))


def decrypt(ciphertext: bytes, key: bytes, associated: bytes, header: bytes) -> bytes:
    """The plaintext. Raises `PeerFaultError` when the key, or anything that is bound to it, is another one."""
    salt, claimed = ciphertext[:_SALT], ciphertext[_SALT : _SALT + _COMMITMENT]
    cipher, nonce, commitment = _derive(key, salt)
    unfit = "A message could not be opened with this conversation's keys."
    if not hmac.compare_digest(claimed, commitment):
        raise PeerFaultError(unfit)
    try:
        return cipher.decrypt(nonce, ciphertext[_SALT + _COMMITMENT :], _bound(associated, header))
    except InvalidTag as fault:
        raise PeerFaultError(unfit) from fault


def _bound(associated: bytes, header: bytes) -> bytes:
    return hashlib.sha256(associated).digest() + header


def _derive(key: bytes, salt: bytes) -> tuple[ChaCha20Poly1305, bytes, bytes]:
    """HKDF-SHA256 (RFC 5869) with three output blocks, written out because it runs for every message."""
    extracted = hmac.digest(salt, key, "sha256")
    block = b""
    blocks = []
    for counter in (1, 2, 3):
        block = hmac.digest(extracted, block + _LABEL + bytes((counter,)), "sha256")
        blocks.append(block)
    return ChaCha20Poly1305(blocks[0]), blocks[1][:12], blocks[2]
