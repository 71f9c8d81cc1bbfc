"""How long a connection may say nothing: pings are no frames, and buy no time."""

from __future__ import annotations

import asyncio
import contextlib

import aiohttp
import pytest

from foreseal_relay.wire import Credit, RejectCode, Rejected
from relay_peer import PATIENCE, Owner, Peer, Running, drop, inbox, send_to

IDLE = 4002


async def ping_until_closed(peer: Peer) -> None:
    """Pings as fast as the relay answers. Fails when that keeps the connection."""

    async def ping() -> None:
        with contextlib.suppress(ConnectionError, aiohttp.ClientError):
            while not peer.socket.closed:
                await peer.socket.ping()
                await asyncio.sleep(0)

    pinging = asyncio.create_task(ping())
    try:
        assert await peer.hear() is None
    finally:
        pinging.cancel()
        await asyncio.gather(pinging, return_exceptions=True)


async def test_pings_do_not_keep_an_inbox_that_never_logs_in(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("foreseal_relay.inbox.LOGIN_WAIT", 0.3)
    async with inbox(running.url) as peer:
        await ping_until_closed(peer)
        assert peer.socket.close_code == IDLE


async def test_pings_do_not_keep_a_silent_drop(running: Running, bob: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("foreseal_relay.drop.DROP_IDLE", 0.3)
    async with drop(running.url) as peer:
        await peer.ask(send_to(bob))
        await ping_until_closed(peer)
        assert peer.socket.close_code == IDLE


async def test_refused_frames_buy_no_time_to_log_in(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("foreseal_relay.inbox.LOGIN_WAIT", 0.3)
    monkeypatch.setattr("foreseal_relay.connection.MAX_FAULTS", 10**9)
    async with inbox(running.url) as peer, asyncio.timeout(PATIENCE):
        while (answer := await peer.ask(Credit(1))) is not None:
            assert answer == Rejected(0, RejectCode.NOT_LOGGED_IN)
        assert peer.socket.close_code == IDLE


async def test_an_inbox_that_logged_in_in_time_stays(
    running: Running, bob: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("foreseal_relay.inbox.LOGIN_WAIT", 5.0)
    async with inbox(running.url, bob) as peer:
        await peer.nothing_more()
