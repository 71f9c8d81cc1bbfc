"""What many relays over one database owe one another, and what they ask of it."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import asyncpg
import pytest
from msgspec.structs import replace

from foreseal_relay.limits import QUEUE_BYTES, QUEUE_ROWS
from foreseal_relay.presence import Presence
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
from foreseal_relay.store.postgres.connections import place_of
from foreseal_relay.store.postgres.spending import claim_first, put_first
from foreseal_relay.store.postgres.steps import claim
from relay_peer import eid

BOX, TOKEN, HOUR = b"m" * 16, b"t" * 32, 480_000
STRANGERS = Envelope(BOX, eid(1), b"c" * 32, bytes(4096), 1, HOUR + 24)
PAID = Spending(b"s" * 32, b"p" * 16, HOUR + 24)
ALL = {name: getattr(statements, name) for name in statements.__all__ if name != "DELETE_MAILBOXES"}
ALL |= {f"DELETE_MAILBOXES {place}": one for place, one in enumerate(statements.DELETE_MAILBOXES)}
OF_MAILBOXES = ("mailboxes", "bundles", "one_time_prekeys", "invitations", "envelopes", "tombstones", "draws", "taken")
BY_MAILBOX = re.compile(
    r"\bmailbox = (\$1|ANY\(\$1::bytea\[\]\)|asked\.mailbox)|\((mailbox|mailbox, [a-z_, ]+)\)\s+(VALUES|SELECT)"
)


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
