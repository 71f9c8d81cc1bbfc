"""What is public, in a SQLite file of its own: nothing in it belongs to a mailbox, and who turns the directory off can
delete it. Days are days since 1970, serials hours since 1970."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from enum import Enum, auto
from functools import partial
from pathlib import Path
from typing import Final, Protocol, TypeVar

from foreseal_relay.public_wire import Claim, Note, Release, Signed, TakeBack
from foreseal_relay.store.interface import StoreFailed, StoreUnusable
from foreseal_relay.store.writer import Writer

__all__ = ["MAX_HANDLES", "MAX_NOTES", "PublicStore", "Published", "SqliteHandles"]

MAX_HANDLES: Final = 1_000_000
MAX_NOTES: Final = 5_000
_VERSION: Final = 1
_SCHEMA: Final = """
    CREATE TABLE handles (
        handle TEXT PRIMARY KEY, identity BLOB NOT NULL UNIQUE, serial INTEGER NOT NULL,
        statement BLOB, signature BLOB, expires INTEGER NOT NULL, free INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX handles_by_day ON handles (free);
    CREATE TABLE notes (
        identity BLOB PRIMARY KEY, serial INTEGER NOT NULL, statement BLOB, signature BLOB, expires INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX notes_by_day ON notes (expires);
"""
_R = TypeVar("_R")


class Published(Enum):
    """What became of a statement. Only `KEPT` changed anything."""

    KEPT = auto()
    TAKEN = auto()
    """Somebody else has this handle, or had it not long ago."""
    HOLDS_ANOTHER = auto()
    """This key has another handle, or had one not long ago."""
    STALE = auto()
    """A later statement of this key is here, or its clock is wrong."""
    MALFORMED = auto()
    UNPROVEN = auto()
    """Its signature does not hold, or it was made for another relay."""
    FULL = auto()


class PublicStore(Protocol):
    """Handles and notes. Every method may raise `StoreError`, and returns only after what it wrote is on the disk."""

    async def claim(self, said: Claim, signed: Signed, today: int, free: int) -> Published:
        """Keeps a claim. `free`: the day from which somebody else may have the handle."""

    async def release(self, said: Release, today: int, free: int) -> Published:
        """Takes a claim away, and keeps the handle from others until `free`."""

    async def note(self, said: Note, signed: Signed, today: int) -> Published:
        """Keeps a note in the place of an earlier one."""

    async def take_back(self, said: TakeBack, today: int) -> Published:
        """Takes a note away. It cannot be put back by repeating it."""

    async def find(self, handle: str, today: int) -> Signed | None:
        """The claim of a handle that has not run out."""

    async def notes(self, today: int, limit: int) -> list[Signed]:
        """The newest notes that have not run out."""

    async def expire(self, today: int) -> int:
        """Forgets handles that are free and notes that have run out; how many."""

    async def close(self) -> None:
        """Finishes what was queued, then closes."""


class SqliteHandles:
    """`PublicStore` in the file at `path`. Raises `StoreUnusable`."""

    def __init__(self, path: Path) -> None:
        try:
            connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10.0)
            _prepare(connection)
        except sqlite3.Error as error:
            raise StoreUnusable(f"the directory {path.name} cannot be opened: {error}") from error
        self._writer = Writer(connection)

    async def claim(self, said: Claim, signed: Signed, today: int, free: int) -> Published:
        """See `PublicStore.claim`."""
        return await self._writer.write(partial(_claim, said=said, signed=signed, today=today, free=free))

    async def release(self, said: Release, today: int, free: int) -> Published:
        """See `PublicStore.release`."""
        return await self._writer.write(partial(_release, said=said, today=today, free=free))

    async def note(self, said: Note, signed: Signed, today: int) -> Published:
        """See `PublicStore.note`."""
        return await self._writer.write(partial(_note, said=said, signed=signed, today=today))

    async def take_back(self, said: TakeBack, today: int) -> Published:
        """See `PublicStore.take_back`."""
        return await self._writer.write(partial(_take_back, said=said, today=today))

    async def find(self, handle: str, today: int) -> Signed | None:
        """See `PublicStore.find`."""
        query = "SELECT statement, signature FROM handles WHERE handle = ? AND expires > ? AND statement IS NOT NULL"
        found = await self._read(lambda connection: connection.execute(query, (handle, today)).fetchone())
        return None if found is None else Signed(*found)

    async def notes(self, today: int, limit: int) -> list[Signed]:
        """See `PublicStore.notes`."""
        query = (
            "SELECT statement, signature FROM notes WHERE expires > ? AND statement IS NOT NULL"
            " ORDER BY serial DESC, identity LIMIT ?"
        )
        rows = await self._read(lambda connection: connection.execute(query, (today, limit)).fetchall())
        return [Signed(*row) for row in rows]

    async def expire(self, today: int) -> int:
        """See `PublicStore.expire`."""
        return await self._writer.write(partial(_expire, today=today))

    async def close(self) -> None:
        """See `PublicStore.close`."""
        await self._writer.close()

    async def _read(self, query: Callable[[sqlite3.Connection], _R]) -> _R:
        # Asked seldom, and at a bounded rate: the thread that writes also reads.
        try:
            return await self._writer.write(query)
        except sqlite3.Error as error:
            raise StoreFailed("the directory could not be read; nothing was changed. Check the disk") from error


def _prepare(connection: sqlite3.Connection) -> None:
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON"):
        connection.execute(f"PRAGMA {pragma}")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > _VERSION:
        raise sqlite3.DatabaseError("it was written by a newer Foreseal")
    if version == 0:
        connection.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version = {_VERSION}; COMMIT;")


def _claim(connection: sqlite3.Connection, said: Claim, signed: Signed, today: int, free: int) -> Published:
    _expire(connection, today)
    held = connection.execute("SELECT handle, serial, statement FROM handles WHERE identity = ?", (said.identity,))
    row = held.fetchone()
    if row is not None and row[0] != said.handle:
        return Published.HOLDS_ANOTHER
    if row is not None and said.serial <= row[1]:
        return Published.KEPT if row[2] == signed.statement else Published.STALE
    if row is None and connection.execute("SELECT 1 FROM handles WHERE handle = ?", (said.handle,)).fetchone():
        return Published.TAKEN
    if row is None and _full(connection, "handles", MAX_HANDLES):
        return Published.FULL
    connection.execute(
        "INSERT OR REPLACE INTO handles VALUES (?, ?, ?, ?, ?, ?, ?)",
        (said.handle, said.identity, said.serial, signed.statement, signed.signature, said.expires, free),
    )
    return Published.KEPT


def _release(connection: sqlite3.Connection, said: Release, today: int, free: int) -> Published:
    _expire(connection, today)
    row = connection.execute(
        "SELECT serial FROM handles WHERE handle = ? AND identity = ?", (said.handle, said.identity)
    ).fetchone()
    if row is None:
        return Published.KEPT  # there is nothing to be seen of it, which is all that was asked
    if said.serial < row[0]:
        return Published.STALE
    connection.execute(
        "UPDATE handles SET serial = ?, statement = NULL, signature = NULL, free = ? WHERE handle = ?",
        (said.serial, free, said.handle),
    )
    return Published.KEPT


def _note(connection: sqlite3.Connection, said: Note, signed: Signed, today: int) -> Published:
    _expire(connection, today)
    row = connection.execute("SELECT serial, statement FROM notes WHERE identity = ?", (said.identity,)).fetchone()
    if row is not None and said.serial <= row[0]:
        return Published.KEPT if row[1] == signed.statement else Published.STALE
    if row is None and _full(connection, "notes", MAX_NOTES):
        return Published.FULL
    connection.execute(
        "INSERT OR REPLACE INTO notes VALUES (?, ?, ?, ?, ?)",
        (said.identity, said.serial, signed.statement, signed.signature, said.expires),
    )
    return Published.KEPT


def _take_back(connection: sqlite3.Connection, said: TakeBack, today: int) -> Published:
    _expire(connection, today)
    row = connection.execute("SELECT serial FROM notes WHERE identity = ?", (said.identity,)).fetchone()
    if row is not None and said.serial < row[0]:
        return Published.STALE
    connection.execute(
        "UPDATE notes SET serial = ?, statement = NULL, signature = NULL WHERE identity = ?",
        (said.serial, said.identity),
    )
    return Published.KEPT


def _expire(connection: sqlite3.Connection, today: int) -> int:
    gone = connection.execute("DELETE FROM handles WHERE free <= ?", (today,)).rowcount
    return gone + connection.execute("DELETE FROM notes WHERE expires <= ?", (today,)).rowcount


def _full(connection: sqlite3.Connection, table: str, most: int) -> bool:
    (rows,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608
    return bool(rows >= most)
