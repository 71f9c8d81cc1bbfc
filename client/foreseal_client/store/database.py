"""The encrypted database of one profile (SQLCipher), with its transactions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import sqlcipher3

from foreseal_client.errors import ProfileInUseError, StoreError
from foreseal_client.store.key import open_key_record
from foreseal_client.store.schema import MIGRATIONS

__all__ = ["Database"]

_BUSY: Final = ("database is locked", "database table is locked")


class Database:
    """One connection, used from one thread. `key`: 32 bytes.

    Raises `WrongKeyError`, `ProfileInUseError` or `StoreError` on opening.
    """

    def __init__(self, profile: Path, key: bytes) -> None:
        profile.mkdir(mode=0o700, parents=True, exist_ok=True)
        open_key_record(key, profile)
        try:
            self._connection = sqlcipher3.connect(
                str(profile / "store.db"), isolation_level=None, check_same_thread=False, timeout=0.2
            )
            self._prepare(key)
        except sqlcipher3.OperationalError as fault:
            if str(fault) in _BUSY:
                raise ProfileInUseError from fault
            raise StoreError(f"The local store in {profile} cannot be opened: {fault}.") from fault
        except sqlcipher3.DatabaseError as fault:
            raise StoreError(f"The local store in {profile} is damaged: {fault}. Restore it from a copy.") from fault
        self._depth = 0

    def _prepare(self, key: bytes) -> None:
        run = self._connection.execute
        run(f"PRAGMA key = \"x'{key.hex()}'\"")
        # Exclusive: a second client on the same profile would advance the same ratchets.
        run("PRAGMA locking_mode = EXCLUSIVE")
        run("PRAGMA journal_mode = WAL")
        run("PRAGMA synchronous = FULL")
        run("PRAGMA secure_delete = ON")
        run("PRAGMA foreign_keys = ON")
        version: int = run("PRAGMA user_version").fetchone()[0]
        if version > len(MIGRATIONS):
            raise StoreError("This profile was written by a newer Foreseal. Update this one to open it.")
        for number, script in enumerate(MIGRATIONS[version:], version + 1):
            self._connection.executescript(f"BEGIN IMMEDIATE; {script}; PRAGMA user_version = {number}; COMMIT;")
        run("BEGIN IMMEDIATE")  # takes the lock now, and not at the first message
        run("COMMIT")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, durable at its end. Nested ones belong to the outermost."""
        if self._depth:
            yield
            return
        self._depth += 1
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except sqlcipher3.Error as fault:
            self._undo()
            raise StoreError(f"the local store could not be written ({fault}); nothing was changed") from fault
        except BaseException:
            self._undo()
            raise
        finally:
            self._depth -= 1

    def _undo(self) -> None:
        # On a full disk SQLite may have rolled back already, and another ROLLBACK would be a fault of its own.
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def run(self, sql: str, *values: object) -> None:
        """One statement without rows."""
        self._connection.execute(sql, values)

    def insert(self, sql: str, *values: object) -> int:
        """One INSERT; its row id."""
        row: int = self._connection.execute(sql, values).lastrowid
        return row

    def row(self, sql: str, *values: object) -> tuple[Any, ...] | None:
        """The first row, if there is one."""
        found: tuple[Any, ...] | None = self._connection.execute(sql, values).fetchone()
        return found

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """All rows. Read to their end, so that no read transaction stays open."""
        return list(self._connection.execute(sql, values).fetchall())

    def close(self) -> None:
        """Closes the connection; a transaction that is open is undone."""
        self._connection.close()
