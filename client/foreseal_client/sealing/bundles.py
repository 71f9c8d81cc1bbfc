"""Bundles as they are published and fetched: signed as a whole, and believed in nothing else.

A bundle is signed by the identity key: signed prekey, last-resort ML-KEM prekey, X-Wing key, mailbox, device, expiry
and label. A one-time prekey is an X25519 and an ML-KEM-768 key, with mailbox and device, signed together. A part that
is missing, expired or signed by somebody else refuses the whole (`PeerFaultError`): there is no weaker way in.
"""

from __future__ import annotations

from typing import Final, TypeVar

import msgspec
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PublicKey

from foreseal_client.errors import PeerFaultError
from foreseal_client.sealing import curve
from foreseal_client.sealing.decoding import decoded
from foreseal_client.sealing.keys import DeviceKeys, sign, verify

__all__ = ["BUNDLE_DAYS", "BundlePayload", "OneTimePrekey", "PeerBundle", "open_bundle", "signed_bundle",
           "signed_one_time"]  # fmt: skip

BUNDLE_DAYS: Final = 30
"""Days a bundle is valid for. The device publishes a new one long before that."""
_LABEL: Final = "foreseal/1"
_BUNDLE: Final = b"foreseal/1 bundle\x00"
_ONE_TIME: Final = b"foreseal/1 one-time prekey\x00"
_KEM_BYTES: Final = 1184

T = TypeVar("T")


class _Signed(msgspec.Struct, frozen=True, array_like=True):
    """Exact bytes and a signature over them; what is checked is never a re-encoding."""

    payload: bytes
    signature: bytes


class BundlePayload(msgspec.Struct, frozen=True, array_like=True):
    """What the identity key signs. Keys are raw: Ed25519, X25519 32 bytes; ML-KEM-768 1,184 bytes."""

    label: str
    identity: bytes
    mailbox: bytes
    device: int
    expires_day: int
    signed_prekey: bytes
    last_resort_kem: bytes
    seal_kem: bytes
    seal_x25519: bytes


class OneTimePrekey(msgspec.Struct, frozen=True, array_like=True):
    """One X25519 and one ML-KEM-768 key of one device, used for one handshake and then deleted."""

    mailbox: bytes
    device: int
    x25519: bytes
    kem: bytes


class PeerBundle(msgspec.Struct, frozen=True):
    """A bundle that was checked, the one-time prekey that came with it if there was one left, and the day (since
    1970) on which it was fetched."""

    payload: BundlePayload
    one_time: OneTimePrekey | None
    fetched: int


def signed_bundle(keys: DeviceKeys, payload: BundlePayload) -> bytes:
    """A bundle, ready to publish."""
    return _signed(keys, _BUNDLE, payload)


def signed_one_time(keys: DeviceKeys, prekey: OneTimePrekey) -> bytes:
    """A one-time prekey, ready to publish."""
    return _signed(keys, _ONE_TIME, prekey)


def open_bundle(bundle: bytes, one_time: bytes | None, identity: bytes, mailbox: bytes, today: int) -> PeerBundle:
    """The bundle of the person whose `identity` key (32 bytes) is already known, from a card or an invitation.

    Raises `PeerFaultError` when any part is missing, malformed, expired, dated too far ahead, for another mailbox,
    device or label, or not signed by `identity`. The relay that handed it over is believed in nothing.
    """
    payload = _opened(bundle, BundlePayload, identity, _BUNDLE)
    if (payload.label, payload.identity, payload.mailbox) != (_LABEL, identity, mailbox):
        raise PeerFaultError("The relay handed over keys that belong to somebody else. Nothing was sent.")
    if payload.expires_day < today:
        raise PeerFaultError("The other device's keys have expired. It has to come online once before you can begin.")
    if payload.expires_day > today + 2 * BUNDLE_DAYS:
        raise PeerFaultError(
            "The other device's keys are dated too far ahead: its clock or this one is wrong. Nothing was sent."
        )
    if len(payload.last_resort_kem) != _KEM_BYTES or len(payload.seal_kem) != _KEM_BYTES:
        raise PeerFaultError("The other device's keys lack their post-quantum part. Nothing was sent.")
    prekey = None if one_time is None else _opened(one_time, OneTimePrekey, identity, _ONE_TIME)
    if prekey is not None and (prekey.mailbox, prekey.device) != (mailbox, payload.device):
        raise PeerFaultError("The relay handed over a one-time key of another device. Nothing was sent.")
    _try_out(payload, prekey)
    return PeerBundle(payload, prekey, today)


def _try_out(payload: BundlePayload, prekey: OneTimePrekey | None) -> None:
    """Every key is used once, so that one that cannot work is found now and not when something is to be sent."""
    points = [payload.seal_x25519, payload.signed_prekey, *([prekey.x25519] if prekey else [])]
    kems = [payload.last_resort_kem, payload.seal_kem, *([prekey.kem] if prekey else [])]
    try:
        for point in points:
            curve.exchange(_ANY_SCALAR, point)
        for kem in kems:
            MLKEM768PublicKey.from_public_bytes(kem).encapsulate()
        if not 0 <= payload.device < 2**32:
            raise ValueError("no device number")
    except ValueError as fault:
        raise PeerFaultError("The other device's keys are malformed. Nothing was sent.") from fault


_ANY_SCALAR: Final = b"\x01" * 32
"""Whether a point is of low order does not depend on the scalar: each is a multiple of the cofactor (RFC 7748)."""


def _signed(keys: DeviceKeys, label: bytes, payload: BundlePayload | OneTimePrekey) -> bytes:
    encoded = msgspec.msgpack.encode(payload)
    return msgspec.msgpack.encode(_Signed(encoded, sign(keys.identity, label, encoded)))


def _opened(data: bytes, kind: type[T], identity: bytes, label: bytes) -> T:
    malformed = "The other device's keys are malformed. Nothing was sent."
    signed = decoded(data, _Signed, malformed)
    if not verify(identity, signed.signature, label, signed.payload):
        raise PeerFaultError("The other device's keys are not signed by the person they claim. Nothing was sent.")
    return decoded(signed.payload, kind, malformed)
