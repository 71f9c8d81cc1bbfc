"""The store's contract, and what the writer does when a commit fails."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import stat
import sys
import threading
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest

from foreseal_relay import wire
from foreseal_relay.limits import QUEUE_BYTES, QUEUE_ROWS
from foreseal_relay.store import (
    Claim,
    Envelope,
    Outcome,
    Spending,
    SqliteStore,
    Standing,
    StoreBusy,
    StoreFailed,
    StoreRefused,
    StoreUnusable,
)
from foreseal_relay.store.database import SCHEMA_VERSION, open_reader
from relay_peer import NOON, Owner, eid, mailboxes_of, send_to

BOX, TOKEN, HOUR = b"m" * 16, b"t" * 32, 480_000


def envelope(number: int, *, mailbox: bytes = BOX, expires: int = HOUR + 24) -> Envelope:
    return Envelope(mailbox, eid(number), b"c" * 32, bytes(4096), HOUR // 24, expires)


def column(query: str) -> Callable[[sqlite3.Connection], list[tuple[object]]]:
    """A step that reads, for looking behind the interface."""
    return lambda connection: connection.execute(query).fetchall()


@pytest.fixture
async def box(store: SqliteStore) -> SqliteStore:
    assert await store.register(BOX, b"k" * 32, TOKEN, 0, HOUR // 24) is Outcome.STORED
    return store


async def test_many_waiting_writes_share_one_commit(box: SqliteStore) -> None:
    gate = threading.Event()
    before = box.writer.commits
    blocked = asyncio.create_task(box.writer.write(lambda _: gate.wait(20)))
    await asyncio.sleep(0)  # lets it reach the writer
    puts = [asyncio.create_task(box.put(envelope(number), TOKEN, HOUR)) for number in range(300)]
    await asyncio.sleep(0)
    gate.set()
    assert set(await asyncio.gather(*puts)) == {Outcome.STORED}
    assert await blocked
    assert box.writer.commits - before <= 2


async def test_who_comes_back_on_the_same_day_changes_nothing_on_the_disk(box: SqliteStore) -> None:
    def changes(connection: sqlite3.Connection) -> int:
        return connection.total_changes

    assert await box.sign_in(BOX, 5, HOUR // 24) == Standing(5, 0, 0)
    before = await box.writer.write(changes)
    assert set(await asyncio.gather(*(box.sign_in(BOX, 4, HOUR // 24) for _ in range(100)))) == {Standing(5, 0, 0)}
    assert await box.writer.write(changes) == before
    assert await box.sign_in(BOX, 5, HOUR // 24 + 1) == Standing(5, 0, 0)
    assert await box.writer.write(changes) == before + 1


async def test_a_batch_is_cut_at_its_greatest_size(box: SqliteStore) -> None:
    gate = threading.Event()
    blocked = asyncio.create_task(box.writer.write(lambda _: gate.wait(20)))
    await asyncio.sleep(0)
    before = box.writer.commits
    puts = [asyncio.create_task(box.put(envelope(number), TOKEN, HOUR)) for number in range(1200)]
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(blocked, *puts)
    assert box.writer.commits - before >= 3


async def test_a_step_that_raises_takes_its_batch_down_and_the_writer_goes_on(box: SqliteStore) -> None:
    gate = threading.Event()
    blocked = asyncio.create_task(box.writer.write(lambda _: gate.wait(20)))
    await asyncio.sleep(0)

    def faulty(_: sqlite3.Connection) -> None:
        raise RuntimeError("a fault of ours")

    mates = [
        asyncio.create_task(box.writer.write(lambda c: c.execute("UPDATE pulse SET beats = 77").rowcount)),
        asyncio.create_task(box.writer.write(faulty)),
    ]
    await asyncio.sleep(0)
    gate.set()
    await asyncio.wait([blocked, *mates])
    assert [type(mate.exception()) for mate in mates] == [StoreRefused, StoreRefused]
    assert await box.put(envelope(1), TOKEN, HOUR) is Outcome.STORED
    assert await box.writer.write(column("SELECT beats FROM pulse")) == [(0,)]


async def test_a_full_disk_refuses_the_batch_and_room_brings_the_store_back(box: SqliteStore) -> None:
    def shut(connection: sqlite3.Connection) -> int:
        pages: int = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")
        return pages

    pages = await box.writer.write(shut)
    large = Envelope(BOX, eid(1), b"c" * 32, bytes(65536), 0, HOUR + 24)
    with pytest.raises(StoreRefused, match="full"):
        await box.put(large, TOKEN, HOUR)
    await box.writer.write(lambda c: c.execute(f"PRAGMA max_page_count = {pages * 100}").fetchone())
    assert await box.put(envelope(99), TOKEN, HOUR) is Outcome.STORED


async def test_after_a_disk_error_nothing_more_is_accepted(box: SqliteStore) -> None:
    def broken(_: sqlite3.Connection) -> None:
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
        raise error

    with pytest.raises(StoreFailed):
        await box.writer.write(broken)
    with pytest.raises(StoreFailed):
        await box.put(envelope(1), TOKEN, HOUR)
    with pytest.raises(StoreFailed):
        await box.check()
    assert await box.waiting(BOX, (), 10, HOUR) == []


@pytest.mark.parametrize(("rows", "size"), [(QUEUE_ROWS, 0), (1, QUEUE_BYTES)])
async def test_more_writes_than_may_queue_are_refused_at_once(box: SqliteStore, rows: int, size: int) -> None:
    gate = threading.Event()
    blocked = asyncio.create_task(box.writer.write(lambda _: gate.wait(20), rows=rows, size=size))
    await asyncio.sleep(0)
    with pytest.raises(StoreBusy):
        await box.put(envelope(1), TOKEN, HOUR)
    gate.set()
    await blocked
    assert await box.put(envelope(1), TOKEN, HOUR) is Outcome.STORED


async def test_closing_commits_what_was_queued_and_refuses_what_comes_later(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "s")
    await store.register(BOX, b"k" * 32, TOKEN, 0, 0)
    puts = [asyncio.create_task(store.put(envelope(number), TOKEN, HOUR)) for number in range(50)]
    await asyncio.sleep(0)
    await store.close()
    assert set(await asyncio.gather(*puts)) == {Outcome.STORED}
    with pytest.raises(StoreRefused):
        await store.check()


async def test_everything_is_there_after_opening_again(tmp_path: Path) -> None:
    first = SqliteStore(tmp_path / "s")
    await first.register(BOX, b"k" * 32, TOKEN, 3, 0)
    await first.publish(BOX, b"bundle", (b"one",))
    await first.put(envelope(1), TOKEN, HOUR)
    await first.close()
    second = SqliteStore(tmp_path / "s")
    assert await second.waiting(BOX, (), 10, HOUR) == [envelope(1)]
    standing = await second.sign_in(BOX, 0, 1)
    assert standing is not None
    assert (standing.generation, standing.waiting, standing.prekeys_left) == (3, 1, 1)
    await second.close()


async def test_a_claim_survives_opening_again(tmp_path: Path) -> None:
    claims = []
    for _ in range(2):
        store = SqliteStore(tmp_path / "s")
        await store.register(BOX, b"k" * 32, TOKEN, 0, 0)
        await store.publish(BOX, b"bundle", (b"one", b"two"))
        await store.invite(BOX, b"1" * 32, 8, HOUR + 24, HOUR)
        claims.append(await store.claim(BOX, b"1" * 32, HOUR))
        await store.close()
    assert claims == [Claim(b"bundle", b"one")] * 2


async def test_a_store_of_the_first_version_is_brought_up_to_date_with_what_it_holds(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "s")
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    connection.executescript(files("foreseal_relay.store").joinpath("schema.sql").read_text("utf-8"))
    connection.execute("INSERT INTO mailboxes (id, login_key, delivery, generation, seen_day) VALUES (?, ?, ?, 7, 1)",
                       (BOX, b"k" * 32, TOKEN))  # fmt: skip
    connection.execute("PRAGMA user_version = 1")
    connection.commit()
    connection.close()
    store = SqliteStore(tmp_path / "s")
    standing = await store.sign_in(BOX, 0, 1)
    assert standing is not None
    assert standing.generation == 7
    first = Spending(b"s" * 32, b"p" * 16, HOUR + 24)
    assert await store.put_first(envelope(1), first) is Outcome.NOT_DELIVERABLE, "nobody asked for strangers"
    assert await store.take_requests(BOX, is_open=True) is Outcome.STORED
    assert await store.writer.write(column("PRAGMA user_version")) == [(SCHEMA_VERSION,)]
    await store.close()


async def test_an_acknowledged_body_is_overwritten_in_the_file(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "s")
    await store.register(BOX, b"k" * 32, TOKEN, 0, 0)
    marked = Envelope(BOX, eid(1), b"c" * 32, b"MARKED-BODY-8421" * 256, 0, HOUR + 24)
    await store.put(marked, TOKEN, HOUR)
    await store.acknowledge(BOX, [eid(1)])
    await store.close()  # folds the log back into the file
    assert b"MARKED-BODY-8421" not in (tmp_path / "s").read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["s"]


async def test_no_table_holds_a_time_finer_than_an_hour(store: SqliteStore) -> None:
    mailboxes, bob, hour = mailboxes_of(store), Owner("bob"), int(NOON // 3600)
    login = bob.login("http://127.0.0.1", bytes(32))
    await mailboxes.change(login, wire.Register(1, wire.token_digest(bob.token)), NOON)
    await mailboxes.change(login, wire.Invite(2, bytes(32), 600), NOON)
    await mailboxes.accept(send_to(bob, 1, ttl=60), NOON)
    await mailboxes.accept(send_to(bob, 2, ttl=7 * 86400), NOON)
    await mailboxes.change(login, wire.Ack(3, (eid(1),)), NOON)
    assert await store.writer.write(column("SELECT seen_day FROM mailboxes")) == [(hour // 24,)]
    assert await store.writer.write(column("SELECT day FROM envelopes")) == [(hour // 24,)]
    assert await store.writer.write(column("SELECT expires FROM tombstones")) == [(hour + 1,)]
    assert await store.writer.write(column("SELECT expires FROM invitations")) == [(hour + 1,)]
    # A long life is rounded up to midnight: the usual ttl taken off again gives only a day.
    assert await store.writer.write(column("SELECT expires FROM envelopes")) == [((hour // 24 + 8) * 24,)]


async def test_the_store_is_readable_by_its_owner_alone(store: SqliteStore, tmp_path: Path) -> None:
    await store.check()
    for path in tmp_path.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path.name


async def test_durability_is_asserted_on_the_writing_connection(store: SqliteStore) -> None:
    for pragma, value in {"synchronous": 2, "journal_mode": "wal", "secure_delete": 1, "auto_vacuum": 2}.items():
        assert await store.writer.write(column(f"PRAGMA {pragma}")) == [(value,)], pragma


def test_a_store_of_a_newer_version_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "s"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreUnusable, match="version 99"):
        SqliteStore(path)
    assert path.read_bytes() == before


def test_a_file_that_is_no_store_is_refused(tmp_path: Path) -> None:
    (tmp_path / "s").write_bytes(b"not a database at all, but long enough to be looked at" * 40)
    with pytest.raises(StoreUnusable):
        SqliteStore(tmp_path / "s")


async def test_a_store_that_was_cut_off_is_refused(tmp_path: Path) -> None:
    await SqliteStore(tmp_path / "s").close()
    (tmp_path / "s").write_bytes((tmp_path / "s").read_bytes()[:5000])
    with pytest.raises(StoreUnusable):
        SqliteStore(tmp_path / "s")


async def test_a_store_with_a_damaged_page_is_refused_even_where_the_start_reads_nothing_of_it(tmp_path: Path) -> None:
    await SqliteStore(tmp_path / "s").close()
    connection = sqlite3.connect(tmp_path / "s")
    ((page,),) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'mailboxes_by_day'")
    connection.close()
    whole = (tmp_path / "s").read_bytes()
    (tmp_path / "s").write_bytes(whole[: (page - 1) * 4096] + bytes(4096) + whole[page * 4096 :])
    with pytest.raises(StoreUnusable, match=r"damaged .*; put back a copy"):
        SqliteStore(tmp_path / "s")


async def test_a_long_store_is_looked_through_but_for_its_envelopes_whose_damage_shows_when_they_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("foreseal_relay.store.database.CHECKED_WHOLE", 0)
    store = SqliteStore(tmp_path / "s")
    await store.register(BOX, b"k" * 32, TOKEN, 0, 0)
    await store.put(envelope(1), TOKEN, HOUR)
    await store.close()
    connection = sqlite3.connect(tmp_path / "s")
    pages = dict(connection.execute("SELECT name, rootpage FROM sqlite_master WHERE rootpage > 0"))
    connection.close()
    whole = (tmp_path / "s").read_bytes()

    def damaged(name: str) -> bytes:
        return whole[: (pages[name] - 1) * 4096] + bytes(4096) + whole[pages[name] * 4096 :]

    for name in ("mailboxes", "mailboxes_by_day", "tombstones", "blobs"):
        (tmp_path / "s").write_bytes(damaged(name))
        with pytest.raises(StoreUnusable, match="damaged"):
            SqliteStore(tmp_path / "s")
    (tmp_path / "s").write_bytes(damaged("envelopes"))
    store = SqliteStore(tmp_path / "s")
    with pytest.raises(StoreFailed):
        await store.waiting(BOX, (), 10, HOUR)
    await store.close()
    monkeypatch.undo()
    with pytest.raises(StoreUnusable, match="damaged"):
        SqliteStore(tmp_path / "s")


async def test_the_log_does_not_keep_the_length_of_its_longest_day(store: SqliteStore) -> None:
    assert await store.writer.write(column("PRAGMA journal_size_limit")) == [(64 * 1024**2,)]


@pytest.mark.parametrize("torn", [b"\xff\xfe", b"\n\x1b"])
async def test_a_store_whose_schema_is_no_text_is_refused_in_one_printable_line(tmp_path: Path, torn: bytes) -> None:
    await SqliteStore(tmp_path / "s").close()
    whole = (tmp_path / "s").read_bytes()
    assert whole.count(b"CREATE TABLE bundles") == 1
    (tmp_path / "s").write_bytes(whole.replace(b"CREATE TABLE bundles", b"CREATE " + torn + b"BLE bundles"))
    with pytest.raises(StoreUnusable, match="damaged") as refused:
        SqliteStore(tmp_path / "s")
    assert str(refused.value).isprintable()


def test_somebody_elses_database_is_refused_and_not_written_into(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "s")
    connection.execute("CREATE TABLE mailboxes (letters TEXT)")
    connection.commit()
    connection.close()
    before = (tmp_path / "s").read_bytes()
    with pytest.raises(StoreUnusable):
        SqliteStore(tmp_path / "s")
    assert (tmp_path / "s").read_bytes() == before


def test_a_reader_that_cannot_be_opened_is_a_store_that_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(StoreUnusable, match="cannot be opened for reading"):
        open_reader(tmp_path / "absent" / "s")


@pytest.mark.skipif(sys.platform == "win32", reason="limits of this kind are POSIX's")
async def test_an_opening_that_fails_at_any_file_leaves_no_thread_and_no_file_open(tmp_path: Path) -> None:
    import resource

    await SqliteStore(tmp_path / "s").close()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    before = open_files()
    failures = 0
    for allowed in range(3, 1000):
        store = None
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
        try:
            store = SqliteStore(tmp_path / "s")
        except StoreUnusable:
            failures += 1
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        if store is not None:
            await store.close()
            break
        assert [thread.name for thread in threading.enumerate() if thread.name == "foreseal-writer"] == []
        assert open_files() == before
    assert failures >= 3


def open_files() -> set[int]:
    """The descriptors of this process."""
    found = set()
    for name in os.listdir("/dev/fd"):
        with contextlib.suppress(OSError):  # the one that listing itself used
            os.fstat(int(name))
            found.add(int(name))
    return found
