"""The handshake: what both sides agree on, and everything that must not begin a session."""

from __future__ import annotations

import asyncio

import msgspec
import pytest
import x3dh
from nacl import bindings

from foreseal_client.errors import BrokenSessionError, PeerFaultError
from foreseal_client.sealing.bundles import OneTimePrekey
from foreseal_client.sealing.handshake import agree, initiate
from foreseal_client.sealing.prekeys import KEPT_DAYS, ROTATE_DAYS
from two_devices import TODAY, Party, accept, begin

LOW_ORDER = (
    bytes(32),
    b"\x01" + bytes(31),
    bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
    bytes.fromhex("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
    bytes.fromhex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    bytes.fromhex("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
)
"""Points of low order on Curve25519: whatever the secret, the exchange gives zeros."""


@pytest.fixture
def alice() -> Party:
    return Party()


@pytest.fixture
def bob() -> Party:
    return Party()


def test_both_sides_agree_and_can_write_both_ways(alice: Party, bob: Party) -> None:
    line, handshake = begin(alice, bob)
    answering, letter = accept(alice, bob, handshake, line.encrypt(b"hello"))
    assert letter == b"hello"
    assert line.decrypt(answering.encrypt(b"hi")) == b"hi"
    assert answering.decrypt(line.encrypt(b"how are you")) == b"how are you"


def test_the_handshake_travels_until_the_other_side_was_heard(alice: Party, bob: Party) -> None:
    line, handshake = begin(alice, bob)
    answering, _ = accept(alice, bob, handshake, line.encrypt(b"hello"))
    assert line.session.pending == handshake
    line.decrypt(answering.encrypt(b"hi"))
    assert line.session.pending is None


def test_a_session_without_one_time_prekey_uses_the_last_resort(alice: Party, bob: Party) -> None:
    line, handshake = begin(alice, bob, one_time=False)
    assert handshake.one_time is None
    assert accept(alice, bob, handshake, line.encrypt(b"hello"))[1] == b"hello"


class _Oracle(x3dh.BaseState):
    @staticmethod
    def _encode_public_key(key_format: x3dh.IdentityKeyFormat, pub: bytes) -> bytes:
        return (b"\x01" if key_format is x3dh.IdentityKeyFormat.ED_25519 else b"\x02") + pub


@pytest.mark.parametrize("one_time", [True, False])
def test_x3dh_gives_the_secret_that_another_implementation_gives(one_time: bool) -> None:
    settings = (x3dh.IdentityKeyFormat.ED_25519, x3dh.HashFunction.SHA_256, b"foreseal/1 x3dh")
    initiator, responder = _Oracle.create(*settings), _Oracle.create(*settings)
    if one_time:
        responder.generate_pre_keys(1)
    secret, _, header = asyncio.run(initiator.get_shared_secret_active(responder.bundle, require_pre_key=False))
    theirs = responder.model
    identity = theirs.identity_key.secret
    pairs = [
        (theirs.signed_pre_key.priv, bindings.crypto_sign_ed25519_pk_to_curve25519(header.identity_key)),
        (bindings.crypto_sign_ed25519_sk_to_curve25519(identity + responder.bundle.identity_key), header.ephemeral_key),
        (theirs.signed_pre_key.priv, header.ephemeral_key),
        *((private, header.ephemeral_key) for private in theirs.pre_keys),
    ]
    assert agree(pairs) == secret


def test_a_spent_one_time_prekey_opens_nothing_more(alice: Party, bob: Party) -> None:
    line, handshake = begin(alice, bob)
    assert handshake.one_time is not None
    bob.prekeys = bob.prekeys.without(handshake.one_time)
    with pytest.raises(BrokenSessionError, match="used before"):
        accept(alice, bob, handshake, line.encrypt(b"hello"))


@pytest.mark.parametrize("one_time", [True, False])
@pytest.mark.parametrize("position", [0, 500, 1087])
def test_one_flipped_bit_in_the_kem_ciphertext_is_refused(
    alice: Party, bob: Party, position: int, one_time: bool
) -> None:
    line, handshake = begin(alice, bob, one_time=one_time)
    broken = bytearray(handshake.kem_ciphertext)
    broken[position] ^= 1
    with pytest.raises(PeerFaultError):
        accept(alice, bob, msgspec.structs.replace(handshake, kem_ciphertext=bytes(broken)), line.encrypt(b"hello"))


@pytest.mark.parametrize("field", ["ephemeral", "signed_prekey", "one_time", "kem_ciphertext"])
@pytest.mark.parametrize("value", [b"", bytes(32), b"x" * 31, b"\xff" * 32])
def test_a_malformed_handshake_is_refused(alice: Party, bob: Party, field: str, value: bytes) -> None:
    line, handshake = begin(alice, bob)
    with pytest.raises(PeerFaultError):
        accept(alice, bob, msgspec.structs.replace(handshake, **{field: value}), line.encrypt(b"hello"))


@pytest.mark.parametrize("point", LOW_ORDER)
def test_an_ephemeral_key_of_low_order_is_refused_before_anything_is_opened(
    alice: Party, bob: Party, point: bytes
) -> None:
    line, handshake = begin(alice, bob)
    with pytest.raises(PeerFaultError, match="malformed"):
        accept(alice, bob, msgspec.structs.replace(handshake, ephemeral=point), line.encrypt(b"hello"))


@pytest.mark.parametrize("identity", [*LOW_ORDER, b"", b"\xff" * 32, b"\x02" + bytes(31)])
def test_an_identity_that_is_no_usable_key_begins_nothing(alice: Party, bob: Party, identity: bytes) -> None:
    bundle = bob.bundle()
    payload = msgspec.structs.replace(bundle.payload, identity=identity)
    with pytest.raises(PeerFaultError):
        initiate(alice.keys, msgspec.structs.replace(bundle, payload=payload), alice.address, 1)


@pytest.mark.parametrize("round_", [0, -1, 2**48, 2**63 - 1])
def test_a_round_that_cannot_be_is_refused(alice: Party, bob: Party, round_: int) -> None:
    line, handshake = begin(alice, bob)
    with pytest.raises(PeerFaultError, match="round"):
        accept(alice, bob, msgspec.structs.replace(handshake, round=round_), line.encrypt(b"hello"))


@pytest.mark.parametrize("round_", [1, 2**48 - 1])
def test_the_first_and_the_last_round_there_can_be_begin_a_session(alice: Party, bob: Party, round_: int) -> None:
    line, handshake = begin(alice, bob, round_=round_)
    assert accept(alice, bob, handshake, line.encrypt(b"hello"))[1] == b"hello"


def test_a_round_raised_on_the_way_is_refused(alice: Party, bob: Party) -> None:
    line, handshake = begin(alice, bob)
    with pytest.raises(PeerFaultError):
        accept(alice, bob, msgspec.structs.replace(handshake, round=handshake.round + 1), line.encrypt(b"hello"))


def test_a_handshake_in_somebody_elses_name_is_refused(alice: Party, bob: Party) -> None:
    line, handshake = begin(alice, bob)
    with pytest.raises(PeerFaultError):
        accept(Party(), bob, handshake, line.encrypt(b"hello"))


def test_a_handshake_moved_to_another_mailbox_or_device_is_refused(alice: Party, bob: Party) -> None:
    line, handshake = begin(alice, bob)
    message = line.encrypt(b"hello")
    moved = Party(msgspec.structs.replace(bob.keys, login=bytes(32)), bob.prekeys)
    assert moved.keys.identity_public == bob.keys.identity_public
    with pytest.raises(PeerFaultError):
        accept(alice, moved, handshake, message)


def test_a_kem_key_that_is_none_is_refused(alice: Party, bob: Party) -> None:
    bundle = bob.bundle()
    assert bundle.one_time is not None
    broken = OneTimePrekey(bob.mailbox, 1, bundle.one_time.x25519, b"\xff" * 1184)
    with pytest.raises(PeerFaultError):
        initiate(alice.keys, msgspec.structs.replace(bundle, one_time=broken), alice.address, 1)


@pytest.mark.parametrize("one_time", [True, False])
def test_a_first_message_on_its_way_while_keys_are_rotated_still_opens(
    alice: Party, bob: Party, one_time: bool
) -> None:
    line, handshake = begin(alice, bob, one_time=one_time)
    for day in range(TODAY + ROTATE_DAYS, TODAY + KEPT_DAYS, ROTATE_DAYS):
        bob.prekeys = bob.prekeys.rotated(day)
    assert accept(alice, bob, handshake, line.encrypt(b"hello"))[1] == b"hello"


def test_a_first_message_to_keys_replaced_long_ago_is_refused(alice: Party, bob: Party) -> None:
    line, handshake = begin(alice, bob)
    bob.prekeys = bob.prekeys.rotated(TODAY + ROTATE_DAYS).rotated(TODAY + ROTATE_DAYS + KEPT_DAYS)
    with pytest.raises(BrokenSessionError, match="gone"):
        accept(alice, bob, handshake, line.encrypt(b"hello"))
