"""X25519 (RFC 7748), with keys checked before they reach the library, which reads 32 bytes whatever it is given."""

from __future__ import annotations

import hashlib
import secrets
from typing import Final

from nacl import bindings

__all__ = ["exchange", "from_identity", "from_identity_seed", "new_private", "public_of"]

_BYTES: Final = 32


def new_private() -> bytes:
    """A new private key, 32 bytes."""
    return secrets.token_bytes(_BYTES)


def public_of(private: bytes) -> bytes:
    """The public key of a private one, 32 bytes each."""
    return bindings.crypto_scalarmult_base(_whole(private))


def exchange(private: bytes, public: bytes) -> bytes:
    """The shared secret, 32 bytes. Raises `ValueError` for a key of another length, or of low order: the result would
    be zeros, whatever the secret."""
    try:
        return bindings.crypto_scalarmult(_whole(private), _whole(public))
    except RuntimeError as fault:
        raise ValueError("a point of low order") from fault


def from_identity_seed(seed: bytes) -> bytes:
    """An Ed25519 seed as private key (RFC 8032, section 5.1.5, steps 1 and 2; the exchange clamps)."""
    return hashlib.sha512(_whole(seed)).digest()[:_BYTES]


def from_identity(identity: bytes) -> bytes:
    """An Ed25519 public key as public key (RFC 7748, section 4.1). Raises `ValueError` when it is no usable one."""
    try:
        return bindings.crypto_sign_ed25519_pk_to_curve25519(_whole(identity))
    except RuntimeError as fault:
        raise ValueError("no usable Ed25519 key") from fault


def _whole(key: bytes) -> bytes:
    if len(key) != _BYTES:
        raise ValueError(f"a key of {len(key)} bytes")
    return key
