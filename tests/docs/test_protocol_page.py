"""docs/protocol.md, "Inside the body", is enough to open what the client seals: a second implementation of the opening
side that uses nothing of the client but what lies on a device, its keys."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from nacl import bindings

from foreseal_client.draft import Draft
from foreseal_client.sealing.attachments import seal_attachments
from foreseal_client.sealing.keys import DeviceKeys
from foreseal_client.sealing.prekeys import Prekeys, open_bundle
from foreseal_client.sealing.seal import Recipient, Sealed, Sender, seal
from foreseal_matcher import Bytes, Cleared, Mode, OnFailure, Policy, decide, screen
from foreseal_relay.wire import mailbox_of
from sample_lists import nothing_listed

TODAY, NOW = 20_779, 1_795_365_874
FILE = b"no picture, " * 12_000


@dataclass(frozen=True)
class Party:
    """One side: its secrets as they lie on its device, and its mailbox."""

    keys: DeviceKeys
    prekeys: Prekeys
    mailbox: bytes

    @classmethod
    def new(cls) -> Party:
        keys = DeviceKeys.generate()
        return cls(keys, Prekeys.generate(keys), mailbox_of(keys.login_public))

    def private_of(self, public: bytes) -> bytes:
        """The X25519 private key of a prekey."""
        state = json.loads(self.prekeys.save())["x3dh"]
        texts: list[str] = [state["signed_pre_key"]["priv"], *state["pre_keys"]]
        kept = (text.encode("latin-1") for text in texts)
        return next(private for private in kept if public_of(private) == public)


def sealed(tmp_path: Path, sender: Party, recipient: Party, draft: Draft, *, one_time: bool) -> Sealed:
    prekey = recipient.prekeys.replenish(recipient.keys, 1)[0] if one_time else None
    bundle = recipient.prekeys.signed_bundle(recipient.keys, recipient.mailbox, TODAY)
    peer = open_bundle(bundle, prekey, recipient.keys.identity_public, recipient.mailbox, TODAY)
    cleared = decide(screen(draft, nothing_listed()), Policy(Mode.HOLD, OnFailure.CLOSED))
    assert isinstance(cleared, Cleared)
    own = Sender(sender.keys, sender.prekeys, sender.mailbox, None)
    attachments = seal_attachments(cleared, lambda: tmp_path / "blob")
    return seal(cleared, own, Recipient(peer, None), attachments, now=NOW)


@pytest.mark.parametrize("one_time", [True, False], ids=["with-one-time-prekey", "last-resort"])
def test_a_first_message_opens_by_the_page_alone(tmp_path: Path, one_time: bool) -> None:
    alice, bob = Party.new(), Party.new()
    draft = Draft("grüße", (Bytes(FILE, "notes.bin"),))
    envelope = (made := sealed(tmp_path, alice, bob, draft, one_time=one_time)).envelope

    version, sender, mailbox, device, handshake, message = unsealed(envelope.body, bob)
    assert (version, sender, mailbox, device) == (1, alice.keys.identity_public, alice.mailbox, 1)
    letter = opened(bob, sender, mailbox, handshake, message, envelope.commitment, envelope.eid)

    content, opening, signature = msgspec.msgpack.decode(letter)
    label = b"foreseal/1 franking\0"
    assert hmac.digest(opening, label + content, "sha256") == envelope.commitment
    signed = label + envelope.commitment + opening + bob.mailbox + envelope.eid
    Ed25519PublicKey.from_public_bytes(sender).verify(signature, signed)

    version, sent_at, text, attachments, address = msgspec.msgpack.decode(content)
    assert (version, sent_at, text, address) == (1, NOW - NOW % 60, "grüße", None)
    ((blob, key, size, sealed_size, sha256, name),) = attachments
    assert (len(blob), size, sha256, name) == (16, len(FILE), hashlib.sha256(FILE).digest(), "notes.bin")
    ((_, path),) = made.blobs
    assert path.stat().st_size == sealed_size
    padded = streamed(path.read_bytes(), key)
    assert padded == FILE.ljust(len(padded), b"\0")


def test_the_signed_prekey_is_signed_as_the_page_says() -> None:
    bob = Party.new()
    payload, signature = msgspec.msgpack.decode(bob.prekeys.signed_bundle(bob.keys, bob.mailbox, TODAY))
    identity = Ed25519PublicKey.from_public_bytes(bob.keys.identity_public)
    identity.verify(signature, b"foreseal/1 bundle\0" + payload)
    label, key, mailbox, device, expires, prekey, prekey_signature, *hybrid = msgspec.msgpack.decode(payload)
    assert (label, key, mailbox, device) == ("foreseal/1", bob.keys.identity_public, bob.mailbox, 1)
    assert expires == TODAY + 30
    assert list(map(len, hybrid)) == [1184, 1184, 32]
    identity.verify(prekey_signature, b"\2" + prekey)


# --- the opening side, written from the page -----------------------------------------------------------------------


def unsealed(body: bytes, bob: Party) -> list[Any]:
    """HPKE (RFC 9180) in base mode with X-Wing as its KEM: 0x647a, 0x0001, 0x0003."""
    kem, x25519, sealed_part = body[:1088], body[1088:1120], body[1120:]
    own = X25519PrivateKey.from_private_bytes(bob.keys.x25519)
    shared = hashlib.sha3_256(
        MLKEM768PrivateKey.from_seed_bytes(bob.keys.kem).decapsulate(kem)
        + own.exchange(X25519PublicKey.from_public_bytes(x25519))
        + x25519
        + own.public_key().public_bytes_raw()
        + b"\\.//^\\"
    ).digest()
    suite = b"HPKE" + bytes.fromhex("647a00010003")
    info = b"foreseal/1 sealed sender\0" + bob.mailbox

    def extract(salt: bytes, label: bytes, value: bytes) -> bytes:
        return hmac.digest(salt, b"HPKE-v1" + suite + label + value, "sha256")

    def expand(secret: bytes, label: bytes, context: bytes, length: int) -> bytes:
        labelled = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + context
        return hmac.digest(secret, labelled + b"\1", "sha256")[:length]

    context = b"\0" + extract(b"", b"psk_id_hash", b"") + extract(b"", b"info_hash", info)
    secret = extract(shared, b"secret", b"")
    cipher = ChaCha20Poly1305(expand(secret, b"key", context, 32))
    padded = cipher.decrypt(expand(secret, b"base_nonce", context, 12), sealed_part, b"")
    length = int.from_bytes(padded[:4], "big")
    assert not any(padded[4 + length :])
    inner: list[Any] = msgspec.msgpack.decode(padded[4 : 4 + length])
    return inner


def opened(
    bob: Party, sender: bytes, mailbox: bytes, handshake: list[Any], message: list[Any], commitment: bytes, eid: bytes
) -> bytes:
    """X3DH, ML-KEM-768, the first ratchet step and the AEAD."""
    ephemeral, signed_prekey, one_time, kem_ciphertext = handshake
    identity = hashlib.sha512(bob.keys.identity).digest()[:32]
    prekey = bob.private_of(signed_prekey)
    secrets = (
        dh(prekey, bindings.crypto_sign_ed25519_pk_to_curve25519(sender))
        + dh(identity, ephemeral)
        + dh(prekey, ephemeral)
        + (dh(bob.private_of(one_time), ephemeral) if one_time else b"")
    )
    agreed = hkdf(bytes(32), b"\xff" * 32 + secrets, b"foreseal/1 x3dh", 32)
    kem = MLKEM768PrivateKey.from_seed_bytes(bob.prekeys.kem_seeds[one_time or b""])

    label = b"foreseal/1 handshake\0"
    bound = hashlib.sha256(label + kem.public_key().public_bytes_raw() + kem_ciphertext).digest()
    session = hashlib.sha256(label + msgspec.msgpack.encode(handshake)).digest()[:16]
    device = (1).to_bytes(4, "big")
    people = b"\1" + sender + b"\1" + bob.keys.identity_public + mailbox + device + bob.mailbox + device
    associated = hashlib.sha256(label + people + bound + session).digest()
    root = hkdf(label, agreed + kem.decapsulate(kem_ciphertext), associated, 32)

    ratchet_pub, previous, number, ciphertext = message
    chain = hkdf(root, dh(prekey, ratchet_pub), b"foreseal/1 root chain", 64)[32:]
    for _ in range(number):
        chain = hmac.digest(chain, b"\1", "sha256")
    bind = hashlib.sha256(b"foreseal/1 message\0" + associated + commitment + eid).digest()
    data = hashlib.sha256(bind).digest() + ratchet_pub + previous.to_bytes(8, "big") + number.to_bytes(8, "big")
    keys = hkdf(ciphertext[:16], hmac.digest(chain, b"\2", "sha256"), b"foreseal/1 message key\0", 96)
    assert keys[64:] == ciphertext[16:48]
    return ChaCha20Poly1305(keys[:32]).decrypt(keys[32:44], ciphertext[48:], data)


def streamed(blob: bytes, key: bytes) -> bytes:
    """libsodium's secretstream, 64 KiB a chunk, the last one and only the last one final."""
    state = bindings.crypto_secretstream_xchacha20poly1305_state()
    bindings.crypto_secretstream_xchacha20poly1305_init_pull(state, blob[:24], key)
    chunks = [blob[at : at + 65536 + 17] for at in range(24, len(blob), 65536 + 17)]
    pulled = [bindings.crypto_secretstream_xchacha20poly1305_pull(state, chunk, None) for chunk in chunks]
    assert [tag for _, tag in pulled] == [0] * (len(pulled) - 1) + [3]
    return b"".join(plain for plain, _ in pulled)


def public_of(private: bytes) -> bytes:
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def dh(private: bytes, public: bytes) -> bytes:
    return X25519PrivateKey.from_private_bytes(private).exchange(X25519PublicKey.from_public_bytes(public))


def hkdf(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    """HKDF-SHA256 (RFC 5869)."""
    extracted, block, output = hmac.digest(salt, secret, "sha256"), b"", b""
    for counter in range(1, -(-length // 32) + 1):
        block = hmac.digest(extracted, block + info + bytes((counter,)), "sha256")
        output += block
    return output[:length]
