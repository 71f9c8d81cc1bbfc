"""The handshake: X3DH with ML-KEM-768 mixed into the same secret.

It is PQXDH-shaped (Signal, "The PQXDH Key Agreement Protocol", revision 3): whoever records today and has a quantum
computer later learns nothing. Healing after a stolen state stays classical, by the ratchet's X25519 steps.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

import msgspec
import x3dh
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from xeddsa.bindings import XEdDSAException

from foreseal_client.errors import PeerFaultError
from foreseal_client.sealing.prekeys import PeerBundle, Prekeys
from foreseal_client.sealing.ratchet import run_now

__all__ = ["Agreed", "Handshake", "initiate", "respond"]

_LABEL: Final = b"foreseal/1 handshake\x00"
# XEdDSAException: a point of low order, for which X25519 gives zeros.
_MALFORMED: Final = (x3dh.KeyAgreementException, XEdDSAException, ValueError, RuntimeError)


class Handshake(msgspec.Struct, frozen=True, array_like=True):
    """What the initiator sends along until it is first answered. `one_time` is absent when the responder had run
    out; then `kem_ciphertext` is for the last-resort key, and the responder keeps a record against replays."""

    ephemeral: bytes
    signed_prekey: bytes
    one_time: bytes | None
    kem_ciphertext: bytes

    @property
    def id(self) -> bytes:
        """16 bytes naming the session that this handshake begins: repeats are routed to it."""
        return hashlib.sha256(_LABEL + msgspec.msgpack.encode(self)).digest()[:16]


class Agreed(msgspec.Struct, frozen=True):
    """`secret`: 32 bytes. `associated`: both identities, mailboxes, devices, versions, the ML-KEM key and ciphertext;
    every message of the session authenticates it. `ratchet_key`: the responder's signed prekey, public for the
    initiator and private for the responder."""

    secret: bytes
    associated: bytes
    ratchet_key: bytes


def initiate(own: Prekeys, peer: PeerBundle, own_address: bytes) -> tuple[Agreed, Handshake]:
    """Begins a session with the owner of a checked bundle. `own_address`: this side's mailbox and device.

    Raises `PeerFaultError` for keys that are no curve points or no ML-KEM key.
    """
    payload = peer.payload
    kem_key = payload.last_resort_kem if peer.one_time is None else peer.one_time.kem
    bundle = x3dh.Bundle(
        payload.identity,
        payload.signed_prekey,
        payload.signed_prekey_signature,
        frozenset() if peer.one_time is None else frozenset({peer.one_time.x25519}),
    )
    try:
        secret, associated, header = run_now(own.get_shared_secret_active(bundle, require_pre_key=False))
        kem_secret, kem_ciphertext = MLKEM768PublicKey.from_public_bytes(kem_key).encapsulate()
    except _MALFORMED as fault:
        raise PeerFaultError("The other device's keys are malformed. Nothing was sent.") from fault
    handshake = Handshake(header.ephemeral_key, header.signed_pre_key, header.pre_key, kem_ciphertext)
    addresses = own_address + address(payload.mailbox, payload.device)
    return _agreed(secret, kem_secret, associated, addresses, kem_key, handshake, payload.signed_prekey), handshake


def respond(
    own: Prekeys, handshake: Handshake, peer_identity: bytes, peer_address: bytes, own_address: bytes
) -> Agreed:
    """The responder's side. Raises `PeerFaultError` when a prekey it uses is gone (spent, rotated) or malformed.

    A wrong ML-KEM ciphertext is not noticed here (ML-KEM rejects implicitly, FIPS 203): the secret then differs, and
    the first message fails its authentication.
    """
    header = x3dh.Header(peer_identity, handshake.ephemeral, handshake.signed_prekey, handshake.one_time)
    seed = own.kem_seeds.get(handshake.one_time or b"")
    if seed is None:
        raise PeerFaultError("A first message uses a key of ours that was used before. It was dropped.")
    kem = MLKEM768PrivateKey.from_seed_bytes(seed)
    try:
        secret, associated, used = run_now(own.get_shared_secret_passive(header, require_pre_key=False))
        kem_secret = kem.decapsulate(handshake.kem_ciphertext)
    except _MALFORMED as fault:
        raise PeerFaultError("A first message uses keys that this device does not have. It was dropped.") from fault
    kem_key = kem.public_key().public_bytes_raw()
    return _agreed(secret, kem_secret, associated, peer_address + own_address, kem_key, handshake, used.priv)


def address(mailbox: bytes, device: int) -> bytes:
    """A mailbox (16 bytes) and a device number as 20 bytes."""
    return mailbox + device.to_bytes(4, "big")


def _agreed(
    secret: bytes,
    kem_secret: bytes,
    associated: bytes,
    addresses: bytes,
    kem_key: bytes,
    handshake: Handshake,
    ratchet_key: bytes,
) -> Agreed:
    # Binding the ML-KEM key and ciphertext closes the re-encapsulation gap that Bhargavan and others found in the
    # first PQXDH (2023): the secret belongs to exactly these keys.
    bound = hashlib.sha256(_LABEL + kem_key + handshake.kem_ciphertext).digest()
    associated = hashlib.sha256(_LABEL + associated + addresses + bound + handshake.id).digest()
    mixed = hmac.digest(hmac.digest(_LABEL, secret + kem_secret, "sha256"), associated + b"\x01", "sha256")
    return Agreed(mixed, associated, ratchet_key)
