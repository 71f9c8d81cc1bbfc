"""The database's schema, made and brought up to date by whichever relay starts first."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

import asyncpg

from foreseal_relay.store.interface import StoreUnusable
from foreseal_relay.store.postgres.connections import Connection

__all__ = ["SCHEMA_VERSION", "migrate"]

SCHEMA_VERSION: Final = 3
_LOCK: Final = 0x464F5245_5345414C
"""The advisory lock that migrating relays wait for; `FORESEAL` in ASCII."""


async def migrate(connection: Connection) -> None:
    """Brings the schema to `SCHEMA_VERSION`, in the transaction it is handed: a start that is killed leaves nothing
    half made, and of several relays that start at once one does it while the others wait. Raises `StoreUnusable`."""
    await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
    await connection.execute("CREATE TABLE IF NOT EXISTS foreseal_schema (version integer NOT NULL)")
    version = await connection.fetchval("SELECT version FROM foreseal_schema") or 0
    if version > SCHEMA_VERSION:
        raise StoreUnusable(
            f"the database has version {version} and this relay knows versions up to {SCHEMA_VERSION}: "
            "install a newer Foreseal, or name another database"
        )
    if version == SCHEMA_VERSION:
        return
    try:
        for step in range(version + 1, SCHEMA_VERSION + 1):
            await connection.execute(_schema(step))
    except (asyncpg.DuplicateTableError, asyncpg.DuplicateObjectError) as error:
        raise StoreUnusable("the database has another program's tables; nothing in it was changed") from error
    await connection.execute("DELETE FROM foreseal_schema")
    await connection.execute("INSERT INTO foreseal_schema VALUES ($1)", SCHEMA_VERSION)


def _schema(version: int) -> str:
    return files("foreseal_relay.store.postgres").joinpath(f"schema-{version}.sql").read_text("utf-8")
