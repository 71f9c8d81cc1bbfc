"""Accepting and acknowledging, many at once, each batch in one transaction that it is handed.

Unlocked first: a token that opens nothing ends there, by the same statements whether its mailbox exists or not and
with nothing written, so that neither the answer nor the time it takes says which. Then the mailboxes are locked, in
the order of their ids as every relay does, and what was read is read again under the locks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from foreseal_relay.store.deciding import Decided, Door, Put, Room, decide
from foreseal_relay.store.interface import Envelope, Outcome
from foreseal_relay.store.postgres import statements
from foreseal_relay.store.postgres.connections import Connection

__all__ = ["Acknowledgement", "acknowledge_all", "doors_of", "lock", "put_all", "store"]

Acknowledgement = tuple[bytes, Sequence[bytes]]
"""A mailbox and eids of it."""


async def put_all(connection: Connection, puts: Sequence[Put]) -> list[Outcome]:
    """What becomes of each, see `MailboxStore.put`."""
    doors = await doors_of(connection, {put.door for put in puts})
    let_in = [place for place, put in enumerate(puts) if doors[put.door].opens]
    outcomes = [Outcome.NOT_DELIVERABLE] * len(puts)
    if not let_in:
        return outcomes
    decided = await _decided(connection, [puts[place] for place in let_in])
    await _write(connection, decided)
    for place, outcome in zip(let_in, decided.outcomes, strict=True):
        outcomes[place] = outcome
    return outcomes


async def acknowledge_all(connection: Connection, acknowledgements: Sequence[Acknowledgement]) -> list[None]:
    """See `MailboxStore.acknowledge`."""
    pairs = {(mailbox, eid) for mailbox, eids in acknowledgements for eid in eids}
    await lock(connection, {mailbox for mailbox, _ in acknowledgements})
    await connection.execute(statements.ACKNOWLEDGE, *_columns(pairs, 2))
    return [None] * len(acknowledgements)


async def lock(connection: Connection, mailboxes: set[bytes]) -> dict[bytes, Connection]:
    """Locks these mailboxes until the transaction ends; the rows of those that exist, as they are from now on."""
    return {row["mailbox"]: row for row in await connection.fetch(statements.LOCK, sorted(mailboxes))}


async def doors_of(
    connection: Connection, asked: set[tuple[bytes, bytes, int]]
) -> dict[tuple[bytes, bytes, int], Door]:
    """What tokens are to mailboxes, by (mailbox, token, hour)."""
    rows = await connection.fetch(statements.DOORS, *_columns(asked, 3))
    return {
        (row["mailbox"], row["token"], row["hour"]): Door.of(row["token"], row["delivery"], row["sends_left"])
        for row in rows
    }


async def store(connection: Connection, envelopes: Sequence[Envelope]) -> None:
    """Writes envelopes whose mailboxes are locked, and counts them there."""
    rows = sorted((one.mailbox, one.eid, one.commitment, one.body, one.day, one.expires) for one in envelopes)
    await connection.execute(statements.STORE, *_columns(rows, 6))
    counts, sizes = Counter[bytes](), Counter[bytes]()
    for one in envelopes:
        counts[one.mailbox] += 1
        sizes[one.mailbox] += len(one.body)
    await connection.execute(statements.COUNT_IN, list(counts), list(counts.values()), [sizes[box] for box in counts])


async def _decided(connection: Connection, puts: Sequence[Put]) -> Decided:
    locked = await lock(connection, {put.envelope.mailbox for put in puts})
    rooms = {mailbox: Room(row["waiting"], row["waiting_bytes"]) for mailbox, row in locked.items()}
    doors = await doors_of(connection, {put.door for put in puts})
    asked = {(put.envelope.mailbox, put.envelope.eid) for put in puts}
    seen = await connection.fetch(statements.SEEN, *_columns(asked, 2))
    return decide(puts, doors, rooms, {(row["mailbox"], row["eid"]) for row in seen})


async def _write(connection: Connection, decided: Decided) -> None:
    if not decided.stored:
        return
    await store(connection, decided.stored)
    if decided.charged:
        charged = [(mailbox, token, sends) for (mailbox, token), sends in decided.charged.items()]
        await connection.execute(statements.CHARGE, *_columns(charged, 3))


def _columns(rows: Iterable[tuple[object, ...]], width: int) -> list[list[object]]:
    """Rows as the columns that `unnest` takes."""
    columns = list(zip(*rows, strict=True))
    return [list(column) for column in columns] if columns else [[] for _ in range(width)]
