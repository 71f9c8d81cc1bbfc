"""Pings: who answers stays, who does not is found out, and who is only waited for is left in peace."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import aiohttp
import pytest

from foreseal_relay import wire
from foreseal_relay.connection import Connection
from foreseal_relay.store import Envelope, Outcome
from relay_peer import NOON, PATIENCE, Owner, Peer, Running, eid, inbox, until

LARGEST = wire.BODY_SIZES[-1]


async def at_the_relay(running: Running) -> Connection:
    """The one connection, once the relay waits for what it says next."""
    await until(lambda: len(running.relay.connections) == 1)
    (connection,) = running.relay.connections
    await heard(connection)
    return connection


async def heard(connection: Connection) -> None:
    await until(lambda: connection._life.name == "HEARD")


async def told_nothing_but_pings(peer: Peer) -> list[aiohttp.WSMsgType]:
    """What it hears until the end, without answering."""
    heard = []
    async with asyncio.timeout(PATIENCE):
        while not peer.socket.closed:
            heard.append((await peer.socket.receive()).type)
    return heard


async def test_who_answers_each_ping_stays(running: Running, bob: Owner) -> None:
    async with inbox(running.url, bob) as owner:
        connection = await at_the_relay(running)
        listening = asyncio.create_task(owner.hear())  # it says nothing by itself
        for _ in range(5):
            assert connection.beat()
            await heard(connection)
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


async def test_who_does_not_answer_is_gone_at_the_next_ping(running: Running, bob: Owner) -> None:
    async with inbox(running.url, bob) as owner:
        owner.socket._autoping = False
        connection = await at_the_relay(running)
        assert connection.beat()
        assert not connection.beat()
        assert await told_nothing_but_pings(owner) == [aiohttp.WSMsgType.PING, aiohttp.WSMsgType.CLOSED]
        await until(lambda: not running.relay.connections)
        assert bob.mailbox not in running.relay.presence.present()
        assert not connection.beat(), "it is not pinged any more"


async def test_an_inbox_is_pinged_by_the_clock_until_it_leaves(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running.relay.heartbeats, "seconds", 0.05)
    async with inbox(running.url, Owner("bob")) as owner:
        owner.socket._autoping = False
        assert await told_nothing_but_pings(owner) == [aiohttp.WSMsgType.PING, aiohttp.WSMsgType.CLOSED]
    await until(lambda: not running.relay.heartbeats._until)


async def test_who_is_let_go_is_pinged_no_more(running: Running, bob: Owner) -> None:
    async with inbox(running.url, bob):
        await until(lambda: len(running.relay.heartbeats._until) == 1)
    await until(lambda: not running.relay.heartbeats._until)


@pytest.mark.parametrize("kind", ["inbox", "drop"])
async def test_pings_of_the_other_side_are_answered_with_its_words(running: Running, kind: str) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{running.url}/v1/{kind}", autoping=False) as socket,
    ):
        assert (await socket.receive(PATIENCE)).type is aiohttp.WSMsgType.BINARY
        for words in (b"", b"are you there"):
            await socket.ping(words)
            answer = await socket.receive(PATIENCE)
            assert (answer.type, bytes(answer.data)) == (aiohttp.WSMsgType.PONG, words)


async def test_who_waits_for_the_disk_is_not_blamed_for_it(
    running: Running, bob: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    there, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(mailbox: bytes, eids: Sequence[bytes]) -> None:
        there.set()
        await go_on.wait()

    monkeypatch.setattr(running.relay.mailboxes.store, "acknowledge", slowly)
    async with inbox(running.url, bob) as owner:
        connection = await at_the_relay(running)
        await owner.say(wire.Ack(3, (eid(1),)))
        await there.wait()
        assert all(connection.beat() for _ in range(5))
        go_on.set()
        assert await owner.hear() == wire.Done(3)


async def test_who_does_not_read_and_is_waited_for_is_found_out(running: Running, bob: Owner) -> None:
    store, hour = running.relay.mailboxes.store, int(NOON // 3600)
    puts = (
        store.put(Envelope(bob.mailbox, eid(n), bytes(32), bytes(LARGEST), hour // 24, hour + 99),
                  wire.token_digest(bob.token), hour)
        for n in range(300)  # 19 MiB: more than the sockets of both sides hold
    )  # fmt: skip
    assert set(await asyncio.gather(*puts)) == {Outcome.STORED}
    async with inbox(running.url, bob) as owner:
        connection = await at_the_relay(running)
        transport = connection._transport
        assert transport is not None
        await owner.say(wire.Credit(wire.MAX_CREDIT))
        await until(lambda: transport.get_write_buffer_size() > 0)
        await owner.say(wire.Ack(3, ()))  # whose answer waits behind all that
        await until(lambda: connection._life.name == "BUSY" and transport.get_write_buffer_size() > 0)
        assert connection.beat()
        assert not connection.beat()
        await until(lambda: not running.relay.connections)
        assert bob.mailbox not in running.relay.presence.present()


async def test_who_never_came_is_not_pinged() -> None:
    assert not Connection().beat()
