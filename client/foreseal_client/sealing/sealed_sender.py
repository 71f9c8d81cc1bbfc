"""Sealed sender: the outer layer, so that the relay sees a recipient and never a sender.

HPKE (RFC 9180) in base mode with X-Wing (ML-KEM-768 and X25519), HKDF-SHA256 and ChaCha20-Poly1305. The plaintext is
padded so that a body has one of the three lengths of `wire.BODY_SIZES`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from foreseal_client.errors import PeerFaultError
from foreseal_client.sealing.bundles import BundlePayload
from foreseal_client.sealing.decoding import decoded
from foreseal_client.sealing.handshake import MAX_ROUND, Handshake
from foreseal_client.sealing.ratchet import RatchetMessage
from foreseal_relay.wire import BODY_SIZES

__all__ = ["VERSION", "Inner", "open_body", "open_bytes", "seal_body", "sealed_bytes"]

VERSION: Final = 1
_OVERHEAD: Final = 1120 + 16
_LABEL: Final = b"foreseal/1 sealed sender\x00"
_SUITE: Final = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)


class Inner(msgspec.Struct, frozen=True, array_like=True):
    """What the recipient finds: who says they sent it, in which session, and the ratchet message that proves it.
    `session`: 16 bytes; `round`: the session's, so that a device that has lost it knows what to go past."""

    version: int
    sender: bytes
    mailbox: bytes
    device: int
    session: bytes
    round: int
    handshake: Handshake | None
    message: RatchetMessage


def seal_body(inner: Inner, to: BundlePayload) -> bytes:
    """The envelope's body, as long as the smallest size class it fits. Raises `ValueError` if it fits none."""
    return sealed_bytes(msgspec.msgpack.encode(inner), to)


def sealed_bytes(plain: bytes, to: BundlePayload) -> bytes:
    """Any bytes, padded and sealed to the owner of a bundle. Raises `ValueError` if they fit no size class."""
    for size in BODY_SIZES:
        room = size - _OVERHEAD - 4
        if len(plain) <= room:
            padded = len(plain).to_bytes(4, "big") + plain + bytes(room - len(plain))
            key = hpke.MLKEM768X25519PublicKey(
                MLKEM768PublicKey.from_public_bytes(to.seal_kem), X25519PublicKey.from_public_bytes(to.seal_x25519)
            )
            return _SUITE.encrypt(padded, key, _LABEL + to.mailbox)
    raise ValueError("This message does not fit into the largest envelope. Shorten it.")


def open_body(body: bytes, seal_keys: Sequence[tuple[bytes, bytes]], mailbox: bytes) -> Inner:
    """What is inside. `seal_keys`: pairs of ML-KEM seed and X25519 private key, tried in this order.

    Raises `PeerFaultError` when it was not sealed to any of these keys, or is malformed.
    """
    malformed = "An envelope arrived that is malformed inside. It was dropped."
    inner = decoded(open_bytes(body, seal_keys, mailbox), Inner, malformed)
    if inner.version != VERSION:
        raise PeerFaultError(f"An envelope has version {inner.version}; this client reads {VERSION}. Update it.")
    if len(inner.sender) != 32 or len(inner.mailbox) != 16 or not 0 <= inner.device < 2**32:
        raise PeerFaultError("An envelope arrived whose sender is malformed. It was dropped.")
    shake = inner.handshake
    if len(inner.session) != 16 or not 0 < inner.round < MAX_ROUND:
        raise PeerFaultError("An envelope arrived whose session is malformed. It was dropped.")
    if shake is not None and (shake.id, shake.round) != (inner.session, inner.round):
        raise PeerFaultError("An envelope arrived that names one session and begins another. It was dropped.")
    return inner


def open_bytes(body: bytes, seal_keys: Sequence[tuple[bytes, bytes]], mailbox: bytes) -> bytes:
    """What `sealed_bytes` was given. Raises `PeerFaultError` as `open_body` does."""
    padded = _unsealed(body, seal_keys, _LABEL + mailbox)
    length = int.from_bytes(padded[:4], "big")
    if length > len(padded) - 4 or any(padded[4 + length :]):
        raise PeerFaultError("An envelope arrived with malformed padding. It was dropped.")
    return padded[4 : 4 + length]


def _unsealed(body: bytes, seal_keys: Sequence[tuple[bytes, bytes]], info: bytes) -> bytes:
    for kem, x25519 in seal_keys:
        try:
            return _SUITE.decrypt(body, _private_key(kem, x25519), info)
        except (InvalidTag, ValueError):
            continue  # sealed to another generation, or to nobody here
    raise PeerFaultError("An envelope arrived that was not sealed to this device. It was dropped.")


@lru_cache(maxsize=1)
def _private_key(kem: bytes, x25519: bytes) -> hpke.MLKEM768X25519PrivateKey:
    """Expanding the seed takes longer than all the rest of opening; nearly always it is the newest one, again."""
    return hpke.MLKEM768X25519PrivateKey(
        MLKEM768PrivateKey.from_seed_bytes(kem), X25519PrivateKey.from_private_bytes(x25519)
    )
