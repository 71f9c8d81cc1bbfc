"""Forgetting what has expired: found wherever it is, deleted mailbox by mailbox under the mailboxes' locks."""

from __future__ import annotations

from foreseal_relay.store.deciding import leaving
from foreseal_relay.store.interface import Blob
from foreseal_relay.store.postgres import statements
from foreseal_relay.store.postgres.accepting import lock
from foreseal_relay.store.postgres.connections import Connection

__all__ = ["expire", "expire_blobs"]


async def expire(connection: Connection, hour: int, idle_day: int, limit: int) -> int:
    """See `MailboxStore.expire`. Two relays may sweep at once: the second finds less to delete."""
    gone = await _expire_spent(connection, hour, limit)
    envelopes = await connection.fetch(statements.DUE_ENVELOPES, hour, limit)
    idle = leaving(map(tuple, await connection.fetch(statements.DUE_MAILBOXES, idle_day, limit)), limit)
    locked = await lock(connection, {*idle, *(row["mailbox"] for row in envelopes)})
    gone += int(await connection.fetchval(statements.DELETE_ENVELOPES, *_pairs(envelopes)))
    for due, delete in (
        (statements.DUE_TOMBSTONES, statements.DELETE_TOMBSTONES),
        (statements.DUE_INVITATIONS, statements.DELETE_INVITATIONS),
    ):
        found = await connection.fetch(due, hour, limit)
        gone += _count(await connection.execute(delete, *_pairs(found)))
    # Somebody may have logged in between the look and the lock.
    still = [mailbox for mailbox in idle if mailbox in locked and locked[mailbox]["seen_day"] < idle_day]
    if still:
        for delete in statements.DELETE_MAILBOXES:
            await connection.execute(delete, still)
    return gone + len(still)


async def _expire_spent(connection: Connection, hour: int, limit: int) -> int:
    """Forgets what says nothing any more; before any mailbox is locked, as whoever spends does it too."""
    gone = 0
    for due, delete, before in (
        (statements.DUE_SPENT, statements.DELETE_SPENT, hour),
        (statements.DUE_ALLOWANCES, statements.DELETE_ALLOWANCES, hour),
        (statements.DUE_TAKEN, statements.DELETE_TAKEN, hour // 24),
        (statements.DUE_DRAWS, statements.DELETE_DRAWS, hour // 24),
    ):
        keys = sorted({row[0] for row in await connection.fetch(due, before, limit)})
        gone += _count(await connection.execute(delete, keys, before))
    return gone


async def expire_blobs(connection: Connection, hour: int, limit: int) -> list[Blob]:
    """See `MailboxStore.expire_blobs`: a blob is returned to one relay alone, which removes its file."""
    due = [row["blob"] for row in await connection.fetch(statements.DUE_BLOBS, hour, limit)]
    return [Blob(*row) for row in await connection.fetch(statements.DELETE_BLOBS, sorted(due), hour)]


def _pairs(rows: list[Connection]) -> tuple[list[bytes], list[bytes]]:
    return [row[0] for row in rows], [row[1] for row in rows]


def _count(tag: str) -> int:
    """Rows, from the tag that ends a command (`DELETE 3`)."""
    return int(tag.rpartition(" ")[2])
