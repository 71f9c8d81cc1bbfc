"""Connections to PostgreSQL: made safe, asserted to be so, and their faults told in the store's own words."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

import asyncpg

from foreseal_relay.limits import COMMAND_WAIT, CONNECT_WAIT, DATABASE_CONNECTIONS, STORE_CLOSE_WAIT
from foreseal_relay.store.interface import (
    StoreAway,
    StoreBusy,
    StoreFailed,
    StoreFull,
    StoreRefused,
    StoreUncertain,
    StoreUnusable,
    told,
)

__all__ = ["AWAY", "Connection", "Connections", "connected", "place_of"]

Connection: TypeAlias = Any
"""An `asyncpg.Connection`; the package carries no types."""

AWAY: Final = (
    OSError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # an answer that broke off in the middle
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.TooManyConnectionsError,
    asyncpg.ReadOnlySQLTransactionError,  # the primary that was has become a standby
    asyncpg.exceptions.TargetServerAttributeNotMatched,
)
"""What it looks like when the database, or the way to it, is gone."""
_BUSY: Final = (
    TimeoutError,
    asyncpg.QueryCanceledError,
    asyncpg.LockNotAvailableError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
)
_DISK: Final = (asyncpg.PostgresIOError, asyncpg.DataCorruptedError, asyncpg.IndexCorruptedError)
_SLOW: Final = "the database did not answer in time; nothing was accepted. Try again in a few seconds"


async def connected(url: str, **settings: str) -> Connection:
    """One connection, to whichever of the servers that `url` names takes writes. `settings`: of the session.
    Raises what asyncpg raises, `OSError` and `TimeoutError`."""
    return await asyncpg.connect(
        url,
        timeout=CONNECT_WAIT,
        command_timeout=COMMAND_WAIT,
        target_session_attrs="read-write",
        server_settings={
            "application_name": "foreseal-relay",
            # A commit is answered once it is on the disk of this server and of its synchronous standbys. `off` lost
            # an acknowledged row at a plain kill -9, and somebody may have made that the server's default.
            "synchronous_commit": "on",
            # What is read after a lock must be what the one before left.
            "default_transaction_isolation": "read committed",
            "idle_in_transaction_session_timeout": f"{COMMAND_WAIT:.0f}s",
            "jit": "off",
            **settings,
        },
    )


class Connections:
    """A pool over one database; a connection that broke is replaced by the next one asked for."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._pool: Any = None

    async def open(self) -> None:
        """Connects, and sees that what is committed there is durable. Raises `StoreUnusable`."""
        try:
            first = await connected(self._url)
            try:
                if (said := await first.fetchval("SHOW fsync")) != "on":
                    raise StoreUnusable(
                        f"the database at {place_of(self._url)} runs with fsync={said}, and would lose what it "
                        "accepted at a power failure; set fsync=on there"
                    )
            finally:
                await first.close()
            self._pool = await asyncpg.create_pool(
                min_size=0, max_size=DATABASE_CONNECTIONS, connect=self._connect, reset=_nothing_to_reset
            )
        except (*AWAY, asyncpg.PostgresError, ValueError, TimeoutError) as error:
            raise StoreUnusable(f"the database at {place_of(self._url)} cannot be used: {_reason(error)}") from error

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """One transaction: committed, durably, when the block ends, and undone when it raises. Raises `StoreError`."""
        with _told():
            async with self._pool.acquire(timeout=COMMAND_WAIT) as connection:
                transaction = connection.transaction()
                await transaction.start()
                try:
                    yield connection
                except BaseException:
                    with contextlib.suppress(*AWAY, *_BUSY, asyncpg.PostgresError):
                        await transaction.rollback()
                    raise
                await _commit(connection, transaction)

    @contextlib.asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        """A connection for a single statement that reads. Raises `StoreError`."""
        with _told():
            async with self._pool.acquire(timeout=COMMAND_WAIT) as connection:
                yield connection

    async def close(self) -> None:
        """Closes what is open; a database that is gone does not hold that up."""
        try:
            async with asyncio.timeout(STORE_CLOSE_WAIT):
                await self._pool.close()
        except (*AWAY, TimeoutError):
            self.terminate()

    def terminate(self) -> None:
        """Drops what is open, whatever is under way over it."""
        self._pool.terminate()

    async def _connect(self, *_: object, **__: object) -> Connection:
        return await connected(self._url)


def place_of(url: str) -> str:
    """Where a database is, as it may be printed: without user, password and settings."""
    parts = urlsplit(url)
    hosts = parts.netloc.rpartition("@")[2] or "this machine"
    return f"{hosts}{parts.path}"


async def _commit(connection: Connection, transaction: Any) -> None:
    try:
        await transaction.commit()
    except (*AWAY, *_BUSY) as error:
        # A commit that was called off while it waited for a standby stands on this server alone. What it stored is
        # found again by the next attempt, which locks the same row and waits for the standby in its turn.
        connection.terminate()
        raise told(StoreUncertain) from error


async def _nothing_to_reset(_: Connection) -> None:
    """Sessions set nothing that another one would have to undo, and a round trip for each transaction is not free."""


@contextlib.contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except asyncpg.DiskFullError as error:
        raise told(StoreFull) from error
    except _DISK as error:
        raise told(StoreFailed) from error
    except AWAY as error:
        raise told(StoreAway) from error
    except _BUSY as error:
        raise StoreBusy(_SLOW) from error
    except asyncpg.PostgresError as error:
        # Its text may quote what was written, and this one ends in a log.
        raise StoreRefused(f"the database refused a batch ({_reason(error)}); nothing of it was accepted") from error


def _reason(error: Exception) -> str:
    """What may be said of a fault: its kind and, when it comes of connecting, its words."""
    state = getattr(error, "sqlstate", None)
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, asyncpg.PostgresError) and state and state[:2] not in ("08", "28", "3D", "42", "53", "57"):
        return f"{type(error).__name__}, {state}"
    return " ".join(str(error).split())
