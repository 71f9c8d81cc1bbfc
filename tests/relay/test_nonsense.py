"""Bytes that are no frames: refused by name, never a crash, and nothing is stored."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foreseal_relay import wire
from foreseal_relay.limits import MAX_FAULTS
from foreseal_relay.serving import Settings, serving
from foreseal_relay.token_wire import ELEMENT_BYTES, TICKET_BYTES
from relay_peer import Owner, drop, eid, inbox, registered, send_to

LOGIN = Owner("bob").login("http://127.0.0.1", bytes(32))
FRAMES: list[wire.InboxFrame | wire.DropFrame] = [
    send_to(Owner("bob")),
    wire.FetchBundle(1, bytes(16), bytes(32)),
    LOGIN,
    wire.Resume(wire.VERSION, bytes(16), bytes(TICKET_BYTES), bytes(32), bytes(32), 0),
    wire.AskTicket(1),
    wire.AskTerms(1),
    wire.Admit(1, b"work"),
    wire.Requests(1, open=True),
    wire.Draw(1, "report", 1, (bytes(ELEMENT_BYTES),)),
    wire.Register(1, bytes(32)),
    wire.Publish(1, b"b", (b"p",)),
    wire.Invite(1, bytes(32), 60),
    wire.Generation(1, 1),
    wire.Credit(1),
    wire.Ack(1, (eid(1),)),
]
assert {type(frame) for frame in FRAMES} == set(get_args(wire.InboxFrame | wire.DropFrame))
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.binary(max_size=70)
    | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=9) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
names = st.sampled_from([msgspec.msgpack.decode(wire.encode(frame))[0] for frame in FRAMES])
mistyped = st.tuples(names, st.lists(values, max_size=9)).map(lambda pair: msgspec.msgpack.encode([pair[0], *pair[1]]))
truncated = st.sampled_from(FRAMES).flatmap(
    lambda frame: st.integers(0, len(wire.encode(frame)) - 1).map(lambda length: wire.encode(frame)[:length])
)
flipped = st.tuples(st.sampled_from(FRAMES), st.integers(0, 200), st.integers(1, 255)).map(
    lambda three: _flipped(wire.encode(three[0]), three[1], three[2])
)
nonsense = st.binary(max_size=300) | mistyped | truncated | flipped | values.map(msgspec.msgpack.encode)


def _flipped(data: bytes, at: int, bits: int) -> bytes:
    at %= len(data)
    return data[:at] + bytes([data[at] ^ bits]) + data[at + 1 :]


@given(nonsense)
@settings(max_examples=150, deadline=None)
def test_decoding_any_bytes_gives_a_frame_or_a_named_refusal(data: bytes) -> None:
    for decode in (wire.decode_inbox, wire.decode_drop, wire.decode_server):
        with contextlib.suppress(wire.WireError):
            decode(data)


@given(truncated)
@settings(max_examples=60, deadline=None)
def test_a_frame_that_was_cut_short_is_malformed(data: bytes) -> None:
    for decode in (wire.decode_inbox, wire.decode_drop):
        with pytest.raises(wire.WireError) as refused:
            decode(data)
        assert refused.value.code == wire.RejectCode.MALFORMED


async def test_nonsense_over_the_socket_is_answered_with_rejected_and_the_relay_serves_on(tmp_path: Path) -> None:
    drawn: list[bytes] = []

    @given(nonsense)
    @settings(max_examples=90, deadline=None, database=None)
    def draw(data: bytes) -> None:
        drawn.append(data)

    await asyncio.to_thread(draw)
    async with serving(Settings(tmp_path / "data")) as (url, _):
        bob = await registered(url, Owner("bob"))
        for first in range(0, len(drawn), MAX_FAULTS - 1):
            async with drop(url) as sender, inbox(url) as owner:
                for data in drawn[first : first + MAX_FAULTS - 1]:
                    for peer, decode in ((sender, wire.decode_drop), (owner, wire.decode_inbox)):
                        if not _is_frame(data, decode):
                            answer = await peer.ask_raw(data)
                            assert isinstance(answer, wire.Rejected), (data, answer)
        async with inbox(url) as owner:
            welcome = await owner.ask(bob.login(url, owner.nonce))
            assert isinstance(welcome, wire.Welcome)
            assert welcome.waiting == 0
        async with drop(url) as sender:
            assert await sender.ask(send_to(bob)) == wire.Accepted(7)


def _is_frame(data: bytes, decode: Callable[[bytes], object]) -> bool:
    try:
        decode(data)
    except wire.WireError:
        return False
    return True
