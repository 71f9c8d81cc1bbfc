"""The handshake and the ratchet: what opens, and everything that must not."""

from __future__ import annotations

import random

import msgspec
import pytest

from foreseal_client.errors import PeerFaultError
from foreseal_client.sealing.handshake import Handshake, address, initiate, respond
from foreseal_client.sealing.keys import DEVICE, DeviceKeys
from foreseal_client.sealing.prekeys import (
    _BUNDLE_LABEL,
    BUNDLE_DAYS,
    MAX_STOCK,
    OneTimePrekey,
    PeerBundle,
    Prekeys,
    _signed,
    open_bundle,
)
from foreseal_client.sealing.ratchet import RatchetMessage
from foreseal_client.sealing.session import Session
from foreseal_relay.wire import mailbox_of

TODAY = 20_000
C, E = bytes(32), bytes(16)


class Person:
    def __init__(self) -> None:
        self.keys = DeviceKeys.generate()
        self.prekeys = Prekeys.generate(self.keys)
        self.mailbox = mailbox_of(self.keys.login_public)
        self.address = address(self.mailbox, DEVICE)

    def bundle(self, *, one_time: bool = True) -> PeerBundle:
        signed = self.prekeys.signed_bundle(self.keys, self.mailbox, TODAY)
        prekey = self.prekeys.replenish(self.keys, 1)[0] if one_time else None
        return open_bundle(signed, prekey, self.keys.identity_public, self.mailbox, TODAY)


@pytest.fixture
def alice() -> Person:
    return Person()


@pytest.fixture
def bob() -> Person:
    return Person()


def begin(alice: Person, bob: Person, letter: bytes = b"hello") -> tuple[Session, Handshake, RatchetMessage]:
    agreed, handshake = initiate(alice.prekeys, bob.bundle(), alice.address)
    session, message = Session.begin(agreed, handshake, letter, C, E)
    return session, handshake, message


def accept(alice: Person, bob: Person, handshake: Handshake, message: RatchetMessage) -> tuple[Session, bytes]:
    agreed = respond(bob.prekeys, handshake, alice.keys.identity_public, alice.address, bob.address)
    return Session.accept(agreed, handshake, message, C, E)


def pair(alice: Person, bob: Person) -> tuple[Session, Session]:
    session, handshake, message = begin(alice, bob)
    return session, accept(alice, bob, handshake, message)[0]


def test_both_sides_agree_and_can_write_both_ways(alice: Person, bob: Person) -> None:
    session, handshake, message = begin(alice, bob)
    answered, letter = accept(alice, bob, handshake, message)
    assert letter == b"hello"
    assert session.decrypt(answered.encrypt(b"hi", C, E), C, E) == b"hi"
    assert answered.decrypt(session.encrypt(b"how are you", C, E), C, E) == b"how are you"


def test_the_handshake_travels_until_the_other_side_was_heard(alice: Person, bob: Person) -> None:
    session, answered = pair(alice, bob)
    assert session.pending is not None
    session.decrypt(answered.encrypt(b"hi", C, E), C, E)
    assert session.pending is None


def test_a_session_without_one_time_prekey_uses_the_last_resort(alice: Person, bob: Person) -> None:
    agreed, handshake = initiate(alice.prekeys, bob.bundle(one_time=False), alice.address)
    _, message = Session.begin(agreed, handshake, b"hello", C, E)
    assert handshake.one_time is None
    assert accept(alice, bob, handshake, message)[1] == b"hello"


def test_a_spent_one_time_prekey_opens_nothing_more(alice: Person, bob: Person) -> None:
    _, handshake, message = begin(alice, bob)
    assert handshake.one_time is not None
    bob.prekeys.spend(handshake.one_time)
    with pytest.raises(PeerFaultError, match="used before"):
        accept(alice, bob, handshake, message)


@pytest.mark.parametrize("position", [0, 500, 1087])
def test_one_flipped_bit_in_the_kem_ciphertext_is_refused(alice: Person, bob: Person, position: int) -> None:
    _, handshake, message = begin(alice, bob)
    broken = bytearray(handshake.kem_ciphertext)
    broken[position] ^= 1
    with pytest.raises(PeerFaultError):
        accept(alice, bob, msgspec.structs.replace(handshake, kem_ciphertext=bytes(broken)), message)


@pytest.mark.parametrize("field", ["ephemeral", "signed_prekey", "one_time", "kem_ciphertext"])
@pytest.mark.parametrize("value", [b"", bytes(32), b"x" * 31, b"\xff" * 32])
def test_a_malformed_handshake_is_refused(alice: Person, bob: Person, field: str, value: bytes) -> None:
    _, handshake, message = begin(alice, bob)
    with pytest.raises(PeerFaultError):
        accept(alice, bob, msgspec.structs.replace(handshake, **{field: value}), message)


def test_a_handshake_in_somebody_elses_name_is_refused(alice: Person, bob: Person) -> None:
    _, handshake, message = begin(alice, bob)
    with pytest.raises(PeerFaultError):
        accept(Person(), bob, handshake, message)


def test_a_handshake_moved_to_another_mailbox_is_refused(alice: Person, bob: Person) -> None:
    _, handshake, message = begin(alice, bob)
    bob.address = address(bytes(16), DEVICE)
    with pytest.raises(PeerFaultError):
        accept(alice, bob, handshake, message)


def test_messages_may_arrive_in_any_order(alice: Person, bob: Person) -> None:
    session, answered = pair(alice, bob)
    messages = [(str(n).encode(), session.encrypt(str(n).encode(), C, E)) for n in range(30)]
    random.Random(7).shuffle(messages)
    for plain, message in messages:
        assert answered.decrypt(message, C, E) == plain


def test_a_repeated_message_is_refused_and_the_next_still_opens(alice: Person, bob: Person) -> None:
    session, answered = pair(alice, bob)
    message = session.encrypt(b"once", C, E)
    answered.decrypt(message, C, E)
    with pytest.raises(PeerFaultError):
        answered.decrypt(message, C, E)
    assert answered.decrypt(session.encrypt(b"next", C, E), C, E) == b"next"


@pytest.mark.parametrize(
    "change",
    [
        {"ratchet_pub": bytes(32)},
        {"ratchet_pub": b"short"},
        {"number": 5},
        {"number": -1},
        {"number": 2**40},
        {"previous": 2**33},
        {"number": 100_000},
        {"ciphertext": b""},
        {"ciphertext": bytes(200)},
    ],
)
def test_a_forged_header_is_refused_and_changes_nothing(
    alice: Person, bob: Person, change: dict[str, bytes | int]
) -> None:
    session, answered = pair(alice, bob)
    message = session.encrypt(b"real", C, E)
    before = answered.save()
    with pytest.raises(PeerFaultError):
        answered.decrypt(msgspec.structs.replace(message, **change), C, E)
    assert answered.save() == before
    assert answered.decrypt(message, C, E) == b"real"


@pytest.mark.parametrize(("commitment", "eid"), [(b"\x01" * 32, E), (C, b"\x01" * 16), (b"", E), (C, b"")])
def test_a_swapped_commitment_or_envelope_id_is_refused(
    alice: Person, bob: Person, commitment: bytes, eid: bytes
) -> None:
    session, answered = pair(alice, bob)
    with pytest.raises(PeerFaultError):
        answered.decrypt(session.encrypt(b"real", C, E), commitment, eid)


def test_a_restored_state_never_gives_the_same_ciphertext_twice(alice: Person, bob: Person) -> None:
    session, _ = pair(alice, bob)
    state = session.save()
    one, other = (Session.restore(state).encrypt(b"same", C, E) for _ in range(2))
    assert one.number == other.number
    assert one.ciphertext[:16] != other.ciphertext[:16]
    assert one.ciphertext[48:] != other.ciphertext[48:]


def test_a_state_survives_saving_at_every_step(alice: Person, bob: Person) -> None:
    session, answered = pair(alice, bob)
    for n in range(6):
        session, answered = Session.restore(session.save()), Session.restore(answered.save())
        one, other = (session, answered) if n % 2 else (answered, session)
        assert other.decrypt(one.encrypt(b"%d" % n, C, E), C, E) == b"%d" % n


@pytest.mark.parametrize("day", [TODAY + BUNDLE_DAYS + 1, TODAY + 1000])
def test_an_expired_bundle_is_refused(bob: Person, day: int) -> None:
    signed = bob.prekeys.signed_bundle(bob.keys, bob.mailbox, TODAY)
    with pytest.raises(PeerFaultError, match="expired"):
        open_bundle(signed, None, bob.keys.identity_public, bob.mailbox, day)


def test_a_bundle_is_refused_when_any_byte_of_it_changed(bob: Person) -> None:
    signed = bob.prekeys.signed_bundle(bob.keys, bob.mailbox, TODAY)
    for position in range(0, len(signed), 97):
        broken = bytearray(signed)
        broken[position] ^= 0x20
        with pytest.raises(PeerFaultError):
            open_bundle(bytes(broken), None, bob.keys.identity_public, bob.mailbox, TODAY)


def test_a_bundle_or_prekey_of_somebody_else_is_refused(alice: Person, bob: Person) -> None:
    theirs = alice.prekeys.signed_bundle(alice.keys, alice.mailbox, TODAY)
    ours = bob.prekeys.signed_bundle(bob.keys, bob.mailbox, TODAY)
    with pytest.raises(PeerFaultError, match="not signed"):
        open_bundle(theirs, None, bob.keys.identity_public, bob.mailbox, TODAY)
    with pytest.raises(PeerFaultError, match="not signed"):
        open_bundle(ours, alice.prekeys.replenish(alice.keys, 1)[0], bob.keys.identity_public, bob.mailbox, TODAY)
    with pytest.raises(PeerFaultError, match="somebody else"):
        open_bundle(ours, None, bob.keys.identity_public, alice.mailbox, TODAY)


@pytest.mark.parametrize(
    "change",
    [
        {"seal_x25519": b"short"},
        {"seal_x25519": bytes(32)},
        {"seal_kem": b"\xff" * 1184},
        {"last_resort_kem": b"\xff" * 1184},
        {"signed_prekey": bytes(32)},
        {"device": -1},
    ],
)
def test_a_signed_bundle_with_keys_that_cannot_work_is_refused_at_once(bob: Person, change: dict[str, bytes]) -> None:
    payload = msgspec.structs.replace(bob.bundle().payload, **change)
    signed = _signed(bob.keys, _BUNDLE_LABEL, msgspec.msgpack.encode(payload))
    with pytest.raises(PeerFaultError, match="malformed"):
        open_bundle(signed, None, bob.keys.identity_public, bob.mailbox, TODAY)


def test_a_relay_that_always_says_it_has_no_prekeys_makes_a_device_keep_no_more_than_its_stock(bob: Person) -> None:
    for _ in range(15):
        newest = bob.prekeys.replenish(bob.keys, 20)
    assert len(bob.prekeys.kem_seeds) <= MAX_STOCK + 21
    one_time = msgspec.msgpack.decode(msgspec.msgpack.decode(newest[-1])[0], type=OneTimePrekey)
    assert one_time.x25519 in bob.prekeys.kem_seeds


def test_a_kem_key_that_is_none_is_refused(alice: Person, bob: Person) -> None:
    bundle = bob.bundle()
    assert bundle.one_time is not None
    broken = PeerBundle(bundle.payload, OneTimePrekey(bundle.one_time.x25519, b"\xff" * 1184))
    with pytest.raises(PeerFaultError):
        initiate(alice.prekeys, broken, alice.address)
