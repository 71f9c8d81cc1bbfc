"""Mailboxes for a load, made in the store before a relay runs over it; and the store by itself, without sockets."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

from foreseal_relay import wire
from foreseal_relay.limits import hour_of
from foreseal_relay.measuring.plan import mailbox, token
from foreseal_relay.presence import Presence
from foreseal_relay.store import Envelope, MailboxStore, Outcome, store_at

__all__ = ["callers_per_s", "make_mailboxes"]


def make_mailboxes(data: Path, clients: int, each: int, store: str | None = None) -> None:
    """Registers `each` mailboxes for every client, in the relay's directory `data` or the database `store`."""
    asyncio.run(_make(data, clients, each, store))


async def _make(data: Path, clients: int, each: int, url: str | None) -> None:
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    day = hour_of(time.time()) // 24
    async with store_at(url, data / "relay.sqlite", Presence(), "measure.") as store:
        turn = asyncio.Semaphore(500)

        async def make(client: int, place: int) -> None:
            async with turn:
                digest = wire.token_digest(token(client, place))
                await store.register(mailbox(client, place), bytes(32), digest, 0, day)

        await asyncio.gather(*(make(client, place) for client in range(clients) for place in range(each)))


def callers_per_s(folder: Path, callers: int, seconds: float, *, grouped: bool, store: str | None = None) -> float:
    """Envelopes of 4 KiB that so many callers have accepted a second, straight into the store. `grouped`: as the
    relay does it; otherwise each has the store for itself until its own commit is done."""
    return asyncio.run(_callers(folder, callers, seconds, grouped, store))


async def _callers(folder: Path, callers: int, seconds: float, grouped: bool, url: str | None) -> float:
    turn = asyncio.Semaphore(callers if grouped else 1)
    each = 16
    await _make(folder, callers, each, url)
    async with store_at(url, folder / "relay.sqlite", Presence(), "measure.") as store:
        began = time.perf_counter()
        ends = began + seconds
        counts = await asyncio.gather(*(_caller(store, number, each, ends, turn) for number in range(callers)))
        return sum(counts) / (time.perf_counter() - began)


async def _caller(store: MailboxStore, number: int, each: int, ends: float, turn: asyncio.Semaphore) -> int:
    body, drawn, hour, count = os.urandom(wire.BODY_SIZES[0]), os.urandom(8), hour_of(time.time()), 0
    doors = [(mailbox(number, place), wire.token_digest(token(number, place))) for place in range(each)]
    while time.perf_counter() < ends:
        box, digest = doors[count % each]
        # Counted from a random place: the system's random bytes are read without Python's lock, at which the writer
        # would begin with the first caller alone. A relay reads none for an envelope.
        eid = drawn + count.to_bytes(8, "big")
        envelope = Envelope(box, eid, bytes(32), body, hour // 24, hour + 24)
        async with turn:
            outcome = await store.put(envelope, digest, hour)
        if outcome is not Outcome.STORED:
            break  # full: nothing more can be measured with it
        count += 1
    return count
