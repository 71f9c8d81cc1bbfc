"""docs/protocol.md, "Inside the body", is enough to open what the client seals: a second implementation of the opening
side that uses nothing of the client but what lies on a device, its keys."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
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
from foreseal_client.sealing.bundles import open_bundle
from foreseal_client.sealing.keys import DeviceKeys
from foreseal_client.sealing.notes import Notes, Shares, Timer
from foreseal_client.sealing.opening import open_inner, unwrap
from foreseal_client.sealing.prekeys import Prekeys
from foreseal_client.sealing.seal import Recipient, Sealed, Sender, seal
from foreseal_client.sealing.session import Session
from foreseal_client.sealing.sessions import Sessions
from foreseal_matcher import Bytes, Cleared, Mode, OnFailure, Policy, decide, screen
from foreseal_relay.wire import mailbox_of
from sample_lists import nothing_listed
from sample_logs import MemoryLog

TODAY, NOW = 20_779, 1_795_365_874
FILE = b"no picture, " * 12_000
HEAD = MemoryLog().head([b"an entry"]).encode()


@dataclass(frozen=True)
class Party:
    """One side: its secrets as they lie on its device, and its mailbox."""

    keys: DeviceKeys
    prekeys: Prekeys
    mailbox: bytes
    one_time: bytes
    """A one-time prekey of it, as published."""

    @classmethod
    def new(cls) -> Party:
        keys = DeviceKeys.generate()
        prekeys, published = Prekeys.generate(TODAY).replenished(keys, mailbox_of(keys.login_public), 1)
        return cls(keys, prekeys, mailbox_of(keys.login_public), published[0])


def sealed(
    tmp_path: Path,
    sender: Party,
    recipient: Party,
    draft: Draft,
    *,
    one_time: bool = True,
    session: Session | None = None,
) -> Sealed:
    bundle = recipient.prekeys.signed_bundle(recipient.keys, recipient.mailbox, TODAY)
    prekey = recipient.one_time if one_time else None
    peer = open_bundle(bundle, prekey, recipient.keys.identity_public, recipient.mailbox, TODAY)
    cleared = decide(screen(draft, nothing_listed()), Policy(Mode.HOLD, OnFailure.CLOSED))
    assert isinstance(cleared, Cleared)
    own = Sender(sender.keys, sender.mailbox, None, heads=(HEAD,))
    attachments = seal_attachments(cleared, lambda: tmp_path / "blob")
    notes = Notes(60, Timer(1, 60), int(Shares.RECEIPTS | Shares.TYPING), read=(bytes(16),))
    return seal(cleared, own, Recipient(peer, session), attachments, now=NOW, notes=notes)


def taken(made: Sealed, recipient: Party, sessions: Sessions) -> Session:
    """The session at the recipient's, after its client has opened the envelope."""
    body, commitment, eid = made.envelope.body, made.envelope.commitment, made.envelope.eid
    inner = unwrap(body, recipient.prekeys, recipient.mailbox)
    return open_inner(
        inner, commitment, eid, keys=recipient.keys, prekeys=recipient.prekeys, mailbox=recipient.mailbox,
        sessions=sessions, today=TODAY,
    ).session  # fmt: skip


@pytest.mark.parametrize("one_time", [True, False], ids=["with-one-time-prekey", "last-resort"])
def test_a_first_message_opens_by_the_page_alone(tmp_path: Path, one_time: bool) -> None:
    alice, bob = Party.new(), Party.new()
    draft = Draft("grüße", (Bytes(FILE, "notes.bin"),))
    envelope = (made := sealed(tmp_path, alice, bob, draft, one_time=one_time)).envelope

    version, sender, mailbox, device, session, round_, handshake, message = unsealed(envelope.body, bob)
    assert (version, sender, mailbox, device, round_) == (1, alice.keys.identity_public, alice.mailbox, 1, 1)
    root, associated, prekey = agreed(bob, sender, mailbox, handshake)
    assert session == session_id(handshake)
    _, chain = root_step(root, prekey, message[0])
    letter = opened(chain, message, associated, envelope.commitment, envelope.eid)

    content, opening, signature = msgspec.msgpack.decode(letter)
    label = b"foreseal/1 franking\0"
    assert hmac.digest(opening, label + content, "sha256") == envelope.commitment
    signed = label + envelope.commitment + opening + bob.mailbox + envelope.eid
    Ed25519PublicKey.from_public_bytes(sender).verify(signature, signed)

    version, sent_at, text, attachments, address, unopened, group, notes, heads = msgspec.msgpack.decode(content)
    assert (version, sent_at, text, address, unopened, group) == (1, NOW - NOW % 60, "grüße", None, [], b"")
    key, size, root, at, signature, digest, index, length = struct.unpack(">32s Q 32s Q 64s 32s Q B", heads[0][:185])
    origin = f"foreseal-lists/{hashlib.sha256(key).hexdigest()[:16]}"
    body = f"{origin}\n{size}\n{base64.b64encode(root).decode()}\ntime {at}\n"
    Ed25519PublicKey.from_public_bytes(key).verify(signature, body.encode())
    assert (heads[0][185:], length, size, index, digest) == (b"demo", 4, 1, 0, bytes(32))
    assert notes == [60, [1, 60], 3, [], [bytes(16)], [], False]
    ((blob, key, size, sealed_size, sha256, name),) = attachments
    assert (len(blob), size, sha256, name) == (16, len(FILE), hashlib.sha256(FILE).digest(), "notes.bin")
    ((_, path),) = made.blobs
    assert path.stat().st_size == sealed_size
    padded = streamed(path.read_bytes(), key)
    assert padded == FILE.ljust(len(padded), b"\0")


def test_a_message_after_an_answer_opens_by_the_page_alone(tmp_path: Path) -> None:
    alice, bob = Party.new(), Party.new()
    first = sealed(tmp_path, alice, bob, Draft("one"))
    at_bob = taken(first, bob, Sessions())
    answer = sealed(tmp_path, bob, alice, Draft("two"), session=at_bob)
    at_alice = taken(answer, alice, Sessions((first.session,)))
    third = sealed(tmp_path, alice, bob, Draft("three"), session=at_alice).envelope

    _, sender, mailbox, _, _, _, handshake, message = unsealed(first.envelope.body, bob)
    root, associated, prekey = agreed(bob, sender, mailbox, handshake)
    root, _ = root_step(root, prekey, message[0])
    root, _ = root_step(root, at_bob.ratchet.own_private, message[0])  # the chain that Bob answered on
    *_, session, round_, absent, message = unsealed(third.body, bob)
    assert (session, round_, absent, message[1:3]) == (session_id(handshake), 1, None, [1, 0])
    _, chain = root_step(root, at_bob.ratchet.own_private, message[0])
    content, *_ = msgspec.msgpack.decode(opened(chain, message, associated, third.commitment, third.eid))
    assert msgspec.msgpack.decode(content)[2] == "three"


def test_bundle_and_one_time_prekey_are_what_the_page_says() -> None:
    bob = Party.new()
    payload, signature = msgspec.msgpack.decode(bob.prekeys.signed_bundle(bob.keys, bob.mailbox, TODAY))
    identity = Ed25519PublicKey.from_public_bytes(bob.keys.identity_public)
    identity.verify(signature, b"foreseal/1 bundle\0" + payload)
    label, key, mailbox, device, expires, prekey, *hybrid = msgspec.msgpack.decode(payload)
    assert (label, key, mailbox, device) == ("foreseal/1", bob.keys.identity_public, bob.mailbox, 1)
    assert expires == TODAY + 30
    assert list(map(len, (prekey, *hybrid))) == [32, 1184, 1184, 32]
    payload, signature = msgspec.msgpack.decode(bob.one_time)
    identity.verify(signature, b"foreseal/1 one-time prekey\0" + payload)
    mailbox, device, x25519, kem = msgspec.msgpack.decode(payload)
    assert (mailbox, device, len(x25519), len(kem)) == (bob.mailbox, 1, 32, 1184)


# --- the opening side, written from the page -----------------------------------------------------------------------


def unsealed(body: bytes, bob: Party) -> list[Any]:
    """HPKE (RFC 9180) in base mode with X-Wing as its KEM: 0x647a, 0x0001, 0x0003."""
    kem, x25519, sealed_part = body[:1088], body[1088:1120], body[1120:]
    newest = bob.prekeys.generations[0]
    own = X25519PrivateKey.from_private_bytes(newest.seal_x25519)
    shared = hashlib.sha3_256(
        MLKEM768PrivateKey.from_seed_bytes(newest.seal_kem).decapsulate(kem)
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


def session_id(handshake: list[Any]) -> bytes:
    return hashlib.sha256(b"foreseal/1 handshake\0" + msgspec.msgpack.encode(handshake)).digest()[:16]


def agreed(bob: Party, sender: bytes, mailbox: bytes, handshake: list[Any]) -> tuple[bytes, bytes, bytes]:
    """X3DH and ML-KEM-768: the root key, the associated data and the signed prekey's private half."""
    ephemeral, signed_prekey, one_time, kem_ciphertext, _round = handshake
    identity = hashlib.sha512(bob.keys.identity).digest()[:32]
    generation = next(each for each in bob.prekeys.generations if public_of(each.signed_prekey) == signed_prekey)
    prekey, kem_seed = generation.signed_prekey, generation.last_resort
    secrets = (
        dh(prekey, bindings.crypto_sign_ed25519_pk_to_curve25519(sender))
        + dh(identity, ephemeral)
        + dh(prekey, ephemeral)
    )
    if one_time:
        used = next(each for each in bob.prekeys.one_time if public_of(each.x25519) == one_time)
        secrets, kem_seed = secrets + dh(used.x25519, ephemeral), used.kem
    shared = hkdf(bytes(32), b"\xff" * 32 + secrets, b"foreseal/1 x3dh", 32)
    kem = MLKEM768PrivateKey.from_seed_bytes(kem_seed)

    label = b"foreseal/1 handshake\0"
    bound = hashlib.sha256(label + kem.public_key().public_bytes_raw() + kem_ciphertext).digest()
    device = (1).to_bytes(4, "big")
    people = b"\1" + sender + b"\1" + bob.keys.identity_public + mailbox + device + bob.mailbox + device
    associated = hashlib.sha256(label + people + bound + session_id(handshake)).digest()
    return hkdf(label, shared + kem.decapsulate(kem_ciphertext), associated, 32), associated, prekey


def root_step(root: bytes, private: bytes, public: bytes) -> tuple[bytes, bytes]:
    """The next root key and a chain key."""
    both = hkdf(root, dh(private, public), b"foreseal/1 root chain", 64)
    return both[:32], both[32:]


def opened(chain: bytes, message: list[Any], associated: bytes, commitment: bytes, eid: bytes) -> bytes:
    """The chain steps and the AEAD."""
    ratchet_pub, previous, number, ciphertext = message
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
