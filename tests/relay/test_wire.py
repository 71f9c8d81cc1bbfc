"""The codec against its vectors, and against every frame that can be made."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from foreseal_relay import wire
from foreseal_relay.franking import StampKey

VECTORS: dict[str, Any] = json.loads((Path(__file__).parent.parent / "vectors" / "wire.json").read_text())
DECODERS: dict[str, Callable[[bytes], Any]] = {
    "inbox": wire.decode_inbox,
    "drop": wire.decode_drop,
    "server": wire.decode_server,
}
DERIVED: dict[str, Any] = VECTORS["derived"]


def field(shown: Any) -> Any:
    match shown:
        case {"hex": digits}:
            return bytes.fromhex(digits)
        case {"byte": digits, "times": times}:
            return bytes.fromhex(digits) * times
        case list():
            return tuple(field(item) for item in shown)
        case _:
            return shown


@pytest.mark.parametrize("vector", VECTORS["frames"], ids=lambda vector: vector["frame"])
def test_a_frame_has_exactly_these_bytes_and_is_read_back_from_them(vector: dict[str, Any]) -> None:
    fields = {name: field(value) for name, value in vector["fields"].items()}
    frame = getattr(wire, vector["frame"])(**fields)
    assert wire.encode(frame).hex() == vector["hex"]
    assert DECODERS[vector["on"]](bytes.fromhex(vector["hex"])) == frame


def test_every_frame_of_the_protocol_has_a_vector() -> None:
    named = {vector["frame"] for vector in VECTORS["frames"]}
    assert named == {frame.__name__ for frame in wire.Frame.__subclasses__()}


@pytest.mark.parametrize("vector", VECTORS["tolerated"], ids=lambda vector: vector["why"])
def test_an_addition_of_a_later_version_is_ignored(vector: dict[str, Any]) -> None:
    decode = DECODERS[vector["on"]]
    assert decode(bytes.fromhex(vector["hex"])) == decode(bytes.fromhex(vector["same as"]))


@pytest.mark.parametrize("vector", VECTORS["refused"], ids=lambda vector: vector["why"])
def test_a_refused_byte_string_is_refused_by_this_name(vector: dict[str, Any]) -> None:
    with pytest.raises(wire.WireError) as refused:
        DECODERS[vector["on"]](bytes.fromhex(vector["hex"]))
    assert (refused.value.code, refused.value.req) == (vector["code"], vector["req"])


def test_the_frame_longer_than_the_limit_is_malformed_without_being_read() -> None:
    for decode in DECODERS.values():
        with pytest.raises(wire.WireError) as refused:
            decode(bytes(wire.MAX_FRAME + 1))
        assert refused.value.code == wire.RejectCode.MALFORMED


def test_the_derived_values_are_these() -> None:
    key, token = bytes.fromhex(DERIVED["login key"]), bytes.fromhex(DERIVED["token"])
    mailbox = wire.mailbox_of(key)
    message = wire.login_message(
        DERIVED["origin"],
        mailbox,
        bytes.fromhex(DERIVED["server nonce"]),
        bytes.fromhex(DERIVED["client nonce"]),
        DERIVED["generation"],
    )
    assert mailbox.hex() == DERIVED["mailbox of the login key"]
    assert message.hex() == DERIVED["login message"]
    assert wire.token_digest(token).hex() == DERIVED["digest of the token"]


def test_the_login_in_the_vectors_was_signed_over_the_message_in_the_vectors() -> None:
    (login,) = (vector for vector in VECTORS["frames"] if vector["frame"] == "Login")
    key = Ed25519PublicKey.from_public_bytes(field(login["fields"]["key"]))
    key.verify(field(login["fields"]["signature"]), bytes.fromhex(DERIVED["login message"]))


def test_the_stamp_is_this_and_covers_all_four_values() -> None:
    key, covers = StampKey(bytes.fromhex(DERIVED["stamp key"])), DERIVED["stamp covers"]
    commitment, mailbox, eid = (bytes.fromhex(covers[name]) for name in ("commitment", "mailbox", "eid"))
    stamp = key.stamp(commitment, mailbox, eid, covers["day"])
    assert (key.id.hex(), stamp.hex()) == (DERIVED["stamp key id"], DERIVED["stamp"])
    assert not key.confirms(stamp, mailbox * 2, mailbox, eid, covers["day"])
    assert not key.confirms(stamp, commitment, eid, eid, covers["day"])
    assert not key.confirms(stamp, commitment, mailbox, mailbox, covers["day"])
    assert not key.confirms(stamp, commitment, mailbox, eid, covers["day"] + 1)
    assert not StampKey(bytes(32)).confirms(stamp, commitment, mailbox, eid, covers["day"])


@given(
    st.lists(st.tuples(st.text(max_size=6), *[st.binary(max_size=6)] * 3, st.integers(0, 9)), min_size=2, max_size=2)
)
@settings(max_examples=100, deadline=None)
def test_two_different_logins_never_sign_the_same_bytes(two: list[tuple[str, bytes, bytes, bytes, int]]) -> None:
    first, second = two
    assert (wire.login_message(*first) == wire.login_message(*second)) == (first == second)


def test_frames_fit_the_limit_with_every_field_at_its_longest() -> None:
    longest: list[wire.InboxFrame | wire.DropFrame] = [
        wire.Send(2**32 - 1, bytes(16), bytes(16), wire.MAX_TTL, bytes(32), bytes(32), bytes(wire.BODY_SIZES[-1])),
        wire.Publish(2**32 - 1, bytes(wire.MAX_BUNDLE), (bytes(wire.MAX_ONE_TIME_PREKEY),) * wire.PREKEYS_A_FRAME),
        wire.Ack(2**32 - 1, (bytes(16),) * wire.MAX_ACK),
    ]
    for frame in longest:
        assert len(wire.encode(frame)) <= wire.MAX_FRAME
    deliver = wire.Deliver(bytes(16), bytes(32), 2**31, bytes(8), bytes(wire.BODY_SIZES[-1]), bytes(32))
    assert len(wire.encode(deliver)) <= wire.MAX_FRAME
