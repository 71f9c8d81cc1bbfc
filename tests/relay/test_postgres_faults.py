"""PostgreSQL killed, gone, slow or failed over: nothing acknowledged is lost, and it is said in the store's words."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, suppress
from itertools import count
from pathlib import Path

import aiohttp
import asyncpg
import pytest

from foreseal_relay.presence import Presence
from foreseal_relay.server import Settings, run
from foreseal_relay.serving import serving
from foreseal_relay.store import Envelope, Outcome, StoreAway, StoreBusy, StoreError, StoreUncertain, StoreUnusable
from foreseal_relay.store.postgres import PostgresStore, opened
from postgres_server import PostgresServer
from relay_peer import eid

BOX, TOKEN, HOUR = b"m" * 16, b"t" * 32, 480_000
GONE = "postgresql://relay:s3cret@127.0.0.1:1/foreseal"
_schemas = count(1)


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """A server of these tests' own: they kill it."""
    server = PostgresServer()
    yield server
    server.remove()


@pytest.fixture
def address(server: PostgresServer) -> str:
    return server.schema(f"faults_{next(_schemas)}")


@pytest.fixture
async def store(address: str) -> AsyncIterator[PostgresStore]:
    async with opened(address, Presence(), "a-relay.") as store:
        await store.register(BOX, b"k" * 32, TOKEN, 0, HOUR // 24)
        yield store


class Sender:
    """Sends without end; the ledger of what was acknowledged, and how often a refusal came."""

    def __init__(self, store: PostgresStore) -> None:
        self.store = store
        self.owed: set[bytes] = set()
        self.unanswered: set[bytes] = set()
        self.faults: set[type[StoreError]] = set()
        self.numbers = count()

    async def send(self, number: int) -> None:
        envelope = Envelope(BOX, eid(number), b"c" * 32, bytes(4096), HOUR // 24, HOUR + 24)
        try:
            outcome = await self.store.put(envelope, TOKEN, HOUR)
        except StoreError as error:
            self.faults.add(type(error))
            self.unanswered.add(envelope.eid)
        else:
            assert outcome in (Outcome.STORED, Outcome.DUPLICATE)
            self.owed.add(envelope.eid)
            self.unanswered.discard(envelope.eid)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Eight at a time, until it holds."""
        async with asyncio.timeout(30):
            while not holds():
                await asyncio.gather(*(self.send(next(self.numbers)) for _ in range(8)))

    async def again(self) -> None:
        """Sends again what got no answer, until each has one."""
        async with asyncio.timeout(30):
            while self.unanswered:
                await asyncio.gather(*(self.send(int.from_bytes(one, "big")) for one in set(self.unanswered)))

    async def found(self) -> list[bytes]:
        return [one.eid for one in await self.store.waiting(BOX, (), 10_000, HOUR)]


async def until_it_answers(store: PostgresStore) -> None:
    async with asyncio.timeout(30):
        while True:
            with suppress(StoreError):
                return await store.check()
            await asyncio.sleep(0.05)


async def said_of(url: str, path: str) -> tuple[int, object]:
    async with aiohttp.ClientSession() as session, session.get(url + path) as answer:
        return answer.status, await answer.json()


async def test_a_server_killed_while_it_accepts_loses_nothing_and_stores_nothing_twice(
    server: PostgresServer, store: PostgresStore
) -> None:
    sender = Sender(store)
    await sender.until(lambda: len(sender.owed) >= 40)
    sending = asyncio.create_task(sender.until(lambda: bool(sender.faults)))
    await asyncio.to_thread(server.kill)
    await sending
    assert sender.faults <= {StoreAway, StoreUncertain}
    await asyncio.to_thread(server.start)
    await until_it_answers(store)
    found = await sender.found()
    assert sender.owed <= set(found)
    await sender.again()
    found = await sender.found()
    assert sorted(found) == sorted(sender.owed)


async def test_a_relay_whose_database_goes_stays_up_says_so_and_comes_back_by_itself(
    server: PostgresServer, address: str, tmp_path: Path
) -> None:
    async with serving(Settings(tmp_path / "data", store=address)) as (url, relay):
        assert await said_of(url, "/readyz") == (200, {"status": "ok"})
        await asyncio.to_thread(server.kill)
        assert await said_of(url, "/readyz") == (503, {"status": "unavailable", "store": "away"})
        assert await said_of(url, "/healthz") == (200, {"status": "ok"})
        assert await said_of(url, f"/v1/blobs/{'ab' * 16}") == (503, {"status": "unavailable"})
        await asyncio.to_thread(server.start)
        assert isinstance(relay.mailboxes.store, PostgresStore)
        await until_it_answers(relay.mailboxes.store)
        assert await said_of(url, "/readyz") == (200, {"status": "ok"})


async def test_a_server_that_does_not_answer_is_given_up_and_what_it_was_sent_is_stored_once(
    server: PostgresServer, address: str, store: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender = Sender(store)
    await sender.send(next(sender.numbers))
    # Connections take their patience with them from where they are made.
    monkeypatch.setattr("foreseal_relay.store.postgres.connections.COMMAND_WAIT", 0.2)
    monkeypatch.setattr("foreseal_relay.store.postgres.connections.CONNECT_WAIT", 0.2)
    async with opened(address, Presence(), "another.") as hasty:
        sender.store = hasty
        await sender.send(next(sender.numbers))
        server.pause()
        try:
            await asyncio.gather(*(sender.send(next(sender.numbers)) for _ in range(4)))
            assert sender.faults <= {StoreBusy, StoreAway, StoreUncertain}
            assert len(sender.unanswered) == 4
        finally:
            server.resume()
        await until_it_answers(hasty)
        await sender.again()
        found = await sender.found()
        assert sorted(found) == sorted(sender.owed)
        assert len(found) == 6


async def test_a_store_closes_soon_while_its_server_does_not_answer_and_says_that_nothing_was_accepted(
    server: PostgresServer, address: str, store: PostgresStore
) -> None:
    async with AsyncExitStack() as stack:
        leaving = await stack.enter_async_context(opened(address, Presence(), "another."))
        sender = Sender(leaving)
        await sender.send(next(sender.numbers))
        server.pause()
        try:
            sending = [asyncio.create_task(sender.send(next(sender.numbers))) for _ in range(4)]
            await asyncio.sleep(0)
            async with asyncio.timeout(5):
                await stack.aclose()
                await asyncio.gather(*sending)
        finally:
            server.resume()
        assert len(sender.unanswered) == 4
        sender.store = store
        await sender.again()
        assert sorted(await sender.found()) == sorted(sender.owed)


async def test_a_primary_killed_under_a_synchronous_standby_loses_nothing_when_the_standby_takes_over(
    server: PostgresServer, address: str
) -> None:
    async with AsyncExitStack() as stack:
        standby = await asyncio.to_thread(server.standby)
        stack.callback(standby.remove)
        await synchronous(server)
        both = address.replace(f":{server.port}/", f":{server.port},127.0.0.1:{standby.port}/")
        async with opened(both, Presence(), "a-relay.") as store:
            await store.register(BOX, b"k" * 32, TOKEN, 0, HOUR // 24)
            sender = Sender(store)
            await sender.until(lambda: len(sender.owed) >= 40)
            sending = asyncio.create_task(sender.until(lambda: bool(sender.faults)))
            await asyncio.to_thread(server.kill)
            await sending
            await asyncio.to_thread(standby.promote)
            await until_it_answers(store)
            found = await sender.found()
            assert sender.owed <= set(found)
            await sender.again()
            found = await sender.found()
            assert sorted(found) == sorted(sender.owed)
    await asyncio.to_thread(server.start)
    await require(server, "")


async def test_without_its_synchronous_standby_nothing_is_acknowledged_not_even_a_repeat(
    server: PostgresServer, address: str, store: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A commit that is called off while it waits stands on the primary alone: the repeat must wait in its turn."""
    monkeypatch.setattr("foreseal_relay.store.postgres.connections.COMMAND_WAIT", 0.3)
    async with opened(address, Presence(), "another.") as hasty:
        await require(server, "nobody")
        try:
            sender = Sender(hasty)
            for _ in range(2):
                await sender.send(1)
                assert sender.owed == set()
        finally:
            await require(server, "")
        await until_it_answers(hasty)
        await sender.again()
        assert await sender.found() == [eid(1)]


def test_a_database_that_is_gone_at_the_start_is_one_sentence_and_exit_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(Settings(tmp_path / "data", store=GONE)) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert re.fullmatch(r"foreseal relay: the database at 127\.0\.0\.1:1/foreseal cannot be used: .*\n", said.err)
    assert "s3cret" not in said.err


async def test_a_database_that_does_not_sync_is_refused(server: PostgresServer, address: str) -> None:
    await configure(server, "fsync", "off")
    try:
        with pytest.raises(StoreUnusable, match="fsync=off"):
            async with opened(address, Presence(), "a-relay."):
                pytest.fail("it was opened")
    finally:
        await configure(server, "fsync", "on")


async def synchronous(primary: PostgresServer) -> None:
    """Has every commit wait for a standby, and waits until there is one."""
    await require(primary, "*")
    connection = await asyncpg.connect(primary.url)
    end = time.monotonic() + 30
    while await connection.fetchval("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'") == 0:
        assert time.monotonic() < end, "the standby did not follow"
        await asyncio.sleep(0.05)
    await connection.close()


async def require(server: PostgresServer, standbys: str) -> None:
    await configure(server, "synchronous_standby_names", standbys)


async def configure(server: PostgresServer, name: str, value: str) -> None:
    """Changes a setting, and waits until it holds."""
    connection = await asyncpg.connect(server.url, server_settings={"synchronous_commit": "off"})
    await connection.execute(f"ALTER SYSTEM SET {name} = '{value}'")
    await connection.execute("SELECT pg_reload_conf()")
    while await connection.fetchval(f"SHOW {name}") != value:  # noqa: ASYNC110 (another process)
        await asyncio.sleep(0.01)
    await connection.close()
