"""Opening the relay's SQLite file: made safe, asserted to be so, and of a version this program knows."""

from __future__ import annotations

import os
import sqlite3
from importlib.resources import files
from pathlib import Path
from typing import Final

from foreseal_relay.limits import CHECKED_WHOLE, MAX_STORE_BYTES, WAL_KEPT
from foreseal_relay.store.interface import StoreUnusable

__all__ = ["SCHEMA_VERSION", "open_reader", "open_to_sync", "open_writer"]

SCHEMA_VERSION: Final = 4
_SCHEMAS: Final = ("schema.sql", "schema_2.sql", "schema_3.sql", "schema_4.sql")
"""One script a version; an older store gets those it lacks."""
_PAGE: Final = 4096
_SETTINGS: Final = {
    "journal_mode": ("WAL", "wal"),
    "synchronous": ("FULL", 2),
    "secure_delete": ("ON", 1),
    "foreign_keys": ("ON", 1),
    "auto_vacuum": ("INCREMENTAL", 2),
}
"""Pragma -> value to set, value it must then read. Without `synchronous=FULL` a commit is not durable; without
`secure_delete` an acknowledged envelope stays in the file; auto_vacuum only takes on an empty file."""


def open_writer(path: Path) -> sqlite3.Connection:
    """The one connection that writes, its schema made if the file is new. Raises `StoreUnusable`."""
    try:
        # Made by us first, so that it and the files SQLite puts beside it are readable by this user alone.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        connection = _connect(path)
    except (OSError, sqlite3.Error) as error:
        raise StoreUnusable(f"the store {path.name} cannot be opened: {error}") from error
    try:
        _prepare(connection, path)
    except (sqlite3.Error, UnicodeDecodeError) as error:
        # The latter comes of a damaged schema, which SQLite quotes byte for byte.
        connection.close()
        said = ascii(" ".join(str(error).split()))[1:-1]
        raise StoreUnusable(
            f"the store {path.name} is not a Foreseal store or is damaged ({said}); "
            "put back a copy, or start with another directory"
        ) from error
    except OSError as error:  # the schema, a file of ours, could not be read
        connection.close()
        raise StoreUnusable(f"the store {path.name} cannot be made: {error.strerror}") from error
    except StoreUnusable:
        connection.close()
        raise
    return connection


def open_reader(path: Path) -> sqlite3.Connection:
    """A connection that can only read, and fold the log back. Each statement is its own transaction: none is left open,
    so the WAL can be folded (a forgotten one grew it to 117 MB). Raises `StoreUnusable`."""
    try:
        connection = _connect(path)
    except sqlite3.Error as error:
        raise StoreUnusable(f"the store {path.name} cannot be opened for reading: {error}") from error
    try:
        connection.execute("PRAGMA query_only = ON")
        connection.execute("PRAGMA synchronous = FULL")
    except (sqlite3.Error, UnicodeDecodeError) as error:
        connection.close()
        raise StoreUnusable(f"the store {path.name} cannot be opened for reading: {error}") from error
    return connection


def open_to_sync(path: Path) -> int:
    """A descriptor of the file that SQLite has open, to sync it by and for nothing else. To be closed after the last
    connection and not before: where locks are POSIX's, closing any descriptor of a file takes those away that SQLite
    has on it (https://sqlite.org/howtocorrupt.html, section 2.2). Raises `StoreUnusable`."""
    try:
        return os.open(path, os.O_RDWR)
    except OSError as error:
        raise StoreUnusable(f"the store {path.name} cannot be opened: {error}") from error


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10.0)


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    version = _pragma(connection, "user_version")
    if not isinstance(version, int) or version > SCHEMA_VERSION:
        raise StoreUnusable(
            f"the store {path.name} has version {version} and this relay knows versions up to {SCHEMA_VERSION}: "
            "install a newer Foreseal, or start with another directory"
        )
    if version == 0 and connection.execute("SELECT count(*) FROM sqlite_master").fetchone() != (0,):
        raise StoreUnusable(f"{path.name} is another program's database; nothing in it was changed")
    if _pragma(connection, "page_count") == 0:
        # What makes it a log's database is one page each time, before which there was nothing to go back to: a journal
        # on the disk would be six syncs more.
        connection.execute("PRAGMA journal_mode = MEMORY")
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    for name, (wanted, expected) in _SETTINGS.items():
        connection.execute(f"PRAGMA {name} = {wanted}")
        if (found := _pragma(connection, name)) != expected:
            raise StoreUnusable(f"the store {path.name} needs {name}={wanted} and SQLite here says {found}")
    connection.execute("PRAGMA wal_autocheckpoint = 0")  # `Checkpoints` does it
    connection.execute(f"PRAGMA max_page_count = {MAX_STORE_BYTES // _PAGE}")
    # The log keeps the length of its longest day otherwise.
    connection.execute(f"PRAGMA journal_size_limit = {WAL_KEPT}")
    if version:
        _check(connection, path.stat().st_size)
    if version < SCHEMA_VERSION:  # in one transaction: a start that is killed leaves no half of a schema
        room = files("foreseal_relay.store")
        scripts = "\n".join(room.joinpath(name).read_text("utf-8") for name in _SCHEMAS[version:])
        connection.executescript(f"BEGIN IMMEDIATE;\n{scripts}\nPRAGMA user_version = {SCHEMA_VERSION};\nCOMMIT;")
    connection.execute("SELECT beats FROM pulse").fetchone()  # a cut or foreign file shows itself now


def _check(connection: sqlite3.Connection, size: int) -> None:
    """Raises `sqlite3.DatabaseError` for a damaged file. Of a long one the envelopes are left out, which nearly all of
    it is: a damaged page among them shows itself when it is read."""
    checks = ["quick_check(1)"]
    if size > CHECKED_WHOLE:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'envelopes'")
        checks = [f"quick_check({name})" for (name,) in tables.fetchall()]
    for check in checks:
        if (found := _pragma(connection, check)) != "ok":
            raise sqlite3.DatabaseError(found)


def _pragma(connection: sqlite3.Connection, name: str) -> object:
    row = connection.execute(f"PRAGMA {name}").fetchone()
    return row[0] if row else None
