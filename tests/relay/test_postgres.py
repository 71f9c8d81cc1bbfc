"""What many relays over one database owe one another, and what they ask of it."""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import asyncpg
import pytest
from msgspec.structs import replace

from foreseal_relay import wire
from foreseal_relay.home import HomeError
from foreseal_relay.limits import QUEUE_BYTES, QUEUE_ROWS
from foreseal_relay.presence import Presence
from foreseal_relay.serving import Settings, serving
from foreseal_relay.store import (
    Envelope,
    Outcome,
    Spending,
    StoreBusy,
    StoreUncertain,
    StoreUnusable,
    store_at,
)
from foreseal_relay.store.deciding import Put
from foreseal_relay.store.postgres import migrating, opened, statements
from foreseal_relay.store.postgres.accepting import put_all
from foreseal_relay.store.postgres.batches import Batches
from foreseal_relay.store.postgres.bell import CHANNELS, Bell, calls
from foreseal_relay.store.postgres.connections import place_of
from foreseal_relay.store.postgres.spending import claim_first, put_first
from foreseal_relay.store.postgres.steps import claim
from relay_peer import Clock, Owner, Running, drop, eid, inbox, registered, send_to

BOX, TOKEN, HOUR = b"m" * 16, b"t" * 32, 480_000
STRANGERS = Envelope(BOX, eid(1), b"c" * 32, bytes(4096), 1, HOUR + 24)
PAID = Spending(b"s" * 32, b"p" * 16, HOUR + 24)
ALL = {name: getattr(statements, name) for name in statements.__all__ if name != "DELETE_MAILBOXES"}
ALL |= {f"DELETE_MAILBOXES {place}": one for place, one in enumerate(statements.DELETE_MAILBOXES)}
OF_MAILBOXES = ("mailboxes", "bundles", "one_time_prekeys", "invitations", "envelopes", "tombstones", "draws", "taken")
BY_MAILBOX = re.compile(
    r"\bmailbox = (\$1|ANY\(\$1::bytea\[\]\)|asked\.mailbox)|\((mailbox|mailbox, [a-z_, ]+)\)\s+(VALUES|SELECT)"
)


@contextlib.asynccontextmanager
async def two_relays(database: str, folder: Path) -> AsyncIterator[tuple[Running, Running]]:
    """Two relays with the same keys and one folder of blobs, as an operator sets them up."""
    clock = Clock()
    blobs = folder / "blobs"
    async with serving(Settings(folder / "a", store=database, blobs=blobs), clock) as (url, relay):
        first = Running(url, relay, clock, folder / "a")
        (folder / "b").mkdir()
        for key in ("stamp.key", "issuer.key"):
            shutil.copy(folder / "a" / key, folder / "b")
        async with serving(Settings(folder / "b", store=database, blobs=blobs), clock) as (url, relay):
            yield first, Running(url, relay, clock, folder / "b")


class Listening:
    """A connection that remembers what it was asked."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self.heard: list[str] = []
        self._connection = connection

    def __getattr__(self, name: str) -> Callable[..., object]:
        def asked(statement: str, *arguments: object) -> object:
            self.heard.append(statement)
            answer: object = getattr(self._connection, name)(statement, *arguments)
            return answer

        return asked


@pytest.fixture
async def asking(database: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database)
    yield connection
    await connection.close()


@pytest.mark.parametrize("statement", [one for name, one in ALL.items() if not name.startswith("DUE_")])
def test_a_statement_names_the_mailbox_it_touches(statement: str) -> None:
    touched = set(re.findall(r"(?:FROM|JOIN|INTO|UPDATE) ([a-z_]+)", statement)) & set(OF_MAILBOXES)
    # Each part of a statement that reads or writes a table of mailboxes binds that table's own mailbox.
    assert len(BY_MAILBOX.findall(statement)) >= len(touched), statement


@pytest.mark.parametrize("statement", [one for name, one in ALL.items() if name.startswith("DUE_")])
def test_what_looks_across_mailboxes_only_reads_and_only_so_much(statement: str) -> None:
    assert re.fullmatch(r"SELECT [a-z_, ]+ FROM \w+ WHERE \w+ <=? \$1 LIMIT \$2", statement)


def test_there_is_no_sql_but_in_the_statements_and_the_migration() -> None:
    folder = Path(migrating.__file__).parent
    speaking = {
        path.name
        for path in folder.glob("*.py")
        if re.search(r"\"+\s*(SELECT|INSERT|UPDATE|DELETE|WITH) ", path.read_text(encoding="utf-8"))
    }
    assert speaking == {"statements.py", "migrating.py"}


async def test_the_tables_can_be_divided_by_mailbox(asking: asyncpg.Connection) -> None:
    folder = Path(migrating.__file__).parent
    schema = "".join(
        (folder / f"schema-{step}.sql").read_text(encoding="utf-8") for step in range(1, migrating.SCHEMA_VERSION + 1)
    )
    for table in OF_MAILBOXES:
        schema = re.sub(
            rf"(CREATE TABLE {table} \(.*?\n\))[^;]*;",
            rf"\1 PARTITION BY HASH (mailbox);"
            rf"CREATE TABLE {table}_0 PARTITION OF {table} FOR VALUES WITH (MODULUS 2, REMAINDER 0);"
            rf"CREATE TABLE {table}_1 PARTITION OF {table} FOR VALUES WITH (MODULUS 2, REMAINDER 1);",
            schema, count=1, flags=re.DOTALL,
        )  # fmt: skip
    await asking.execute(schema)  # PostgreSQL refuses a key that does not hold what the table is divided by
    await asking.execute(statements.REGISTER, BOX, b"k", TOKEN, 0, 1)
    put = Put(Envelope(BOX, eid(1), b"c" * 32, b"body", 1, HOUR + 1), TOKEN, HOUR)
    async with asking.transaction():
        assert await put_all(asking, [put, put]) == [Outcome.STORED, Outcome.DUPLICATE]
    plan = "\n".join(row[0] for row in await asking.fetch("EXPLAIN " + statements.WAITING, BOX, 0, [], 1))
    assert len(set(re.findall(r"envelopes_[01]\b", plan))) == 1, "one mailbox is one partition"


async def test_a_token_that_opens_nothing_costs_the_same_statements_and_no_write(
    database: str, asking: asyncpg.Connection
) -> None:
    async with opened(database, Presence(), "a-relay.") as store:
        await store.register(BOX, b"k" * 32, TOKEN, 0, 1)
    told = []
    for mailbox, token in ((BOX, b"x" * 32), (b"u" * 16, b"x" * 32), (b"u" * 16, bytes(32))):
        listening = Listening(asking)
        async with asking.transaction():
            put = Put(Envelope(mailbox, eid(1), b"c" * 32, b"body", 1, HOUR + 1), token, HOUR)
            assert await put_all(listening, [put]) == [Outcome.NOT_DELIVERABLE]
            # Without a transaction id nothing is synced at the end, which takes longer than all the rest.
            assert await asking.fetchval("SELECT pg_current_xact_id_if_assigned()") is None
        told.append(listening.heard)
    assert told == [[statements.DOORS]] * 3


async def test_a_bundle_that_a_token_does_not_open_costs_the_same_statements_as_one_that_is_not_there(
    database: str, asking: asyncpg.Connection
) -> None:
    async with opened(database, Presence(), "a-relay.") as store:
        await store.register(BOX, b"k" * 32, TOKEN, 0, 1)
        await store.publish(BOX, b"bundle", (b"one",))
    told = []
    for mailbox, token in ((BOX, b"x" * 32), (b"u" * 16, b"x" * 32), (b"u" * 16, TOKEN)):
        listening = Listening(asking)
        async with asking.transaction():
            assert await claim(listening, mailbox, token, HOUR) is None
        told.append(listening.heard)
    assert told == [[statements.DOORS, statements.BUNDLE]] * 3


async def test_relays_that_start_at_once_make_the_schema_once(database: str) -> None:
    async with contextlib.AsyncExitStack() as stack:
        opening = (stack.enter_async_context(opened(database, Presence(), f"relay-{number:02}")) for number in range(4))
        stores = await asyncio.gather(*opening)
        assert await stores[0].register(BOX, b"k" * 32, TOKEN, 0, 1) is Outcome.STORED
        assert all([await store.sign_in(BOX, 0, 1) for store in stores])


async def test_a_database_of_the_first_version_is_brought_up_to_date_with_what_it_holds(
    database: str, asking: asyncpg.Connection
) -> None:
    await asking.execute(Path(migrating.__file__).with_name("schema-1.sql").read_text(encoding="utf-8"))
    await asking.execute("CREATE TABLE foreseal_schema (version integer NOT NULL)")
    await asking.execute("INSERT INTO foreseal_schema VALUES (1)")
    await asking.execute("INSERT INTO mailboxes (mailbox, login_key, delivery, generation, seen_day)"
                         " VALUES ($1, $2, $3, 7, 1)", BOX, b"k" * 32, TOKEN)  # fmt: skip
    async with opened(database, Presence(), "a-relay.") as store:
        standing = await store.sign_in(BOX, 0, 1)
        assert standing is not None
        assert standing.generation == 7
        assert await store.put_first(STRANGERS, PAID) is Outcome.NOT_DELIVERABLE, "nobody asked for strangers"
        assert await store.take_requests(BOX, is_open=True) is Outcome.STORED
    assert await asking.fetchval("SELECT version FROM foreseal_schema") == migrating.SCHEMA_VERSION


async def test_of_a_token_that_two_relays_are_given_at_once_one_takes_it(database: str) -> None:
    async with (
        opened(database, Presence(), "a-relay.") as here,
        opened(database, Presence(), "another.") as there,
    ):
        await here.register(BOX, b"k" * 32, TOKEN, 0, 1)
        await here.take_requests(BOX, is_open=True)
        for number in range(5):
            token = bytes([number]) * 32
            puts = [
                store.put_first(
                    replace(STRANGERS, eid=eid(10 * number + place)), Spending(token, bytes([place]) * 16, HOUR + 9)
                )
                for place, store in enumerate((here, there, here, there))
            ]
            assert sorted(outcome.name for outcome in await asyncio.gather(*puts)) == ["BAD_TOKEN"] * 3 + ["STORED"]


async def test_strangers_hear_by_statement_and_by_write_nothing_of_a_mailbox_they_do_not_reach(
    database: str, asking: asyncpg.Connection
) -> None:
    async with opened(database, Presence(), "a-relay.") as store:
        await store.register(BOX, b"k" * 32, TOKEN, 0, 1)
    told = []
    for mailbox, token in ((BOX, b"1"), (b"u" * 16, b"2")):
        spending = Spending(token * 32, b"p" * 16, HOUR + 9)
        for _ in range(2):  # the second time nothing is spent, and something is written all the same
            listening = Listening(asking)
            async with asking.transaction():
                first = await put_first(listening, replace(STRANGERS, mailbox=mailbox), spending, report=False)
                claim = await claim_first(listening, mailbox, spending, 1)
                assert (first, claim) == (Outcome.NOT_DELIVERABLE, Outcome.NOT_DELIVERABLE)
                assert await asking.fetchval("SELECT pg_current_xact_id_if_assigned()") is not None
            told.append(listening.heard)
    assert len(told[0]) >= 8
    assert told == [told[0]] * 4


async def test_a_database_of_a_newer_version_is_refused(database: str, asking: asyncpg.Connection) -> None:
    async with opened(database, Presence(), "a-relay."):
        await asking.execute("UPDATE foreseal_schema SET version = 99")
    with pytest.raises(StoreUnusable, match="version 99"):
        async with opened(database, Presence(), "a-relay."):
            pytest.fail("it was opened")


async def test_another_programs_tables_are_refused_and_left_alone(database: str, asking: asyncpg.Connection) -> None:
    await asking.execute("CREATE TABLE envelopes (letters text)")
    with pytest.raises(StoreUnusable, match="another program"):
        async with opened(database, Presence(), "a-relay."):
            pytest.fail("it was opened")
    tables = await asking.fetch("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
    assert [row[0] for row in tables] == ["envelopes"]


async def test_an_address_that_is_no_databases_is_refused(tmp_path: Path) -> None:
    for address in ("mysql://x/y", "relay.sqlite", "https://example.org"):
        with pytest.raises(StoreUnusable, match="postgresql://"):
            async with store_at(address, tmp_path / "s", Presence(), "a-relay."):
                pytest.fail("it was opened")


async def test_a_refusal_names_the_place_and_never_the_password(tmp_path: Path) -> None:
    address = "postgresql://relay:s3cret-w0rd@127.0.0.1:1/foreseal?application_name=pass"
    assert place_of(address) == "127.0.0.1:1/foreseal"
    with pytest.raises(StoreUnusable, match="/foreseal cannot be used") as refused:
        async with store_at(address, tmp_path / "s", Presence(), "a-relay."):
            pytest.fail("it was opened")
    assert "s3cret" not in str(refused.value)


async def test_mail_accepted_at_one_relay_wakes_the_inbox_at_another(database: str, tmp_path: Path) -> None:
    async with two_relays(database, tmp_path) as (here, there):
        bob = await registered(here.url, Owner("bob"))
        async with inbox(here.url, bob) as owner, drop(there.url) as sender:
            await owner.say(wire.Credit(8))
            for number in range(3):
                assert await sender.ask(send_to(bob, number)) == wire.Accepted(7)
                (delivered,) = await owner.deliveries(1)
                assert delivered.eid == eid(number)


async def test_what_was_announced_while_a_relay_could_not_hear_is_found_when_it_can(
    database: str, tmp_path: Path, asking: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("foreseal_relay.store.postgres.bell.BELL_RETRY", 0.05)
    monkeypatch.setattr("foreseal_relay.store.postgres.bell.BELL_POLL", 0.5)
    async with two_relays(database, tmp_path) as (here, there):
        bob = await registered(here.url, Owner("bob"))
        async with inbox(here.url, bob) as owner, drop(there.url) as sender:
            await owner.say(wire.Credit(8))
            await asking.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'foreseal-relay'"
                " AND query ~ 'LISTEN|pg_notify|waiting > 0'"  # those that listen, by what they said last
            )
            assert await sender.ask(send_to(bob)) == wire.Accepted(7)
            assert [one.eid for one in await owner.deliveries(1)] == [eid(1)]


async def test_the_newest_inbox_wins_across_relays(database: str, tmp_path: Path) -> None:
    async with two_relays(database, tmp_path) as (here, there):
        bob = await registered(here.url, Owner("bob"))
        async with inbox(here.url, bob) as older, inbox(there.url, bob) as newer:
            assert await older.hear() is None
            assert older.socket.close_code == 4001
            await newer.nothing_more()


async def test_a_send_repeated_at_another_relay_is_a_duplicate_there(database: str, tmp_path: Path) -> None:
    async with two_relays(database, tmp_path) as (here, there):
        bob = await registered(here.url, Owner("bob"))
        async with drop(here.url) as first, drop(there.url) as second:
            for number in range(6):
                answers = await asyncio.gather(first.ask(send_to(bob, number)), second.ask(send_to(bob, number)))
                assert {type(one) for one in answers} == {wire.Accepted, wire.Duplicate}
        async with inbox(there.url, bob) as owner:
            await owner.say(wire.Credit(64))
            assert len({one.eid for one in await owner.deliveries(6)}) == 6
            await owner.nothing_more()


@pytest.mark.parametrize(("copied", "lacking"), [("issuer", "stamp"), ("stamp", "issuer")])
async def test_relays_of_one_database_have_the_same_keys_or_do_not_start(
    database: str, tmp_path: Path, copied: str, lacking: str
) -> None:
    async with serving(Settings(tmp_path / "a", store=database)):
        (tmp_path / "b").mkdir()
        shutil.copy(tmp_path / "a" / f"{copied}.key", tmp_path / "b")
        with pytest.raises(HomeError, match=rf"{lacking}\.key is another one"):
            async with serving(Settings(tmp_path / "b", store=database)):
                pytest.fail("it started")


async def test_a_relay_that_starts_leaves_a_blob_alone_that_another_one_is_just_noting(
    database: str, tmp_path: Path
) -> None:
    (tmp_path / "blobs").mkdir()
    on_its_way = tmp_path / "blobs" / ("ab" * 16)
    on_its_way.write_bytes(b"sealed")
    async with two_relays(database, tmp_path):
        assert on_its_way.exists()


def test_however_many_mailboxes_are_announced_no_call_is_longer_than_postgresql_carries() -> None:
    arrived = [number.to_bytes(16, "big") for number in range(3000)]
    of_one = [bytes(14) + number.to_bytes(2, "big") for number in range(3000)]
    called = list(calls("a-relay.", arrived, dict.fromkeys(of_one, 2**50)))
    assert {channel for channel, _ in called} <= set(CHANNELS)
    assert max(len(said) for _, said in called) < 8000
    assert sum(len(said) - 9 for _, said in called) == 3000 * 22 + 3000 * 38


def test_what_arrives_on_one_channel_is_one_call() -> None:
    of_one = [bytes([7]) + number.to_bytes(15, "big") for number in range(9)]
    assert [len(said) for _, said in calls("a-relay.", of_one, {})] == [9 + 9 * 22]
    assert len(list(calls("a-relay.", [*of_one, bytes([8]) * 16], {}))) == 2


async def test_what_arrives_while_nobody_rings_is_rung_by_one_statement(database: str) -> None:
    class Line:
        def __init__(self) -> None:
            self.rung: list[tuple[str, list[str]]] = []
            self.over = asyncio.Event()

        async def execute(self, statement: str, channels: list[str], _: list[str]) -> None:
            self.rung.append((statement, channels))
            self.over.set()

    line, bell = Line(), Bell(database, Presence(), "a-relay.")
    await bell.close()
    for number in range(40):
        bell.arrived([number.to_bytes(16, "little")])
    ringing = asyncio.create_task(bell._ring_as_it_comes(line))
    async with asyncio.timeout(20):
        await line.over.wait()
    ringing.cancel()
    await asyncio.gather(ringing, return_exceptions=True)
    assert line.rung == [(statements.RING, [CHANNELS[number] for number in range(40)])]


async def test_a_hundred_that_send_at_once_share_a_few_commits_of_a_few_statements(
    database: str, asking: asyncpg.Connection
) -> None:
    async with opened(database, Presence(), "a-relay.") as store:
        await store.register(BOX, b"k" * 32, TOKEN, 0, 1)
        envelopes = [Envelope(BOX, eid(number), b"c" * 32, b"body", 1, HOUR + 1) for number in range(200)]
        outcomes = await asyncio.gather(*(store.put(one, TOKEN, HOUR) for one in envelopes[:100]))
        assert set(outcomes) == {Outcome.STORED}
        assert store.puts.commits <= 2
    listening = Listening(asking)
    async with asking.transaction():
        assert len(await put_all(listening, [Put(one, TOKEN, HOUR) for one in envelopes])) == 200
    assert len(listening.heard) <= 6


async def test_more_than_may_queue_for_a_database_is_refused_at_once() -> None:
    async def never(_: Sequence[object]) -> Sequence[object]:
        await asyncio.Event().wait()
        return ()

    for rows, size in ((QUEUE_ROWS, 0), (1, QUEUE_BYTES)):
        batches = Batches(never)
        held = asyncio.create_task(batches.add(None, rows, size))
        await asyncio.sleep(0)
        async with asyncio.timeout(20):
            with pytest.raises(StoreBusy):
                await batches.add(None, 1, 1)
        batches.close()
        batches.give_up()
        with pytest.raises(StoreUncertain):
            await held


async def test_a_login_announced_late_does_not_close_the_inbox_of_a_later_one(database: str) -> None:
    class Known(Presence):
        def __init__(self) -> None:
            super().__init__()
            self.replaced: list[bytes] = []

        def replace(self, mailbox: bytes) -> None:
            self.replaced.append(mailbox)

    inboxes = Known()
    bell = Bell(database, inboxes, "a-relay.")
    try:
        bell.logged_in(BOX, 500)
        for at in (499, 501):
            for channel, said in calls("another.", (), {BOX: at}):
                bell.heard(None, 0, channel, said)
            assert inboxes.replaced == [BOX] * (at > 500)
    finally:
        await bell.close()


async def test_what_others_say_on_the_channels_wakes_nobody_and_ends_nothing(
    database: str, asking: asyncpg.Connection
) -> None:
    class Heard(Presence):
        def __init__(self) -> None:
            super().__init__()
            self.woken = asyncio.Queue[bytes]()

        def wake(self, mailbox: bytes) -> None:
            self.woken.put_nowait(mailbox)

    inboxes = Heard()
    bell = Bell(database, inboxes, "a-relay.")
    try:
        async with opened(database, Presence(), "another."), asyncio.timeout(20):
            for said in ("", "x", "another.", "another.a!!!", "another.q" + "A" * 22, "a-relay.a" + "B" * 22):
                await asking.execute("SELECT pg_notify($1, $2)", CHANNELS[0], said)
            while inboxes.woken.empty():
                await asking.execute("SELECT pg_notify($1, $2)", CHANNELS[0], "another.a" + "C" * 22)
                await asyncio.sleep(0.01)
        assert inboxes.woken.get_nowait() == bytes.fromhex("0820820820820820820820820820820820820820"[:32])
    finally:
        await bell.close()
