"""The tap: it passes everything on, unmasks what clients send, and counts pings apart."""

from __future__ import annotations

from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from foreseal_client.demo.tap import Passed, Tap, _Direction

MESSAGE = b"masked on the wire, plain in the record" * 40


async def echo(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    async for message in socket:
        await socket.send_bytes(message.data)
    return socket


async def test_what_a_client_sends_is_recorded_unmasked_and_pings_are_counted_apart(tmp_path: Path) -> None:
    app = web.Application()
    app.router.add_get("/", echo)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    (_, port) = runner.addresses[0][:2]
    seen: list[bytes] = []
    async with Tap.listening("127.0.0.1", port) as tap, aiohttp.ClientSession() as session:
        tap.observers.append(seen.append)
        async with session.ws_connect(tap.url, compress=0) as socket:
            before = tap.passed()
            await socket.ping()
            await socket.send_bytes(b"small")
            assert await socket.receive_bytes() == b"small"
            after_ping = tap.passed()
            await socket.send_bytes(MESSAGE)
            assert await socket.receive_bytes() == MESSAGE
        assert after_ping.keepalive - before.keepalive == 6
        assert after_ping.bytes - before.bytes == 6 + 5
        assert tap.passed().connections == 1
        assert MESSAGE in bytes(tap.up)
        assert MESSAGE in bytes(tap.down)
        assert seen[-2:] == [b"small", MESSAGE] or MESSAGE in seen
    await runner.cleanup()


async def test_a_relay_that_is_away_is_met_as_without_a_tap() -> None:
    async with Tap.listening("127.0.0.1", 1) as tap:
        with pytest.raises(aiohttp.ClientError):
            async with aiohttp.ClientSession() as session, session.get(tap.url):
                pass
        assert tap.passed().connections >= 1
        assert tap.passed().bytes == 0


@given(st.lists(st.binary(max_size=300), max_size=8), st.integers(1, 50))
def test_frames_are_taken_apart_however_the_bytes_are_cut(payloads: list[bytes], cut: int) -> None:
    stream = b"GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n"
    for n, payload in enumerate(payloads):
        mask = bytes((n, 7, 250, 99))
        length = bytes((0x80 | len(payload),)) if len(payload) < 126 else b"\xfe" + len(payload).to_bytes(2, "big")
        masked = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))
        stream += b"\x82" + length + mask + masked
    seen: list[bytes] = []
    direction = _Direction(bytearray(), [seen.append])
    for start in range(0, len(stream), cut):
        direction.take(stream[start : start + cut])
    assert seen[1:] == payloads
    assert Passed(1, direction.content, direction.keepalive) == Passed(1, len(stream), 0)
