"""Prekeys: what a device publishes so that others can begin a conversation while it is away.

A *bundle* is signed as a whole by the identity key: signed prekey, last-resort ML-KEM prekey, X-Wing key, mailbox,
device, expiry and label. A *one-time prekey* is an X25519 and an ML-KEM-768 key signed together. A part that is
missing, expired or signed by somebody else refuses the whole (`PeerFaultError`): there is no weaker way in.
"""

from __future__ import annotations

import json
import secrets
from typing import Final, TypeVar

import msgspec
import x3dh
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from x3dh.identity_key_pair import IdentityKeyPairSeed

from foreseal_client.errors import PeerFaultError
from foreseal_client.sealing.decoding import decoded
from foreseal_client.sealing.keys import DEVICE, DeviceKeys, sign, verify

__all__ = ["BUNDLE_DAYS", "MAX_STOCK", "OneTimePrekey", "PeerBundle", "Prekeys", "open_bundle"]

BUNDLE_DAYS: Final = 30
"""Days a bundle is valid for. The device publishes a new one long before that."""
MAX_STOCK: Final = 200
"""One-time prekeys whose secrets are kept. A relay that always says it has none must not make this device keep more
and more; the oldest go first."""
_BUNDLE_LABEL: Final = b"foreseal/1 bundle\x00"
_ONE_TIME_LABEL: Final = b"foreseal/1 one-time prekey\x00"
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
    signed_prekey_signature: bytes
    last_resort_kem: bytes
    seal_kem: bytes
    seal_x25519: bytes


class OneTimePrekey(msgspec.Struct, frozen=True, array_like=True):
    """One X25519 and one ML-KEM-768 key, used for one handshake and then deleted."""

    x25519: bytes
    kem: bytes


class PeerBundle(msgspec.Struct, frozen=True):
    """A bundle that was checked, and the one-time prekey that came with it, if there was one left."""

    payload: BundlePayload
    one_time: OneTimePrekey | None


class Prekeys(x3dh.BaseState):
    """This device's prekey secrets: X3DH's state and, beside it, the ML-KEM seeds."""

    kem_seeds: dict[bytes, bytes]
    """X25519 public key of a one-time prekey -> ML-KEM seed; under `b""` the last resort's."""

    @staticmethod
    def _encode_public_key(key_format: x3dh.IdentityKeyFormat, pub: bytes) -> bytes:
        return (b"\x01" if key_format is x3dh.IdentityKeyFormat.ED_25519 else b"\x02") + pub

    @classmethod
    def generate(cls, keys: DeviceKeys) -> Prekeys:
        """A signed prekey and a last-resort ML-KEM key; one-time prekeys are made by `replenish`."""
        self = cls.create(*_X3DH, IdentityKeyPairSeed(keys.identity))
        self.kem_seeds = {b"": secrets.token_bytes(64)}
        return self

    @classmethod
    def restore(cls, state: bytes) -> Prekeys:
        """The prekeys that `state` was saved from."""
        saved = json.loads(state)
        self, _ = cls.from_json(saved["x3dh"], *_X3DH)
        self.kem_seeds = {bytes.fromhex(public): bytes.fromhex(seed) for public, seed in saved["kem"].items()}
        return self

    def save(self) -> bytes:
        """The state, to be kept in the encrypted store only: it holds raw secrets."""
        kem = {public.hex(): seed.hex() for public, seed in self.kem_seeds.items()}
        return json.dumps({"x3dh": self.json, "kem": kem}, separators=(",", ":")).encode()

    def replenish(self, keys: DeviceKeys, count: int) -> list[bytes]:
        """Makes `count` new one-time prekeys and returns them signed, ready to publish."""
        for oldest in list(self.kem_seeds)[1 : len(self.kem_seeds) - MAX_STOCK]:
            self.spend(oldest)
        before = self.bundle.pre_keys
        self.generate_pre_keys(count)
        made = []
        for public in self.bundle.pre_keys - before:
            self.kem_seeds[public] = secrets.token_bytes(64)
            prekey = OneTimePrekey(public, _kem_public(self.kem_seeds[public]))
            made.append(_signed(keys, _ONE_TIME_LABEL, msgspec.msgpack.encode(prekey)))
        return made

    def signed_bundle(self, keys: DeviceKeys, mailbox: bytes, today: int) -> bytes:
        """The bundle to publish, valid for `BUNDLE_DAYS` from `today` (days since 1970)."""
        ours = self.bundle
        payload = BundlePayload(
            "foreseal/1",
            keys.identity_public,
            mailbox,
            DEVICE,
            today + BUNDLE_DAYS,
            ours.signed_pre_key,
            ours.signed_pre_key_sig,
            _kem_public(self.kem_seeds[b""]),
            keys.kem_public,
            keys.x25519_public,
        )
        return _signed(keys, _BUNDLE_LABEL, msgspec.msgpack.encode(payload))

    def spend(self, one_time: bytes) -> None:
        """Deletes a one-time prekey. X3DH's state does not do so by itself, and a handshake could be replayed."""
        self.delete_pre_key(one_time)
        self.kem_seeds.pop(one_time, None)


_X3DH: Final = (x3dh.IdentityKeyFormat.ED_25519, x3dh.HashFunction.SHA_256, b"foreseal/1 x3dh")


def open_bundle(bundle: bytes, one_time: bytes | None, identity: bytes, mailbox: bytes, today: int) -> PeerBundle:
    """The bundle of the person whose `identity` key (32 bytes) is already known, from a card or an invitation.

    Raises `PeerFaultError` when any part is missing, malformed, expired, for another mailbox or label, or not signed
    by `identity`. The relay that handed it over is believed in nothing.
    """
    payload = _opened(bundle, BundlePayload, identity, _BUNDLE_LABEL)
    if payload.label != "foreseal/1" or payload.identity != identity or payload.mailbox != mailbox:
        raise PeerFaultError("The relay handed over keys that belong to somebody else. Nothing was sent.")
    if payload.expires_day < today:
        raise PeerFaultError("The other device's keys have expired. It has to come online once before you can begin.")
    if len(payload.last_resort_kem) != _KEM_BYTES or len(payload.seal_kem) != _KEM_BYTES:
        raise PeerFaultError("The other device's keys lack their post-quantum part. Nothing was sent.")
    prekey = None if one_time is None else _opened(one_time, OneTimePrekey, identity, _ONE_TIME_LABEL)
    _try_out(payload, prekey)
    return PeerBundle(payload, prekey)


def _try_out(payload: BundlePayload, prekey: OneTimePrekey | None) -> None:
    """Every key is used once, so that one that cannot work is found now and not when something is to be sent."""
    points = [payload.seal_x25519, payload.signed_prekey, *([prekey.x25519] if prekey else [])]
    kems = [payload.last_resort_kem, payload.seal_kem, *([prekey.kem] if prekey else [])]
    try:
        for point in points:
            X25519PrivateKey.generate().exchange(X25519PublicKey.from_public_bytes(point))
        for kem in kems:
            MLKEM768PublicKey.from_public_bytes(kem).encapsulate()
        if not 0 <= payload.device < 2**32:
            raise ValueError("no device number")
    except (ValueError, RuntimeError) as fault:
        raise PeerFaultError("The other device's keys are malformed. Nothing was sent.") from fault


def _signed(keys: DeviceKeys, label: bytes, payload: bytes) -> bytes:
    return msgspec.msgpack.encode(_Signed(payload, sign(keys.identity, label, payload)))


def _opened(data: bytes, kind: type[T], identity: bytes, label: bytes) -> T:
    malformed = "The other device's keys are malformed. Nothing was sent."
    signed = decoded(data, _Signed, malformed)
    if not verify(identity, signed.signature, label, signed.payload):
        raise PeerFaultError("The other device's keys are not signed by the person they claim. Nothing was sent.")
    return decoded(signed.payload, kind, malformed)


def _kem_public(seed: bytes) -> bytes:
    return MLKEM768PrivateKey.from_seed_bytes(seed).public_key().public_bytes_raw()
