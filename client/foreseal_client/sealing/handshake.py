"""The handshake: X3DH with ML-KEM-768 mixed into the same secret.

It is PQXDH-shaped (Signal, "The PQXDH Key Agreement Protocol", revision 3): whoever records today and has a quantum
computer later learns nothing. Healing after a stolen state stays classical, by the ratchet's X25519 steps. `x3dh`, an
implementation that others use, is the oracle of the tests.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey

from foreseal_client.errors import BrokenSessionError, PeerFaultError
from foreseal_client.sealing import curve
from foreseal_client.sealing.bundles import PeerBundle
from foreseal_client.sealing.keys import DeviceKeys
from foreseal_client.sealing.prekeys import Prekeys

__all__ = ["MAX_ROUND", "Agreed", "Handshake", "address", "agree", "initiate", "respond"]

MAX_ROUND: Final = 2**48
"""Rounds are from 1 to below this."""
_LABEL: Final = b"foreseal/1 handshake\x00"
_X3DH_INFO: Final = b"foreseal/1 x3dh"


class Handshake(msgspec.Struct, frozen=True, array_like=True):
    """What the initiator sends along until it is first answered. `one_time` is absent when the responder had run
    out; then `kem_ciphertext` is for the last-resort key, and the responder keeps a record against replays. `round`:
    one more than that of any session the initiator had with this device; the highest is the one in use."""

    ephemeral: bytes
    signed_prekey: bytes
    one_time: bytes | None
    kem_ciphertext: bytes
    round: int

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


def initiate(keys: DeviceKeys, peer: PeerBundle, own_address: bytes, round_: int) -> tuple[Agreed, Handshake]:
    """Begins a session with the owner of a checked bundle. `own_address`: this side's mailbox and device.

    Raises `PeerFaultError` for keys that are no curve points or no ML-KEM key.
    """
    payload, one_time = peer.payload, peer.one_time
    kem_key = payload.last_resort_kem if one_time is None else one_time.kem
    ephemeral = curve.new_private()
    pairs = [
        (curve.from_identity_seed(keys.identity), payload.signed_prekey),
        (ephemeral, _of_identity(payload.identity)),
        (ephemeral, payload.signed_prekey),
    ]
    if one_time is not None:
        pairs.append((ephemeral, one_time.x25519))
    try:
        kem_secret, kem_ciphertext = MLKEM768PublicKey.from_public_bytes(kem_key).encapsulate()
    except ValueError as fault:
        raise PeerFaultError("The other device's keys are malformed. Nothing was sent.") from fault
    handshake = Handshake(
        curve.public_of(ephemeral),
        payload.signed_prekey,
        None if one_time is None else one_time.x25519,
        kem_ciphertext,
        round_,
    )
    people = _people(keys.identity_public, payload.identity, own_address, address(payload.mailbox, payload.device))
    return _mixed(agree(pairs), kem_secret, people, kem_key, handshake, payload.signed_prekey), handshake


def respond(
    keys: DeviceKeys,
    prekeys: Prekeys,
    handshake: Handshake,
    peer_identity: bytes,
    peer_address: bytes,
    own_address: bytes,
) -> Agreed:
    """The responder's side. Raises `BrokenSessionError` when a prekey that it uses is gone (spent, or replaced long
    ago), `PeerFaultError` when it is malformed.

    A wrong ML-KEM ciphertext is not noticed here (ML-KEM rejects implicitly, FIPS 203): the secret then differs, and
    the first message fails its authentication.
    """
    if not 0 < handshake.round < MAX_ROUND:
        raise PeerFaultError("A first message carries a round that the protocol does not allow. It was dropped.")
    generation = prekeys.generation_of(handshake.signed_prekey)
    one_time = None if handshake.one_time is None else prekeys.one_time_of(handshake.one_time)
    if generation is None or (one_time is None and handshake.one_time is not None):
        raise BrokenSessionError(
            "A first message uses a key of ours that was used before, or is gone. It was dropped.",
            peer_identity,
            handshake.round,
        )
    pairs = [
        (generation.signed_prekey, _of_identity(peer_identity)),
        (curve.from_identity_seed(keys.identity), handshake.ephemeral),
        (generation.signed_prekey, handshake.ephemeral),
    ]
    if one_time is not None:
        pairs.append((one_time.x25519, handshake.ephemeral))
    kem = MLKEM768PrivateKey.from_seed_bytes(generation.last_resort if one_time is None else one_time.kem)
    kem_key = kem.public_key().public_bytes_raw()
    try:
        kem_secret = kem.decapsulate(handshake.kem_ciphertext)
    except ValueError as fault:
        raise PeerFaultError("A first message is malformed in its post-quantum part. It was dropped.") from fault
    people = _people(peer_identity, keys.identity_public, peer_address, own_address)
    return _mixed(agree(pairs), kem_secret, people, kem_key, handshake, generation.signed_prekey)


def agree(pairs: list[tuple[bytes, bytes]]) -> bytes:
    """X3DH's secret (Marlinspike and Perrin, "The X3DH Key Agreement Protocol", section 3.3) from its three or four
    pairs of own private and their public key, in order. 32 bytes. Raises `PeerFaultError` for a point of low order."""
    try:
        shared = b"".join(curve.exchange(private, public) for private, public in pairs)
    except ValueError as fault:
        raise PeerFaultError("The other device's keys are malformed. Nothing was agreed.") from fault
    extracted = hmac.digest(bytes(32), b"\xff" * 32 + shared, "sha256")
    return hmac.digest(extracted, _X3DH_INFO + b"\x01", "sha256")


def address(mailbox: bytes, device: int) -> bytes:
    """A mailbox (16 bytes) and a device number as 20 bytes."""
    return mailbox + device.to_bytes(4, "big")


def _people(initiator: bytes, responder: bytes, initiator_address: bytes, responder_address: bytes) -> bytes:
    return b"\x01" + initiator + b"\x01" + responder + initiator_address + responder_address


def _mixed(
    secret: bytes, kem_secret: bytes, people: bytes, kem_key: bytes, handshake: Handshake, ratchet_key: bytes
) -> Agreed:
    # Binding the ML-KEM key and ciphertext closes the re-encapsulation gap that Bhargavan and others found in the
    # first PQXDH (2023): the secret belongs to exactly these keys.
    bound = hashlib.sha256(_LABEL + kem_key + handshake.kem_ciphertext).digest()
    associated = hashlib.sha256(_LABEL + people + bound + handshake.id).digest()
    mixed = hmac.digest(hmac.digest(_LABEL, secret + kem_secret, "sha256"), associated + b"\x01", "sha256")
    return Agreed(mixed, associated, ratchet_key)


def _of_identity(identity: bytes) -> bytes:
    try:
        return curve.from_identity(identity)
    except ValueError as fault:
        raise PeerFaultError("The other person's identity key is no usable key. Nothing was agreed.") from fault
