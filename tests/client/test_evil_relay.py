"""A relay that sends elsewhere, floods, trickles, or hangs up: the client says so and stays within bounds."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from aiohttp import web

from evil_relay import relay
from foreseal_client.errors import PeerFaultError, RelayRefusedError, RelayUnreachableError
from foreseal_client.relay_link import SocketLink
from foreseal_relay import wire

ENVELOPE = wire.Deliver(bytes(16), bytes(32), 1, bytes(8), bytes(4096), bytes(32))


async def test_a_redirect_is_not_followed(tmp_path: Path) -> None:
    asked: list[str] = []

    async def elsewhere(request: web.Request) -> web.StreamResponse:
        asked.append(request.path)
        raise web.HTTPTemporaryRedirect("/elsewhere")

    (tmp_path / "blob").write_bytes(b"sealed")
    async with relay(elsewhere) as link:
        with pytest.raises(RelayUnreachableError):
            await link.put_blob(bytes(16), tmp_path / "blob")
        with pytest.raises(RelayUnreachableError):
            await link.get_blob(bytes(16), 6, tmp_path / "got")
        with pytest.raises(RelayUnreachableError):
            await link.fetch_bundle(bytes(16), bytes(32))
    assert "/elsewhere" not in asked


async def test_more_than_was_asked_for_ends_the_connection() -> None:
    async def flood(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_bytes(wire.encode(wire.Hello(1, bytes(32))))
        await socket.receive()
        await socket.send_bytes(wire.encode(wire.Welcome(True, 0, 20, 0)))
        await socket.receive()  # the credit
        for _ in range(500):
            await socket.send_bytes(wire.encode(ENVELOPE))
        await socket.receive()
        return socket

    async with relay(flood) as link, link.inbox(bytes(32), 1, lambda _: bytes(64)) as inbox:
        assert len([arrival async for arrival in inbox.arrivals(credit=8)]) == 8


async def test_two_questions_at_once_each_get_their_own_answer() -> None:
    async def backwards(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_bytes(wire.encode(wire.Hello(1, bytes(32))))
        await socket.receive()
        await socket.send_bytes(wire.encode(wire.Welcome(True, 0, 20, 0)))
        frames = [wire.decode_inbox((await socket.receive()).data) for _ in range(2)]
        for frame in reversed(frames):
            assert isinstance(frame, wire.Register | wire.Invite)
            refused = isinstance(frame, wire.Invite)
            await socket.send_bytes(wire.encode(wire.Rejected(frame.req, "full") if refused else wire.Done(frame.req)))
        await socket.receive()
        return socket

    async with relay(backwards) as link, link.inbox(bytes(32), 1, lambda _: bytes(64)) as inbox:
        answers = await asyncio.gather(inbox.register(bytes(32)), inbox.invite(bytes(32), 3600), return_exceptions=True)
    assert answers[0] is None
    assert isinstance(answers[1], RelayRefusedError)


@pytest.mark.parametrize("value", ["Wed, 21 Oct 2026 07:28:00 GMT", "-5", "99999999999", "\u0663"])
async def test_an_odd_retry_after_is_a_while_and_never_a_fault(tmp_path: Path, value: str) -> None:
    async def full(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=507, headers={"Retry-After": value})

    (tmp_path / "blob").write_bytes(b"sealed")
    async with relay(full) as link:
        with pytest.raises(RelayRefusedError) as caught:
            await link.put_blob(bytes(16), tmp_path / "blob")
    assert 0 <= caught.value.retry_after <= 3600
    assert not caught.value.is_final


@pytest.mark.parametrize("length", [0, 5, 7, 100_000])
async def test_a_blob_of_another_length_is_refused(tmp_path: Path, length: int) -> None:
    async def blob(_request: web.Request) -> web.StreamResponse:
        return web.Response(body=bytes(length))

    async with relay(blob) as link:
        with pytest.raises(PeerFaultError):
            await link.get_blob(bytes(16), 6, tmp_path / "got")


@pytest.mark.parametrize("first", [b"", b"\xc1", wire.encode(wire.Done(1)), wire.encode(wire.Hello(2, bytes(32)))])
async def test_something_that_is_no_relay_is_said_to_be_unreachable(first: bytes) -> None:
    async def odd(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_bytes(first)
        return socket

    async with relay(odd) as link:
        with pytest.raises(RelayUnreachableError):
            await link.fetch_bundle(bytes(16), bytes(32))


@pytest.mark.parametrize("origin", ["http://a..b", "http://127.0.0.1:1", f"http://{'a' * 64}.example"])
async def test_an_address_that_leads_nowhere_is_unreachable_and_nothing_else(origin: str) -> None:
    async with SocketLink(origin) as link:
        with pytest.raises(RelayUnreachableError):
            await link.fetch_bundle(bytes(16), bytes(32))
