"""Pings: who answers stays, who does not is found out, and who is only waited for is left in peace."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Sequence

import aiohttp
import pytest

from foreseal_relay import wire
from foreseal_relay.connection import Connection
from foreseal_relay.limits import ANSWERS_HELD
from relay_peer import PATIENCE, Owner, Peer, Running, eid, inbox, more_than_sockets_hold, unread, until

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


async def test_who_reads_slowly_and_acknowledges_is_read_on_and_stays(running: Running, bob: Owner) -> None:
    """The answers to its acknowledgements wait behind deliveries; what it says meanwhile shows that it is there."""
    await more_than_sockets_hold(running, bob)
    async with inbox(running.url, bob) as owner:
        owner.socket._autoping = False  # its answer to a ping would wait until it has read up to that
        connection = await at_the_relay(running)
        transport = connection._transport
        assert transport is not None
        await owner.say(wire.Credit(wire.MAX_CREDIT))
        await until(lambda: transport.get_write_buffer_size() > 0)
        for number in range(8):
            assert connection.beat()
            await owner.say(wire.Ack(number, (eid(number),)))
            await heard(connection)


@pytest.mark.parametrize("kind", ["inbox", "drop"])
async def test_who_pings_and_reads_no_answer_is_cut_off_in_time_all_the_same(
    running: Running, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("foreseal_relay.connection.CLOSE_WAIT", 0.2)
    monkeypatch.setattr("foreseal_relay.drop.DROP_IDLE", 0.3)
    monkeypatch.setattr(running.relay.logins, "seconds", 0.3)
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{running.url}/v1/{kind}") as peer:
        await until(lambda: len(running.relay.connections) == 1)

        async def flood() -> None:
            with contextlib.suppress(ConnectionError):
                while running.relay.connections:
                    await peer.ping(bytes(120))

        flooding = asyncio.create_task(flood())
        await until(lambda: not running.relay.connections)
        flooding.cancel()
        await asyncio.gather(flooding, return_exceptions=True)


async def test_a_drop_that_is_answered_and_does_not_read_is_found_out(running: Running) -> None:
    question = wire.encode(wire.FetchBundle(1, bytes(16), bytes(32)))
    frame = bytes((0x82, 0xFE)) + len(question).to_bytes(2, "big") + bytes(4) + question
    async with unread(running) as (client, connection):
        transport = connection._transport
        assert transport is not None
        flooding = asyncio.create_task(asyncio.get_running_loop().sock_sendall(client, frame * 20_000))
        await until(lambda: transport.get_write_buffer_size() > ANSWERS_HELD and connection._life.name == "BUSY")
        assert connection in running.relay.heartbeats._until
        assert connection.beat()
        assert not connection.beat()
        await until(lambda: not running.relay.connections)
        flooding.cancel()
        await asyncio.gather(flooding, return_exceptions=True)


async def test_what_somebody_has_not_read_when_they_leave_holds_no_descriptor_for_ever(
    running: Running, bob: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("foreseal_relay.connection.CLOSE_WAIT", 0.2)
    await more_than_sockets_hold(running, bob)
    async with inbox(running.url, bob) as owner:
        connection = await at_the_relay(running)
        transport = connection._transport
        assert isinstance(transport, asyncio.Transport)
        await owner.say(wire.Credit(wire.MAX_CREDIT))
        await until(lambda: transport.get_write_buffer_size() > 0)
        await owner.socket._writer.close(1000, b"")  # a goodbye, and no byte is read after it
        await until(lambda: not running.relay.connections)
        await until(lambda: transport.get_write_buffer_size() == 0)


async def test_who_half_closes_and_does_not_read_is_found_out(running: Running, bob: Owner) -> None:
    await more_than_sockets_hold(running, bob)
    async with inbox(running.url, bob) as owner:
        connection = await at_the_relay(running)
        transport = connection._transport
        assert transport is not None
        await owner.say(wire.Credit(wire.MAX_CREDIT))
        await until(lambda: transport.get_write_buffer_size() > 0)
        theirs = owner.socket._writer.transport
        assert theirs is not None
        theirs.get_extra_info("socket").shutdown(socket.SHUT_WR)
        await until(transport.is_closing)
        assert connection.beat()
        assert not connection.beat()
        await until(lambda: not running.relay.connections)


async def test_what_was_asked_right_before_a_goodbye_is_answered(running: Running, bob: Owner) -> None:
    async with inbox(running.url, bob) as owner:
        transport = owner.socket._writer.transport
        assert transport is not None
        question = wire.encode(wire.AskTerms(5))
        # Both in one write, masked with zeros (RFC 6455, section 5.3).
        transport.write(bytes((0x82, 0x80 | len(question))) + bytes(4) + question + bytes((0x88, 0x80)) + bytes(4))
        assert isinstance(await owner.hear(), wire.Terms)


async def test_who_never_came_is_not_pinged() -> None:
    assert not Connection().beat()
