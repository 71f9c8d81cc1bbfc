"""A relay in this process, on loopback, with a clock that tests move."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path

import asyncpg
import pytest

from foreseal_relay.presence import Presence
from foreseal_relay.server import stopping
from foreseal_relay.serving import Settings, serving
from foreseal_relay.store import MailboxStore, SqliteStore, store_at
from postgres_server import PostgresServer
from relay_peer import Clock, Owner, Running, registered

_schemas = count(1)


@pytest.fixture(autouse=True)
def signals_given_back() -> Iterator[None]:
    """A relay run in this process by `server.run` leaves its loop's handlers: uvloop does not put back what was there
    before. ^C would end nothing from then on, neither the tests nor what a later test interrupts."""
    before = {number: signal.getsignal(number) for number in stopping()}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One server for all tests of this process that do not harm it, started with the first of them."""
    server = PostgresServer()
    yield server
    server.remove()


@pytest.fixture
def database(postgres: PostgresServer) -> str:
    """The address of an empty database."""
    return postgres.schema(f"of_test_{next(_schemas)}")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    store = SqliteStore(tmp_path / "relay.sqlite")
    yield store
    await store.close()


@pytest.fixture(params=["sqlite", "postgres"])
async def each_store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[MailboxStore]:
    """Each of the stores there are, for what they all owe."""
    url = request.getfixturevalue("database") if request.param == "postgres" else None
    async with store_at(url, tmp_path / "s", Presence(), "a-relay.") as store:
        yield store


@pytest.fixture
async def running(tmp_path: Path, clock: Clock) -> AsyncIterator[Running]:
    async with serving(Settings(tmp_path / "data", free_blobs=True), clock=clock) as (url, relay):
        yield Running(url, relay, clock, tmp_path / "data")


@pytest.fixture
async def bob(running: Running) -> Owner:
    return await registered(running.url, Owner("bob"))


@pytest.fixture
def order(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """What the disk was asked for, in order: `sync` of an inode, and the inode that a `rename` moved. Nothing less
    than a power cut shows a missing sync."""
    seen: list[tuple[str, int]] = []
    sync, replace = os.fsync, os.replace

    def synced(descriptor: int) -> None:
        seen.append(("sync", os.fstat(descriptor).st_ino))
        sync(descriptor)

    def renamed(old: Path, new: Path) -> None:
        seen.append(("rename", old.stat().st_ino))
        replace(old, new)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", renamed)
    return seen


@pytest.fixture
async def asking(database: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database)
    yield connection
    await connection.close()
