"""A ledger of what a relay acknowledged, and a client that keeps it while the relay is killed under it.

Lost must be nothing; what is delivered twice the client drops by its eid; what it acknowledged never comes again.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from dying_relay import POINTS
from foreseal_relay import wire
from relay_peer import Owner, Peer, body, drop, eid, inbox, registered, send_to
from relay_process import RelayProcess

__all__ = ["Ledger", "deaths", "live", "settle"]

GONE = (aiohttp.ClientError, ConnectionError, TimeoutError)
SENDERS, IN_FLIGHT = 2, 8


@dataclass
class Ledger:
    """What the relay said, and therefore owes. `blobs`: those it answered 201 for, with their bytes."""

    sent: int = 0
    accepted: set[bytes] = field(default_factory=set)
    acknowledged: set[bytes] = field(default_factory=set)
    received: set[bytes] = field(default_factory=set)
    repeats: int = 0
    blobs: dict[str, bytes] = field(default_factory=dict)
    parts: dict[str, tuple[bytes, int]] = field(default_factory=dict)
    """Blobs of which it answered 204 for so many bytes, and nothing for the rest."""
    ending: set[str] = field(default_factory=set)
    """Those of which the last part was under way. Between its name and its note such a blob is nobody's, and a relay
    that starts removes it; the sender, who heard nothing, begins again."""
    deaths: dict[str, int] = field(default_factory=dict)

    def lost(self) -> set[bytes]:
        """Accepted, and never delivered. Nothing, once all that waits was received."""
        return self.accepted - self.received

    def take(self, delivery: wire.Deliver) -> None:
        """Notes a delivery. Raises `AssertionError` for one that was altered, or acknowledged before."""
        number = int.from_bytes(delivery.eid, "big")
        assert delivery.body == body(number), "altered"
        assert delivery.eid not in self.acknowledged, "acknowledged, and delivered again"
        self.repeats += delivery.eid in self.received
        self.received.add(delivery.eid)


async def deaths(folder: Path, seed: int, rounds: int) -> Ledger:
    """So many lives of one relay, each ended by kill -9: at a named point, or whenever it comes. After each, what it
    owes is asked for. Raises `AssertionError` when something of it is not there."""
    rng, ledger, bob = random.Random(seed), Ledger(), Owner("bob")
    points = [*POINTS, "whenever"]
    for round_ in range(rounds):
        point = points[round_ % len(points)]
        ledger.deaths[point] = ledger.deaths.get(point, 0) + 1
        dying = point != "whenever"
        module = ("dying_relay", point, str(rng.randrange(1, 30))) if dying else ("foreseal_relay",)
        with RelayProcess(folder / "data", "--free-blobs", module=module) as relay:
            await registered(relay.url, bob)
            await settle(relay.url, bob, ledger, rng)
            await live(relay, bob, ledger, rng, dies=dying)
            relay.kill()
    with RelayProcess(folder / "data", "--free-blobs") as relay:
        await settle(relay.url, bob, ledger, rng)
    return ledger


async def settle(url: str, owner: Owner, ledger: Ledger, rng: random.Random) -> None:
    """Receives all that waits and acknowledges most of it; what was accepted must be there by then."""
    async with inbox(url) as peer:
        welcome = await peer.ask(owner.login(url, peer.nonce))
        assert isinstance(welcome, wire.Welcome)
        await peer.say(wire.Credit(wire.MAX_CREDIT))
        received: list[wire.Deliver] = []
        while len(received) < welcome.waiting:
            received += await peer.deliveries(1)
            await peer.say(wire.Credit(1))
        assert len({one.eid for one in received}) == len(received)
        for delivery in received:
            ledger.take(delivery)
        assert not ledger.lost(), f"{len(ledger.lost())} accepted envelopes are lost"
        some = tuple(one.eid for one in received if rng.random() < 0.8)
        for first in range(0, len(some), wire.MAX_ACK):
            part = some[first : first + wire.MAX_ACK]
            assert await peer.ask(wire.Ack(first, part)) == wire.Done(first)
            ledger.acknowledged.update(part)
    async with aiohttp.ClientSession(url) as http:
        for name, content in ledger.blobs.items():
            async with http.get(f"/v1/blobs/{name}") as answer:
                assert (answer.status, await answer.read()) == (200, content), "a blob is lost or altered"
        for name, (content, kept) in list(ledger.parts.items()):
            async with http.head(f"/v1/blobs/{name}") as answer:
                offset = int(answer.headers.get("Upload-Offset", "0"))
            assert kept <= offset <= len(content) or (offset == 0 and name in ledger.ending), "a part of a blob is lost"
            await _patch(http, ledger, name, content, offset, len(content))


async def live(
    relay: RelayProcess,
    owner: Owner,
    ledger: Ledger,
    rng: random.Random,
    *,
    dies: bool,
    end: Callable[[], object] | None = None,
) -> None:
    """Sends, receives, acknowledges and uploads until the relay is gone. `dies`: by itself; otherwise `end` is called
    at some moment, which is kill -9 if nothing else is given."""
    busy = [
        asyncio.create_task(_until_gone(one))
        for one in (
            *(_send(relay.url, owner, ledger) for _ in range(SENDERS)),
            _receive(relay.url, owner, ledger, rng),
            _upload(relay.url, ledger, rng),
        )
    ]
    if not dies:
        enough = len(ledger.accepted) + rng.randrange(1, 150)
        while len(ledger.accepted) < enough:  # noqa: ASYNC110
            await asyncio.sleep(0.001)
        await asyncio.to_thread(end or relay.kill)
    async with asyncio.timeout(60):
        await asyncio.gather(*busy)


async def _until_gone(doing: object) -> None:
    with contextlib.suppress(*GONE):
        await doing  # type: ignore[misc]


async def _send(url: str, owner: Owner, ledger: Ledger) -> None:
    async with drop(url) as sender:
        under_way: dict[int, bytes] = {}

        async def send_one() -> None:
            ledger.sent += 1
            under_way[ledger.sent] = eid(ledger.sent)
            await sender.say(send_to(owner, ledger.sent, req=ledger.sent, ttl=30 * 86400))

        for _ in range(IN_FLIGHT):
            await send_one()
        while (answer := await sender.hear()) is not None:
            assert isinstance(answer, wire.Accepted), answer
            ledger.accepted.add(under_way.pop(answer.req))
            await send_one()


async def _receive(url: str, owner: Owner, ledger: Ledger, rng: random.Random) -> None:
    async with inbox(url) as peer:
        await peer.ask(owner.login(url, peer.nonce))
        await peer.say(wire.Credit(wire.MAX_CREDIT))
        pending: dict[int, bytes] = {}
        while (frame := await peer.hear()) is not None:
            if isinstance(frame, wire.Done):
                ledger.acknowledged.add(pending.pop(frame.req))
            if not isinstance(frame, wire.Deliver):
                continue
            ledger.take(frame)
            if rng.random() < 0.7:
                await _acknowledge(peer, pending, frame.eid)


async def _acknowledge(peer: Peer, pending: dict[int, bytes], one: bytes) -> None:
    req = int.from_bytes(one[-4:], "big")
    pending[req] = one
    await peer.say(wire.Ack(req, (one,)))
    await peer.say(wire.Credit(1))


async def _upload(url: str, ledger: Ledger, rng: random.Random) -> None:
    async with aiohttp.ClientSession(url) as http:
        while True:
            content = rng.randbytes(rng.randrange(1, 40_000))
            name = hashlib.sha256(content).hexdigest()[:32]
            if rng.random() < 0.5:
                async with http.put(f"/v1/blobs/{name}", data=content) as answer:
                    assert answer.status == 201
                    ledger.blobs[name] = content
            else:
                middle = rng.randrange(1, len(content) + 1)
                for offset, end in ((0, middle), (middle, len(content))):
                    await _patch(http, ledger, name, content, offset, end)


async def _patch(http: aiohttp.ClientSession, ledger: Ledger, name: str, content: bytes, offset: int, end: int) -> None:
    """Brings a part of a blob, and notes what was said of it."""
    last = end == len(content)
    if last:
        ledger.ending.add(name)
    headers = {"Upload-Offset": str(offset), "Upload-Complete": "?1" if last else "?0"}
    async with http.patch(f"/v1/blobs/{name}", data=content[offset:end], headers=headers) as answer:
        assert answer.status in ((200, 201) if last else (204,))
    if last:
        ledger.parts.pop(name, None)
        ledger.blobs[name] = content
    else:
        ledger.parts[name] = (content, end)
