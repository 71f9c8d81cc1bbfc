"""How a relay behaves to those who behave badly, and when it is told to go."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import random
import re
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest

import foreseal_relay
from foreseal_relay import wire
from foreseal_relay.limits import (
    ANSWERS_HELD,
    CLOSE_WAIT,
    DAY,
    DELIVERY_BATCH,
    DRAIN_WAIT,
    HEARTBEAT,
    STORE_CLOSE_WAIT,
)
from foreseal_relay.serving import Settings, serving
from foreseal_relay.store import Envelope, Outcome
from relay_ledger import Ledger, live, settle
from relay_peer import (
    NOON,
    Owner,
    Running,
    drop,
    eid,
    inbox,
    more_than_sockets_hold,
    registered,
    send_to,
    unread,
    until,
)
from relay_process import RelayProcess

LARGEST = wire.BODY_SIZES[-1]
SOURCES = sorted(Path(foreseal_relay.__file__).parent.rglob("*.py"))


async def test_told_to_go_under_load_it_ends_with_exit_code_0_and_keeps_what_it_accepted(tmp_path: Path) -> None:
    rng, ledger, bob = random.Random(3), Ledger(), Owner("bob")
    with RelayProcess(tmp_path / "data", "--free-blobs") as relay:
        await registered(relay.url, bob)
        codes: list[int] = []

        def end() -> None:
            os.kill(relay.pid, signal.SIGTERM)
            codes.append(relay.stop(patience=10))

        await live(relay, bob, ledger, rng, dies=False, end=end)
        assert codes == [0]
        assert ledger.accepted
        relay.restart()
        await settle(relay.url, bob, ledger, rng)
    assert ledger.lost() == set()
    assert "fault" not in relay.log


async def test_who_never_reads_does_not_hold_up_a_relay_that_is_told_to_go(
    running: Running, bob: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("foreseal_relay.connection.CLOSE_WAIT", 0.2)
    await more_than_sockets_hold(running, bob)
    async with inbox(running.url, bob) as owner:
        await owner.say(wire.Credit(wire.MAX_CREDIT))
        (connection,) = running.relay.connections
        transport = connection._transport
        assert transport is not None
        await until(lambda: transport.get_write_buffer_size() > 0)
        async with asyncio.timeout(HEARTBEAT / 2):
            await running.relay.say_goodbye()
            await until(lambda: not running.relay.connections)


def test_all_that_a_relay_waits_for_when_it_is_told_to_go_is_within_ten_seconds() -> None:
    assert CLOSE_WAIT + DRAIN_WAIT + 2 * STORE_CLOSE_WAIT < 10


async def test_a_reader_that_never_reads_costs_the_relay_no_more_than_a_batch(running: Running, bob: Owner) -> None:
    count = await more_than_sockets_hold(running, bob)
    carol = await registered(running.url, Owner("carol"))
    async with inbox(running.url, bob) as owner, drop(running.url) as sender:
        await owner.say(wire.Credit(wire.MAX_CREDIT))
        meter = running.relay.meter
        await until(lambda: meter.delivered > 0)
        for number in range(60):  # each waits for the disk; others are served as if nothing were
            assert await sender.ask(send_to(carol, number)) == wire.Accepted(7)
        assert meter.delivered < count, "it goes on pushing at somebody who does not read"
        held = [
            connection.response._writer.transport.get_write_buffer_size()
            for connection in running.relay.connections
            if connection.response._writer is not None
        ]
        assert max(held) <= (DELIVERY_BATCH + 1) * (LARGEST + 1024)
        assert len({one.eid for one in await owner.deliveries(count)}) == count


async def test_a_drop_that_reads_no_answers_has_few_of_them_held_and_gets_them_all_once_it_reads(
    running: Running,
) -> None:
    count, said, loop = 30_000, 0, asyncio.get_running_loop()
    async with unread(running) as (client, connection):
        transport = connection._transport
        assert transport is not None

        async def answering() -> None:
            nonlocal said
            for number in range(count):
                await connection.answer(wire.Accepted(number))
                said += 1
                if number % 64 == 0:
                    await asyncio.sleep(0)

        task = asyncio.create_task(answering())
        before = -1
        while said > before:  # until it waits
            before = said
            for _ in range(100):
                await asyncio.sleep(0)
        assert not task.done()
        assert transport.get_write_buffer_size() <= ANSWERS_HELD + 2048
        last = wire.encode(wire.Accepted(count - 1))
        heard = b""
        while last not in heard:
            heard = heard[-64:] + await loop.sock_recv(client, 65536)
        await task
    assert said == count


async def test_an_http_connection_is_kept_for_the_next_request_and_not_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("foreseal_relay.serving.KEPT_ALIVE", 0.2)
    async with serving(Settings(tmp_path / "data")) as (url, _), asyncio.timeout(20):
        reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
        for _ in range(2):
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: relay\r\n\r\n")
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200")
            assert await reader.readuntil(b"}")
        assert await reader.read() == b""
        writer.close()


class SilentProxy:
    """Passes bytes on until it falls silent: no byte more, and no end either."""

    def __init__(self, port: int) -> None:
        self.silent = False
        self._port = port
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: list[asyncio.StreamWriter] = []

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator[str]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        try:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        finally:
            server.close()
            for writer in self._writers:
                writer.transport.abort()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            for writer in self._writers:
                with contextlib.suppress(ConnectionError):
                    await writer.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._port)
        self._writers += [writer, back]
        for source, target in ((reader, back), (there, writer)):
            self._tasks.add(asyncio.create_task(self._pass_on(source, target)))

    async def _pass_on(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await source.read(65536):
                if not self.silent:
                    target.write(data)
        if not self.silent:
            target.close()


async def test_a_connection_that_falls_silent_is_found_out_and_what_it_missed_is_delivered_to_the_next(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running.relay.heartbeats, "seconds", 0.2)
    bob = await registered(running.url, Owner("bob"))
    proxy = SilentProxy(int(running.url.rpartition(":")[2]))
    impatient = aiohttp.ClientWSTimeout(ws_close=0.1)
    async with (
        proxy.listening() as url,
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{url}/v1/inbox", timeout=impatient) as socket,
    ):
        hello = wire.decode_server((await socket.receive()).data)
        assert isinstance(hello, wire.Hello)
        await socket.send_bytes(wire.encode(bob.login(running.url, hello.nonce)))
        await socket.receive()
        await socket.send_bytes(wire.encode(wire.Credit(8)))
        await until(lambda: bob.mailbox in running.relay.presence.present())
        proxy.silent = True
        async with drop(running.url) as sender:
            assert await sender.ask(send_to(bob)) == wire.Accepted(7)
        await until(lambda: bob.mailbox not in running.relay.presence.present())
        async with inbox(running.url, bob) as newer:
            await newer.say(wire.Credit(1))
            assert [one.eid for one in await newer.deliveries(1)] == [eid(1)]


async def test_of_a_thousand_that_come_back_at_once_with_their_tickets_each_has_what_waited(running: Running) -> None:
    relay, count, hour = running.relay, 1000, int(NOON // 3600)
    store, tickets = relay.mailboxes.store, relay.tickets
    keys = [hashlib.sha256(eid(number)).digest() for number in range(count)]
    boxes = [wire.mailbox_of(key) for key in keys]
    await asyncio.gather(*(store.register(box, key, key, 0, 0) for box, key in zip(boxes, keys, strict=True)))
    sealed = [
        Envelope(box, eid(number), bytes(32), bytes(4096), hour // 24, hour + 9) for number, box in enumerate(boxes)
    ]
    outcomes = await asyncio.gather(*(store.put(one, key, hour) for one, key in zip(sealed, keys, strict=True)))
    assert set(outcomes) == {Outcome.STORED}
    received: set[bytes] = set()

    async def come_back(number: int) -> None:
        key, box = keys[number], boxes[number]
        ticket = tickets.issue(1, box, key, 0, NOON)
        async with inbox(running.url) as peer:
            proof = wire.resume_proof(ticket.secret, wire.login_message(running.url, box, peer.nonce, bytes(32), 0))
            welcome = await peer.ask(wire.Resume(wire.VERSION, box, ticket.ticket, bytes(32), proof, 0))
            assert isinstance(welcome, wire.Welcome), welcome
            await peer.say(wire.Credit(1))
            (delivery,) = await peer.deliveries(1)
            received.add(delivery.eid)
            assert await peer.ask(wire.Ack(2, (delivery.eid,))) == wire.Done(2)

    async with asyncio.timeout(60):
        await asyncio.gather(*(come_back(number) for number in range(count)))
    assert len(received) == count
    again = await asyncio.gather(*(store.put(one, key, hour) for one, key in zip(sealed, keys, strict=True)))
    assert set(again) == {Outcome.DUPLICATE}, "what was acknowledged is remembered"


async def test_a_clock_that_jumps_a_day_loses_nothing_and_repeats_nothing(running: Running, bob: Owner) -> None:
    received: set[bytes] = set()
    for number, jump in enumerate((0, DAY, -DAY, -DAY, 2 * DAY)):
        running.clock.now += jump
        async with drop(running.url) as sender:
            assert await sender.ask(send_to(bob, number, ttl=7 * DAY)) == wire.Accepted(7)
            assert await sender.ask(send_to(bob, number, ttl=7 * DAY)) == wire.Duplicate(7)
        await running.relay.mailboxes.expire(running.clock())
        if number % 2:
            async with inbox(running.url, bob) as owner:
                await owner.say(wire.Credit(8))
                some = [one.eid for one in await owner.deliveries(2)]
                assert not received & set(some)
                received.update(some)
                assert await owner.ask(wire.Ack(5, tuple(some))) == wire.Done(5)
    async with inbox(running.url, bob) as owner:
        await owner.say(wire.Credit(8))
        received.update(one.eid for one in await owner.deliveries(1))
        await owner.nothing_more()
    assert received == {eid(number) for number in range(5)}


def test_no_module_believes_what_a_request_says_of_where_it_comes_from() -> None:
    """Whatever a proxy, or somebody who plays one, writes into a request about its origin is never read; and the
    address itself is asked for only where public questions are limited, and kept in memory for a while."""
    said = r"(?i)x-forwarded|x-real-ip|[\"']forwarded|request\.(host|scheme|secure|url)\b"
    asked = r"\.remote\b|peername"
    texts = {source.name: source.read_text(encoding="utf-8") for source in SOURCES}
    assert len(texts) > 40
    assert [name for name, text in texts.items() if re.search(said, text)] == []
    assert [name for name, text in texts.items() if re.search(asked, text)] == [
        "directory_routes.py",
        "stamp_routes.py",
    ]


@pytest.mark.parametrize(
    "said",
    [
        "GET /healthz HTTP/1.1\r\nHost: relay\r\n\r\n",
        "GET /nowhere HTTP/1.1\r\nHost: relay\r\n\r\n",
        "GET /v1/inbox HTTP/1.1\r\nHost: relay\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        "no http at all\r\n\r\n",
    ],
)
async def test_no_answer_says_which_versions_a_relay_has(running: Running, said: str) -> None:
    parts = urlsplit(running.url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.write(said.encode())
    answered = (await reader.readuntil(b"\r\n\r\n")).lower()
    writer.close()
    await writer.wait_closed()
    assert answered.startswith(b"http/1.")
    assert b"server: foreseal\r\n" in answered
    assert not any(name in answered for name in (b"aiohttp", b"python"))
