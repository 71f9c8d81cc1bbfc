"""What a connection costs a relay that only holds it: memory, for one that has just opened and for an inbox."""

from __future__ import annotations

import asyncio
import hashlib
import math
import os
import time
from pathlib import Path
from typing import Final

import aiohttp

from foreseal_relay import wire
from foreseal_relay.home import Home
from foreseal_relay.measuring.processes import cpu_of, relaying
from foreseal_relay.presence import Presence
from foreseal_relay.store import store_at
from foreseal_relay.tickets import Tickets

__all__ = ["held_memory"]

_SPARE: Final = 200
"""Descriptors that a relay and this program need beside connections."""
_AT_ONCE: Final = 64
_HEADERS: Final = {"User-Agent": "foreseal"}
_LEFT_OUT: Final = ("User-Agent", "Accept", "Accept-Encoding")
"""As the clients say it: a connection keeps the headers that it began with."""
_SILENT: Final = 1500
"""Connections that are held without a login, at most."""


def held_memory(folder: Path, wanted: int) -> dict[str, object]:
    """Holds as many of `wanted` connections as the system allows. `idle_kb` and `inbox_kb`: of the relay's own memory
    (1000 bytes) for each; `held`: how many; `came_back`: how many of them connected and resumed a login as fast as they
    could, `seconds` for all and `cpu_us` of the relay for each. Empty on a system that does not say how much a process
    has."""
    if not Path("/proc/self/statm").exists():
        return {}
    count = min(wanted, _descriptors() - _SPARE)
    (folder / "held").mkdir(mode=0o700)
    tickets = Tickets(Home(folder / "held").stamp_key().derived(b"tickets"))
    return asyncio.run(_measure(folder / "held", count, tickets))


async def _measure(data: Path, count: int, tickets: Tickets) -> dict[str, object]:
    await _register(data, count)
    with relaying(data) as (url, pid):
        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0), headers=_HEADERS, skip_auto_headers=_LEFT_OUT
        ) as session:
            warm = await session.ws_connect(url + "/v1/inbox")
            await warm.receive()
            before = _bytes_of(pid)
            turn = asyncio.Semaphore(_AT_ONCE)
            held: list[aiohttp.ClientWebSocketResponse] = []

            async def hold() -> tuple[aiohttp.ClientWebSocketResponse, bytes]:
                async with turn:
                    socket = await session.ws_connect(url + "/v1/inbox", autoping=True)
                    held.append(socket)
                    hello = wire.decode_server((await socket.receive()).data)
                    return socket, hello.nonce if isinstance(hello, wire.Hello) else b""

            async def log_in(number: int, socket: aiohttp.ClientWebSocketResponse, nonce: bytes) -> bool:
                await socket.send_bytes(wire.encode(_resume(url, number, nonce, tickets)))
                answer = await socket.receive()
                # Anything else: cut off, on a machine that is too busy to let all in while they may be silent.
                welcome = answer.type is aiohttp.WSMsgType.BINARY and wire.decode_server(answer.data)
                return isinstance(welcome, wire.Welcome)

            async def come_back(number: int) -> bool:
                return await log_in(number, *await hold())

            # Those that do not log in are cut off after a while: few are held so, before all others, and then let in.
            # Not after them, where a table of everybody that has just grown would be counted for the last few alone.
            waiting = min(count // 2, _SILENT)
            silent = await asyncio.gather(*(hold() for _ in range(waiting)))
            idle = (_bytes_of(pid) - before) / max(waiting, 1)
            welcome = sum([await log_in(place, *one) for place, one in enumerate(silent)])
            came_back = count - waiting
            began, cpu = time.monotonic(), cpu_of(pid)
            welcome += sum(await asyncio.gather(*(come_back(number) for number in range(waiting, count))))
            took, cpu = time.monotonic() - began, cpu_of(pid) - cpu
            inboxes = _bytes_of(pid) - before
    return {
        "held": len(held),
        "welcome": welcome,
        "idle_kb": round(idle / 1000, 1),
        "inbox_kb": round(inboxes / max(count, 1) / 1000, 1),
        "came_back": came_back,
        "seconds": round(took, 1),
        "cpu_us": None if math.isnan(cpu) else round(cpu / max(came_back, 1) * 1e6),
    }


def _resume(url: str, number: int, nonce: bytes, tickets: Tickets) -> wire.Resume:
    key, client_nonce = _login_key(number), bytes(32)
    mailbox = wire.mailbox_of(key)
    ticket = tickets.issue(0, mailbox, key, 0, time.time())
    login = wire.login_message(url, mailbox, nonce, client_nonce, 0)
    return wire.Resume(wire.VERSION, mailbox, ticket.ticket, client_nonce, wire.resume_proof(ticket.secret, login), 0)


async def _register(data: Path, count: int) -> None:
    async with store_at(None, data / "relay.sqlite", Presence(), "measure.") as store:
        keys = [_login_key(number) for number in range(count)]
        await asyncio.gather(*(store.register(wire.mailbox_of(key), key, key, 0, 0) for key in keys))


def _login_key(number: int) -> bytes:
    return hashlib.sha256(f"foreseal bench login {number}".encode()).digest()


def _bytes_of(pid: int) -> int:
    """Resident memory."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _descriptors() -> int:
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))  # what is started from here has it too
    return hard if hard != resource.RLIM_INFINITY else 1_000_000
