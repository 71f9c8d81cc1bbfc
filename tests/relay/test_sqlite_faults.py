"""The embedded store on a disk that is full, that fails, and that forgets what was not synced."""

from __future__ import annotations

import asyncio
import errno
import os
import random
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from faulty_disk import FaultyDisk, mounted
from foreseal_relay.store import Envelope, Outcome, SqliteStore, StoreFailed, StoreFull
from relay_peer import PATIENCE, eid

BOX, TOKEN, HOUR = b"m" * 16, b"t" * 32, 480_000
FULL, EIO_WRITE, EIO_SYNC = sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_FSYNC


def envelope(number: int) -> Envelope:
    return Envelope(BOX, eid(number), b"c" * 32, number.to_bytes(4, "big") * 1024, HOUR // 24, HOUR + 24)


def fold_always(monkeypatch: pytest.MonkeyPatch) -> None:
    for limit in ("CHECKPOINT_AFTER", "WAL_LONG"):
        monkeypatch.setattr(f"foreseal_relay.store.checkpoints.{limit}", 1)


async def soon(condition: Callable[[], bool]) -> None:
    """Waits for a thread."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - it is a thread that is waited for, and no task could tell
            await asyncio.sleep(0)


@pytest.fixture
def disk() -> Iterator[FaultyDisk]:
    with ExitStack() as stack:
        disk = FaultyDisk()
        try:
            stack.enter_context(mounted(disk))
        except OSError as error:
            pytest.skip(str(error))
        yield disk


@pytest.mark.parametrize("operation", ["write", "truncate"])
async def test_a_full_disk_refuses_batches_and_the_store_goes_on_once_there_is_room(
    disk: FaultyDisk, tmp_path: Path, operation: str
) -> None:
    store = SqliteStore(tmp_path / "s")
    await store.register(BOX, b"k" * 32, TOKEN, 0, 0)
    disk.fail = lambda found, _: FULL if found in ("write", operation) else 0
    for _ in range(3):
        with pytest.raises(StoreFull, match="disk is full"):
            await store.put(envelope(1), TOKEN, HOUR)
    with pytest.raises(StoreFull):
        await store.check()
    assert not store.failed
    disk.fail = lambda _, __: 0
    assert await store.put(envelope(1), TOKEN, HOUR) is Outcome.STORED
    assert await store.waiting(BOX, (), 10, HOUR) == [envelope(1)]
    await store.close()


@pytest.mark.parametrize(("operation", "code"), [("write", EIO_WRITE), ("sync", EIO_SYNC)])
async def test_a_disk_that_fails_ends_accepting_and_keeps_what_was_accepted(
    disk: FaultyDisk, tmp_path: Path, operation: str, code: int
) -> None:
    store = SqliteStore(tmp_path / "s")
    await store.register(BOX, b"k" * 32, TOKEN, 0, 0)
    assert await store.put(envelope(1), TOKEN, HOUR) is Outcome.STORED
    disk.fail = lambda found, _: code if found == operation else 0
    with pytest.raises(StoreFailed, match="Check the disk"):
        await store.put(envelope(2), TOKEN, HOUR)
    disk.fail = lambda _, __: 0
    # A later sync that succeeds says nothing of what the one before lost.
    with pytest.raises(StoreFailed):
        await store.put(envelope(2), TOKEN, HOUR)
    assert store.failed
    assert (await store.waiting(BOX, (), 10, HOUR))[0] == envelope(1)
    await store.close()
    again = SqliteStore(tmp_path / "s")
    assert await again.put(envelope(1), TOKEN, HOUR) is Outcome.DUPLICATE
    assert await again.put(envelope(2), TOKEN, HOUR) in (Outcome.STORED, Outcome.DUPLICATE)
    await again.close()


async def test_a_disk_that_fails_at_any_one_operation_never_loses_what_was_acknowledged(
    disk: FaultyDisk, tmp_path: Path
) -> None:
    rng = random.Random(7)
    for round_ in range(12):
        folder = tmp_path / str(round_)
        folder.mkdir()
        disk.fail = lambda _, __: 0
        store = SqliteStore(folder / "s")
        await store.register(BOX, b"k" * 32, TOKEN, 0, 0)
        left, code = rng.randrange(1, 60), rng.choice([FULL, EIO_WRITE, EIO_SYNC])

        def fail(operation: str, _: str, code: int = code) -> int:
            nonlocal left
            left -= 1
            return code if left == 0 and (operation == "sync") == (code == EIO_SYNC) else 0

        disk.fail = fail
        puts = await asyncio.gather(
            *(store.put(envelope(number), TOKEN, HOUR) for number in range(30)), return_exceptions=True
        )
        await store.close()
        again = SqliteStore(folder / "s")
        kept = {one.eid for one in await again.waiting(BOX, (), 100, HOUR)}
        assert {eid(number) for number, put in enumerate(puts) if put is Outcome.STORED} <= kept
        await again.close()


async def test_the_log_is_folded_into_the_file_while_the_store_is_open_and_begins_anew(
    disk: FaultyDisk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fold_always(monkeypatch)
    store = SqliteStore(tmp_path / "s")
    await store.register(BOX, b"k" * 32, TOKEN, 0, 0)
    log, begun = tmp_path / "s-wal", set[bytes]()
    for number in range(300):
        assert await store.put(envelope(number), TOKEN, HOUR) is Outcome.STORED
        # How often it was begun stands in its header (https://sqlite.org/fileformat2.html#the_write_ahead_log).
        with log.open("rb") as opened:
            begun.add(opened.read(16)[12:])
        if len(disk.synced.get("s", b"")) > 100 * 4096 and len(begun) > 1:
            break
    assert len(disk.synced.get("s", b"")) > 100 * 4096, "nothing was folded beside 300 commits"
    assert len(begun) > 1, "the log was never begun anew"
    await store.close()


@pytest.mark.parametrize(("operation", "code"), [("write", EIO_WRITE), ("sync", EIO_SYNC)])
async def test_a_disk_that_fails_while_the_log_is_folded_ends_accepting_and_loses_nothing(
    disk: FaultyDisk, tmp_path: Path, operation: str, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = SqliteStore(tmp_path / "s")
    await store.register(BOX, b"k" * 32, TOKEN, 0, 0)
    fold_always(monkeypatch)  # not before: what the first commit has folded would fail beside the second
    disk.fail = lambda found, name: code if (found, name) == (operation, "s") else 0
    assert await store.put(envelope(1), TOKEN, HOUR) is Outcome.STORED
    await soon(lambda: store.failed)
    with pytest.raises(StoreFailed, match="Check the disk"):
        await store.put(envelope(2), TOKEN, HOUR)
    disk.fail = lambda _, __: 0
    await store.close()
    again = SqliteStore(tmp_path / "s")
    assert await again.waiting(BOX, (), 10, HOUR) == [envelope(1)]
    await again.close()


async def test_a_disk_that_fails_while_what_was_folded_is_synced_ends_accepting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = SqliteStore(tmp_path / "s")
    await store.register(BOX, b"k" * 32, TOKEN, 0, 0)
    fold_always(monkeypatch)

    def failing(_: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr("foreseal_relay.store.checkpoints.sync_data", failing)
    assert await store.put(envelope(1), TOKEN, HOUR) is Outcome.STORED
    await soon(lambda: store.failed)
    with pytest.raises(StoreFailed, match="Check the disk"):
        await store.put(envelope(2), TOKEN, HOUR)
    await store.close()
    again = SqliteStore(tmp_path / "s")
    assert await again.waiting(BOX, (), 10, HOUR) == [envelope(1)]
    await again.close()


async def test_what_the_thread_beside_the_writer_folds_it_syncs_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the writer would wait for all of it once the log is long: that was the slowest one in a hundred."""
    store = SqliteStore(tmp_path / "s")
    await store.register(BOX, b"k" * 32, TOKEN, 0, 0)
    monkeypatch.setattr("foreseal_relay.store.checkpoints.CHECKPOINT_AFTER", 1)
    synced: list[tuple[str, os.stat_result]] = []
    monkeypatch.setattr(
        "foreseal_relay.store.checkpoints.sync_data",
        lambda file: synced.append((threading.current_thread().name, os.fstat(file))),
    )
    assert await store.put(envelope(1), TOKEN, HOUR) is Outcome.STORED
    await soon(lambda: bool(synced))
    name, found = synced[0]
    assert name == "foreseal-checkpoints"
    assert os.path.samestat(found, (tmp_path / "s").stat())
    await store.close()


@pytest.mark.skipif(sys.platform == "win32", reason="locks are POSIX's")
async def test_nothing_that_is_closed_takes_the_locks_of_an_open_store_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite holds a shared lock on the database file (at these bytes of it) for as long as it has it open; another
    process could else take the store apart. Closing any descriptor of the file would take it away."""
    store = SqliteStore(tmp_path / "s")
    await store.register(BOX, b"k" * 32, TOKEN, 0, 0)
    fold_always(monkeypatch)
    for number in range(20):
        assert await store.put(envelope(number), TOKEN, HOUR) is Outcome.STORED
    taking = "import fcntl, sys; fcntl.lockf(open(sys.argv[1], 'r+b'), fcntl.LOCK_EX | fcntl.LOCK_NB, 510, 0x40000002)"

    def taken() -> int:
        command = [sys.executable, "-c", taking, str(tmp_path / "s")]
        return subprocess.run(command, check=False, stderr=subprocess.DEVNULL).returncode

    assert await asyncio.to_thread(taken) == 1
    await store.close()
    assert await asyncio.to_thread(taken) == 0


async def test_the_descriptor_to_sync_by_is_closed_and_after_the_last_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = SqliteStore(tmp_path / "s")
    await store.register(BOX, b"k" * 32, TOKEN, 0, 0)
    real, known, left = os.close, (tmp_path / "s").stat(), list[bool]()

    def close(handle: int) -> None:
        if os.path.samestat(os.fstat(handle), known):
            left.append((tmp_path / "s-wal").exists())  # SQLite removes its log with the last connection
        real(handle)

    monkeypatch.setattr(os, "close", close)
    await store.close()
    assert left == [False]


async def test_a_full_disk_while_the_log_is_folded_stops_nobody(
    disk: FaultyDisk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fold_always(monkeypatch)
    store = SqliteStore(tmp_path / "s")
    await store.register(BOX, b"k" * 32, TOKEN, 0, 0)
    refused: list[str] = []

    def full(operation: str, name: str) -> int:
        if (operation, name) != ("write", "s"):
            return 0
        refused.append(name)
        return FULL

    disk.fail = full
    for number in range(5):
        assert await store.put(envelope(number), TOKEN, HOUR) is Outcome.STORED
    await soon(lambda: bool(refused))
    assert not store.failed
    assert await store.put(envelope(9), TOKEN, HOUR) is Outcome.STORED
    await store.close()


@pytest.mark.parametrize("seed", range(3))
async def test_a_power_failure_at_any_moment_takes_nothing_that_was_acknowledged(
    disk: FaultyDisk, tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was written and not synced is gone; kill -9 cannot show that, since the system still has it. All but the
    first time the log is folded without a pause, beside the writer and by it."""
    rng = random.Random(seed)
    if seed:
        fold_always(monkeypatch)
    (tmp_path / "before").mkdir()
    store = SqliteStore(tmp_path / "before" / "s")
    await store.register(BOX, b"k" * 32, TOKEN, 0, 0)
    owed: set[bytes] = set()
    gone: set[bytes] = set()
    for moment in range(6):
        numbers = range(moment * 100, moment * 100 + rng.randrange(1, 40))
        puts = [asyncio.create_task(store.put(envelope(number), TOKEN, HOUR)) for number in numbers]
        done, _ = await asyncio.wait(puts, return_when=asyncio.FIRST_COMPLETED)
        owed |= {eid(number) for number, put in zip(numbers, puts, strict=True) if put in done}
        if rng.random() < 0.5:
            some = set(rng.sample(sorted(owed - gone), 1))
            await store.acknowledge(BOX, list(some))
            gone |= some
        folder = tmp_path / f"after-{moment}"
        folder.mkdir()
        disk.after_a_power_failure(folder)
        left = SqliteStore(folder / "s")
        kept = {one.eid for one in await left.waiting(BOX, (), 1000, HOUR)}
        assert owed - gone <= kept
        assert not gone & kept
        await left.close()
        await asyncio.gather(*puts)
        owed |= {eid(number) for number in numbers}
    await store.close()
