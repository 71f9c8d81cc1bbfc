"""Accepting envelopes into the embedded store, all of a batch by the same few statements.

Python gives up its lock for every step of a statement, and the writer's thread has to win it back from the one that
reads sockets. Five statements for each envelope were most of what an accept cost; now it is one in dozens.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any

from foreseal_relay.store.deciding import Door, Put, Room, decide
from foreseal_relay.store.interface import Outcome

__all__ = ["put_all"]

_Row = tuple[object, ...]
_DOORS = """
    WITH asked (mailbox, token, hour) AS (VALUES {rows})
    SELECT asked.mailbox, asked.token, asked.hour, delivery, waiting, waiting_bytes, sends_left FROM asked
    LEFT JOIN mailboxes ON mailboxes.id = asked.mailbox
    LEFT JOIN invitations ON invitations.mailbox = asked.mailbox AND invitation = token AND expires > hour
"""
_SEEN = """
    WITH asked (mailbox, eid) AS (VALUES {rows})
    SELECT mailbox, eid FROM asked
    WHERE EXISTS (SELECT 1 FROM envelopes WHERE envelopes.mailbox = asked.mailbox AND envelopes.eid = asked.eid)
    OR EXISTS (SELECT 1 FROM tombstones WHERE tombstones.mailbox = asked.mailbox AND tombstones.eid = asked.eid)
"""
_STORE = "INSERT INTO envelopes (mailbox, eid, commitment, body, day, expires) VALUES {rows}"
_CHARGE = "UPDATE invitations SET sends_left = sends_left - ? WHERE mailbox = ? AND invitation = ?"


def put_all(connection: sqlite3.Connection, puts: Sequence[Put]) -> list[Outcome]:
    """What becomes of each, as if one came after the other; see `MailboxStore.put`. A token that opens nothing ends
    before anything else is asked, by the same statement whether its mailbox exists or not."""
    doors: dict[tuple[bytes, bytes, int], Door] = {}
    rooms: dict[bytes, Room] = {}
    for mailbox, token, hour, delivery, waiting, size, sends_left in _run(
        connection, _DOORS, list(dict.fromkeys(put.door for put in puts))
    ):
        doors[mailbox, token, hour] = Door.of(token, delivery, sends_left)
        if delivery is not None:
            rooms[mailbox] = Room(waiting, size)
    asked = [(put.envelope.mailbox, put.envelope.eid) for put in puts if doors[put.door].opens]
    decided = decide(puts, doors, rooms, set(_run(connection, _SEEN, asked)))
    stored = [(one.mailbox, one.eid, one.commitment, one.body, one.day, one.expires) for one in decided.stored]
    for _ in _run(connection, _STORE, stored):
        pass
    if decided.charged:
        connection.executemany(
            _CHARGE, [(sends, mailbox, token) for (mailbox, token), sends in decided.charged.items()]
        )
    return decided.outcomes


def _run(connection: sqlite3.Connection, statement: str, rows: Sequence[_Row]) -> Iterator[Any]:
    """Runs `statement` over `rows`, so many at a time as the greatest power of two allows: a handful of texts in all,
    which the connection keeps prepared."""
    while rows:
        count = 1 << (len(rows).bit_length() - 1)
        places = f"({', '.join('?' * len(rows[0]))})"
        text = statement.format(rows=", ".join([places] * count))
        yield from connection.execute(text, [value for row in rows[:count] for value in row]).fetchall()
        rows = rows[count:]
