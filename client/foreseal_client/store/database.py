"""The encrypted database of one profile (SQLCipher), with its transactions."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import sqlcipher3

from foreseal_client.errors import ProfileInUseError, StoreDamagedError, StoreError
from foreseal_client.store.key import open_key_record
from foreseal_client.store.schema import MIGRATIONS, script

__all__ = ["Database"]

_MOST_PAGES: Final = 2**32 - 2
"""SQLite's own bound (https://sqlite.org/limits.html)."""
_BUSY: Final = ("database is locked", "database table is locked")


class Database:
    """One connection, used from one thread. `key`: 32 bytes; `migrations`: fewer of them make an older store.

    Raises `WrongKeyError`, `ProfileInUseError` or `StoreError` on opening. A migration that does not come to its end
    leaves the store as it was.
    """

    def __init__(self, profile: Path, key: bytes, migrations: Sequence[str] = MIGRATIONS) -> None:
        profile.mkdir(mode=0o700, parents=True, exist_ok=True)
        record = open_key_record(key, profile)
        self._depth = 0
        file = str(profile / record.database)
        try:
            self._connection = sqlcipher3.connect(file, isolation_level=None, check_same_thread=False, timeout=0.2)
        except sqlcipher3.Error as fault:
            raise _told(fault, profile) from fault
        try:
            self._prepare(key, migrations)
        except sqlcipher3.Error as fault:
            self._connection.close()
            raise _told(fault, profile) from fault
        except BaseException:
            self._connection.close()
            raise
        for path in profile.glob("store*.db*"):  # what a change of keys left behind when it was cut short
            if not path.name.startswith(record.database):
                path.unlink()

    def _prepare(self, key: bytes, migrations: Sequence[str]) -> None:
        run = self._connection.execute
        # What is wrong is said by our exceptions. SQLCipher's own log goes to stderr, which Textual draws on.
        run("PRAGMA cipher_log_level = NONE")
        run(f"PRAGMA key = \"x'{key.hex()}'\"")
        # Exclusive: a second client on the same profile would advance the same ratchets.
        run("PRAGMA locking_mode = EXCLUSIVE")
        if run("PRAGMA page_count").fetchone()[0] == 0:
            run("PRAGMA journal_mode = MEMORY")  # for the first page, before which there is nothing to go back to
        run("PRAGMA journal_mode = WAL")
        run("PRAGMA synchronous = FULL")
        run("PRAGMA secure_delete = ON")
        run("PRAGMA foreign_keys = ON")
        version: int = run("PRAGMA user_version").fetchone()[0]
        if version > len(migrations):
            raise StoreError("This profile was written by a newer Foreseal. Update this one to open it.")
        if version < len(migrations):  # all of them or none, and one sync for a new profile
            tables, number = script(version, migrations), len(migrations)
            self._connection.executescript(f"BEGIN IMMEDIATE; {tables} PRAGMA user_version = {number}; COMMIT;")
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
        """One statement without rows. Raises `StoreError` for what the tables do not take."""
        try:
            self._connection.execute(sql, values)
        except (sqlcipher3.IntegrityError, sqlcipher3.InterfaceError, sqlcipher3.ProgrammingError) as fault:
            raise StoreError(f"This does not fit into the local store ({fault}); nothing was changed.") from fault

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

    def stream(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """All rows, one at a time, for what is too much to be held at once; only within a transaction."""
        yield from self._connection.execute(sql)

    def complaints(self) -> list[str]:
        """What is wrong with the database, in SQLite's words; reads all of it."""
        found: list[str] = []
        # The first compares every page with its HMAC, which also finds what was altered on purpose; the second looks
        # at what the pages say.
        for pragma in ("cipher_integrity_check", "quick_check", "foreign_key_check"):
            try:
                found += [str(row[0]) for row in self.rows(f"PRAGMA {pragma}") if row[0] != "ok"]
            except sqlcipher3.DatabaseError as fault:
                found.append(str(fault))
        return found

    def copy_to(self, path: Path, key: bytes) -> None:
        """All of it as another database at `path`, under another key (32 bytes). Raises `StoreError`."""
        run = self._connection.execute
        (version,) = run("PRAGMA user_version").fetchone()
        try:
            run(f"ATTACH DATABASE ? AS copy KEY \"x'{key.hex()}'\"", (str(path),))
            try:
                run("SELECT sqlcipher_export('copy')")
                run(f"PRAGMA copy.user_version = {version}")
            finally:
                run("DETACH DATABASE copy")
        except sqlcipher3.Error as fault:
            raise StoreError(f"The local store could not be copied ({fault}); nothing was changed.") from fault

    def empty_log(self) -> None:
        """Folds the write-ahead log back and cuts it to nothing: it holds pages as they were before they were
        overwritten. Not within a transaction. Raises `StoreError`."""
        try:
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        except sqlcipher3.Error as fault:
            raise StoreError(f"What was deleted still lies in the store's log ({fault}). It is tried again.") from fault

    def may_grow(self, may: bool) -> None:
        """Whether the file may become longer than it is. Where not, what does not fit is refused as on a full disk. Not
        within a transaction. Raises `StoreError`."""
        run = self._connection.execute
        try:
            if not may:
                run("VACUUM")  # a page that is free would be taken before the file grows
            pages = _MOST_PAGES if may else run("PRAGMA page_count").fetchone()[0]
            run(f"PRAGMA max_page_count = {pages}").fetchone()
        except sqlcipher3.Error as fault:
            raise StoreError(f"The bound of the local store could not be set ({fault}).") from fault

    def close(self) -> None:
        """Closes the connection; a transaction that is open is undone."""
        self._connection.close()


def _told(fault: Exception, profile: Path) -> StoreError:
    """What went wrong in opening, in our own words."""
    if str(fault) in _BUSY:
        return ProfileInUseError()
    if not all(os.access(path, os.W_OK) for path in (profile, *profile.glob("store*.db"))):
        return StoreError(
            f"The local store in {profile} may be read but not written by whoever runs this, or lies on a disk that is "
            "read-only. Make the folder and its files writable. Nothing was changed."
        )
    if isinstance(fault, sqlcipher3.OperationalError):
        return StoreError(f"The local store in {profile} cannot be opened: {fault}. Nothing was changed.")
    return StoreDamagedError(f"The local store in {profile} is damaged: {fault}. Restore it from a backup.")
