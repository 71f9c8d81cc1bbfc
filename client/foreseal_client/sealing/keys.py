"""The long-lived keys of one device, and Ed25519 as everything here uses it (RFC 8032)."""

from __future__ import annotations

import secrets
from functools import lru_cache
from typing import Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

__all__ = ["DEVICE", "DeviceKeys", "sign", "sign_raw", "verify"]

DEVICE: Final = 1
"""Every structure names a device, so that an account can have several later. Today each has one."""


class DeviceKeys(msgspec.Struct, frozen=True, array_like=True):
    """Secrets of one device that stay as they are, as seeds of 32 bytes. `identity` and `login` are Ed25519 and
    unrelated, so that what proves a mailbox proves nothing about its person. What envelopes are sealed to and sessions
    begin with is replaced from time to time and lies in `Prekeys`."""

    identity: bytes
    login: bytes

    @classmethod
    def generate(cls) -> DeviceKeys:
        """New keys from the system's randomness."""
        return cls(secrets.token_bytes(32), secrets.token_bytes(32))

    @property
    def identity_public(self) -> bytes:
        """The Ed25519 public identity key, 32 bytes."""
        return _ed25519(self.identity).public_key().public_bytes_raw()

    @property
    def login_public(self) -> bytes:
        """The Ed25519 public login key, 32 bytes."""
        return _ed25519(self.login).public_key().public_bytes_raw()


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


@lru_cache(maxsize=8)  # making it takes longer than signing with it, and a device has two
def _ed25519(seed: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(seed)
