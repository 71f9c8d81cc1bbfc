"""The long-lived keys of one device, and Ed25519 as everything here uses it (RFC 8032)."""

from __future__ import annotations

import secrets
from typing import Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

__all__ = ["DEVICE", "DeviceKeys", "sign", "sign_raw", "verify"]

DEVICE: Final = 1
"""Every structure names a device, so that an account can have several later. Today each has one."""


class DeviceKeys(msgspec.Struct, frozen=True, array_like=True):
    """Secrets of one device, as seeds. `identity` and `login` are Ed25519 (32 bytes each) and unrelated, so that
    what proves a mailbox proves nothing about its person; `kem` (ML-KEM-768, 64 bytes) and `x25519` (32 bytes)
    together are the X-Wing key that envelopes are sealed to."""

    identity: bytes
    login: bytes
    kem: bytes
    x25519: bytes

    @classmethod
    def generate(cls) -> DeviceKeys:
        """New keys from the system's randomness."""
        return cls(*(secrets.token_bytes(n) for n in (32, 32, 64, 32)))

    @property
    def identity_public(self) -> bytes:
        """The Ed25519 public identity key, 32 bytes."""
        return _ed25519(self.identity).public_key().public_bytes_raw()

    @property
    def login_public(self) -> bytes:
        """The Ed25519 public login key, 32 bytes."""
        return _ed25519(self.login).public_key().public_bytes_raw()

    @property
    def kem_public(self) -> bytes:
        """The ML-KEM-768 half of the X-Wing public key, 1,184 bytes."""
        return MLKEM768PrivateKey.from_seed_bytes(self.kem).public_key().public_bytes_raw()

    @property
    def x25519_public(self) -> bytes:
        """The X25519 half of the X-Wing public key, 32 bytes."""
        return X25519PrivateKey.from_private_bytes(self.x25519).public_key().public_bytes_raw()


def sign(seed: bytes, label: bytes, message: bytes) -> bytes:
    """Ed25519 signature (64 bytes) over label and message. Labels end in a zero byte, so none is another's prefix."""
    return _ed25519(seed).sign(label + message)


def sign_raw(seed: bytes, message: bytes) -> bytes:
    """Ed25519 signature (64 bytes) over a message that carries its label itself, as the wire's logins do."""
    return _ed25519(seed).sign(message)


def verify(public: bytes, signature: bytes, label: bytes, message: bytes) -> bool:
    """Whether the signature is the key's over label and message. Malformed keys and signatures are simply false."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, label + message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _ed25519(seed: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(seed)
