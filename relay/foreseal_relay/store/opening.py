"""Which store a relay has: the embedded one, or the database it was told of."""

from __future__ import annotations

import contextlib
import importlib.util
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from foreseal_relay.store.interface import MailboxStore, StoreUnusable
from foreseal_relay.store.sqlite import SqliteStore

if TYPE_CHECKING:
    from foreseal_relay.store.postgres.bell import Inboxes

__all__ = ["store_at"]

_SCHEMES: Final = ("postgresql://", "postgres://")


@contextlib.asynccontextmanager
async def store_at(url: str | None, file: Path, inboxes: Inboxes, name: str) -> AsyncIterator[MailboxStore]:
    """The store at `url`, or the embedded one in `file`; closed at the end, once what was queued is committed.
    `inboxes` and `name` are this relay's, for the others over the same database. Raises `StoreError`."""
    if url is None:
        embedded = SqliteStore(file)
        try:
            yield embedded
        finally:
            await embedded.close()
        return
    if not url.startswith(_SCHEMES):
        raise StoreUnusable("--store takes a database's address: postgresql://user@host/database")
    if importlib.util.find_spec("asyncpg") is None:
        raise StoreUnusable("a store in PostgreSQL needs asyncpg: pip install 'foreseal[postgres]'")
    from foreseal_relay.store import postgres

    async with postgres.opened(url, inboxes, name) as store:
        yield store
