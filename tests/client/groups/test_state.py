"""A group's state is taken as it was signed, and everything about it that is impossible is refused by name."""

from __future__ import annotations

import contextlib
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foreseal_client.errors import PeerFaultError
from foreseal_client.groups.changes import Impossible, begin
from foreseal_client.groups.state import MAX_MEMBERS, MAX_STATE_BYTES, GroupState, Member, open_state, sign_state
from foreseal_client.sealing.keys import sign
from group_people import GROUP, forged, founded, people

ALICE, BOB, CAROL = people(3)
FIRST = founded(ALICE, BOB)


def crowd(count: int, name: str = "N", relay: str = "http://r.example") -> tuple[Member, ...]:
    return tuple(Member(bytes([n]) * 32, name, relay, bytes([n]) * 16, 1) for n in range(1, count + 1))


def signed(payload: bytes) -> bytes:
    return msgspec.msgpack.encode((payload, sign(ALICE.keys.identity, b"foreseal/1 group state\x00", payload)))


def test_a_state_travels_as_the_bytes_that_were_signed() -> None:
    assert open_state(FIRST.packed) == FIRST
    assert FIRST.payload in FIRST.packed


def test_elements_that_a_later_version_adds_are_signed_with_the_rest_and_skipped() -> None:
    longer = msgspec.msgpack.encode([*msgspec.to_builtins(FIRST.state, builtin_types=[bytes]), "later"])
    opened = open_state(signed(longer))
    assert opened.state == FIRST.state
    assert opened.payload == longer
    assert opened.hash != FIRST.hash


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"format": 2}, "format 2"),
        ({"group": bytes(15)}, "impossible number, id or hash"),
        ({"before": bytes(31)}, "impossible number, id or hash"),
        ({"version": -1}, "impossible number, id or hash"),
        ({"version": 2**32}, "impossible number, id or hash"),
        ({"name": ""}, "impossible name"),
        ({"name": "x" * 65}, "impossible name"),
        ({"name": "a\nb"}, "impossible name"),
        ({"name": "left\u202eright"}, "impossible name"),
        ({"members": (ALICE.member, *crowd(MAX_MEMBERS))}, "more than 32 members"),
        ({"members": (ALICE.member, BOB.member, BOB.member)}, "names somebody twice"),
        ({"members": (ALICE.member, msgspec.structs.replace(BOB.member, relay="file:///x"))}, "impossible address"),
        ({"members": (ALICE.member, msgspec.structs.replace(BOB.member, mailbox=b""))}, "impossible address"),
        ({"members": (ALICE.member, msgspec.structs.replace(BOB.member, device=0))}, "impossible address"),
        ({"admins": (ALICE.id, ALICE.id)}, "names an admin twice"),
        ({"admins": (ALICE.id, CAROL.id)}, "one who is no member"),
        ({"version": 1}, "follows none"),
        ({"before": bytes([1]) * 32}, "first one that follows another"),
        ({"admins": (BOB.id,)}, "other admins than the one who made it"),
        ({"admins": ()}, "other admins than the one who made it"),
    ],
)
def test_an_impossible_state_is_refused_by_name_even_when_it_is_signed(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(PeerFaultError, match=told):
        sign_state(forged(FIRST, **changes), ALICE.keys.identity)


def test_a_state_that_somebody_else_signed_is_refused() -> None:
    with pytest.raises(PeerFaultError, match="not signed by the person it names"):
        sign_state(FIRST.state, BOB.keys.identity)


def test_a_single_exchanged_bit_breaks_the_signature() -> None:
    altered = FIRST.payload.replace(b"Walks", b"walks")
    with pytest.raises(PeerFaultError, match="not signed"):
        open_state(msgspec.msgpack.encode((altered, FIRST.signature)))


def test_a_state_of_thirty_two_people_with_the_longest_names_fits_and_a_longer_one_is_refused() -> None:
    longest = (ALICE.member, *crowd(MAX_MEMBERS - 1, "\U0001f333" * 64, "http://" + ".".join(["h" * 60] * 4)))
    assert len(sign_state(forged(FIRST, members=longest), ALICE.keys.identity).payload) < MAX_STATE_BYTES
    with pytest.raises(PeerFaultError, match="longer than"):
        open_state(signed(msgspec.msgpack.encode([1, bytes(MAX_STATE_BYTES)])))


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_random_bytes_are_refused_by_name(data: bytes) -> None:
    with contextlib.suppress(PeerFaultError):
        open_state(data)
    with contextlib.suppress(PeerFaultError):
        open_state(signed(data))


def test_a_group_is_not_begun_with_too_many_or_without_a_name() -> None:
    assert isinstance(begin(GROUP, "Full", ALICE.member, crowd(MAX_MEMBERS - 1)), GroupState)
    for refused in (begin(GROUP, "Full", ALICE.member, crowd(MAX_MEMBERS)), begin(GROUP, " ", ALICE.member)):
        assert isinstance(refused, Impossible)
