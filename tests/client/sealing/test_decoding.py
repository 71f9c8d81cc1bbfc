"""MessagePack from other people: whatever it is, nothing but `PeerFaultError` comes out."""

from __future__ import annotations

import contextlib
import sys

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreseal_client.errors import PeerFaultError
from foreseal_client.sealing.decoding import decoded
from foreseal_client.sealing.letter import Letter

LETTER = Letter(b"c", b"o", b"s")


def test_surplus_elements_of_a_later_version_are_skipped() -> None:
    encoded = msgspec.msgpack.encode([b"c", b"o", b"s", {"new": [1, 2]}])
    assert decoded(encoded, Letter, "no letter") == LETTER


def test_depth_beyond_the_stack_is_a_malformed_message() -> None:
    deep = b"\x94\xc4\x01c\xc4\x01o\xc4\x01s" + b"\x91" * 200_000 + b"\x90"
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(1000)  # other tests' tools may have raised it
    try:
        with pytest.raises(PeerFaultError, match="no letter"):
            decoded(deep, Letter, "no letter")
    finally:
        sys.setrecursionlimit(limit)


def test_text_that_is_no_utf_8_is_a_malformed_message() -> None:
    with pytest.raises(PeerFaultError, match="no letter"):
        decoded(b"\xa2\xc3\x28", str, "no letter")


@given(st.binary(max_size=200))
def test_random_bytes_are_a_letter_or_a_named_refusal(data: bytes) -> None:
    with contextlib.suppress(PeerFaultError):
        assert isinstance(decoded(data, Letter, "no letter"), Letter)
