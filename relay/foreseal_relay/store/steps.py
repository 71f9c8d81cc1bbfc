"""The steps a writer carries out inside a batch: each sees its mailbox as it is and returns what became of it."""

from __future__ import annotations

import hmac
import sqlite3
from collections.abc import Sequence
from typing import Final

from foreseal_relay.limits import (
    MAX_INVITATIONS,
    OLD_TOKEN_DAYS,
    OLD_TOKEN_SENDS,
)
from foreseal_relay.store.deciding import leaving
from foreseal_relay.store.interface import Claim, Outcome, Spending, Standing
from foreseal_relay.store.spending import admit, expire_spent
from foreseal_relay.wire import DIGEST_BYTES, MAX_ONE_TIME_PREKEYS

__all__ = [
    "acknowledge",
    "claim",
    "expire",
    "invite",
    "publish",
    "raise_generation",
    "register",
    "sign_in",
]

_NO_DIGEST: Final = bytes(DIGEST_BYTES)
"""Stands in for the delivery digest of an unknown mailbox. No token is known that hashes to it."""


def acknowledge(connection: sqlite3.Connection, mailbox: bytes, eids: Sequence[bytes]) -> None:
    """See `MailboxStore.acknowledge`."""
    pairs = [(mailbox, eid) for eid in eids]
    connection.executemany(
        "INSERT OR IGNORE INTO tombstones (mailbox, eid, expires)"
        " SELECT mailbox, eid, expires FROM envelopes WHERE mailbox = ? AND eid = ?",
        pairs,
    )
    connection.executemany("DELETE FROM envelopes WHERE mailbox = ? AND eid = ?", pairs)


def sign_in(connection: sqlite3.Connection, mailbox: bytes, generation: int, day: int) -> Standing | None:
    """See `MailboxStore.sign_in`."""
    # Who comes back on the same day changes nothing, and a commit that changes nothing is not synced: when thousands
    # come back at once, after a network's failure, none waits for the disk.
    connection.execute(
        "UPDATE mailboxes SET generation = max(generation, ?1), seen_day = max(seen_day, ?2)"
        " WHERE id = ?3 AND (generation < ?1 OR seen_day < ?2)",
        (generation, day, mailbox),
    )
    row = connection.execute(
        "SELECT generation, waiting, (SELECT count(*) FROM one_time_prekeys WHERE mailbox = mailboxes.id)"
        " FROM mailboxes WHERE id = ?",
        (mailbox,),
    ).fetchone()
    return None if row is None else Standing(generation=row[0], waiting=row[1], prekeys_left=row[2])


def register(
    connection: sqlite3.Connection,
    mailbox: bytes,
    login_key: bytes,
    delivery: bytes,
    generation: int,
    day: int,
    *,
    code: Spending | None = None,
) -> Outcome:
    """See `MailboxStore.register`."""
    if (admitted := admit(connection, mailbox, code)) is not Outcome.STORED:
        return admitted
    # The token before lives on for a while, for few envelopes: two people who both change theirs at once, and tell
    # each other by letters under the old ones, would otherwise never reach each other again.
    connection.execute(
        "INSERT OR IGNORE INTO invitations (mailbox, invitation, sends_left, expires)"
        " SELECT id, delivery, ?, ? FROM mailboxes WHERE id = ? AND delivery <> ?"
        " AND (SELECT count(*) FROM invitations WHERE mailbox = mailboxes.id) < ?",
        (OLD_TOKEN_SENDS, (day + 1 + OLD_TOKEN_DAYS) * 24, mailbox, delivery, MAX_INVITATIONS),
    )
    connection.execute(
        "INSERT INTO mailboxes (id, login_key, delivery, generation, seen_day) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET delivery = excluded.delivery",
        (mailbox, login_key, delivery, generation, day),
    )
    return Outcome.STORED


def raise_generation(connection: sqlite3.Connection, mailbox: bytes, generation: int) -> Outcome:
    """See `MailboxStore.raise_generation`."""
    row = connection.execute("SELECT generation FROM mailboxes WHERE id = ?", (mailbox,)).fetchone()
    if row is None:
        return Outcome.NOT_REGISTERED
    if generation < row[0]:
        return Outcome.ROLLED_BACK
    connection.execute("UPDATE mailboxes SET generation = ? WHERE id = ?", (generation, mailbox))
    return Outcome.STORED


def publish(connection: sqlite3.Connection, mailbox: bytes, bundle: bytes, one_time: Sequence[bytes]) -> Outcome:
    """See `MailboxStore.publish`."""
    if not _registered(connection, mailbox):
        return Outcome.NOT_REGISTERED
    known = {row[0] for row in connection.execute("SELECT prekey FROM one_time_prekeys WHERE mailbox = ?", (mailbox,))}
    handed_out = {
        row[0]
        for row in connection.execute(
            "SELECT claimed FROM invitations WHERE mailbox = ? AND claimed IS NOT NULL", (mailbox,)
        )
    }
    # A repeated Publish, its first answer lost, must not bring back what was claimed in between.
    new = [prekey for prekey in dict.fromkeys(one_time) if prekey not in known and prekey not in handed_out]
    if len(known) + len(new) > MAX_ONE_TIME_PREKEYS:
        return Outcome.FULL
    connection.execute("INSERT OR REPLACE INTO bundles (mailbox, bundle) VALUES (?, ?)", (mailbox, bundle))
    connection.executemany(
        "INSERT INTO one_time_prekeys (mailbox, prekey) VALUES (?, ?)", [(mailbox, prekey) for prekey in new]
    )
    return Outcome.STORED


def invite(
    connection: sqlite3.Connection, mailbox: bytes, invitation: bytes, sends: int, expires: int, hour: int
) -> Outcome:
    """See `MailboxStore.invite`."""
    if not _registered(connection, mailbox):
        return Outcome.NOT_REGISTERED
    (held,) = connection.execute(
        "SELECT count(*) FROM invitations WHERE mailbox = ? AND invitation <> ? AND expires > ?",
        (mailbox, invitation, hour),
    ).fetchone()
    if held >= MAX_INVITATIONS:
        return Outcome.FULL
    connection.execute(
        "INSERT OR IGNORE INTO invitations (mailbox, invitation, sends_left, expires) VALUES (?, ?, ?, ?)",
        (mailbox, invitation, sends, expires),
    )
    return Outcome.STORED


def claim(connection: sqlite3.Connection, mailbox: bytes, token: bytes, hour: int) -> Claim | None:
    """See `MailboxStore.claim`."""
    by_delivery, sends_left = _doors(connection, mailbox, token, hour)
    row = connection.execute("SELECT bundle FROM bundles WHERE mailbox = ?", (mailbox,)).fetchone()
    if row is None or (not by_delivery and sends_left is None):
        return None
    return Claim(row[0], None if by_delivery else _one_time(connection, mailbox, token))


def expire(connection: sqlite3.Connection, hour: int, idle_day: int, limit: int) -> int:
    """See `MailboxStore.expire`."""
    gone = 0
    for table, key, column, before in (
        ("envelopes", "id", "expires", hour + 1),
        ("tombstones", "(mailbox, eid)", "expires", hour + 1),
        ("invitations", "rowid", "expires", hour + 1),
    ):
        columns = key.strip("()")
        gone += connection.execute(
            f"DELETE FROM {table} WHERE {key} IN (SELECT {columns} FROM {table} WHERE {column} < ? LIMIT ?)",  # noqa: S608
            (before, limit),
        ).rowcount
    idle = connection.execute("SELECT id, waiting FROM mailboxes WHERE seen_day < ? LIMIT ?", (idle_day, limit))
    mailboxes = leaving(idle.fetchall(), limit)
    connection.executemany("DELETE FROM mailboxes WHERE id = ?", [(mailbox,) for mailbox in mailboxes])
    gone += len(mailboxes)
    gone += expire_spent(connection, hour, hour // 24, limit)
    # It frees one page for each row fetched.
    connection.execute(f"PRAGMA incremental_vacuum({limit})").fetchall()
    return gone


def _doors(connection: sqlite3.Connection, mailbox: bytes, token: bytes, hour: int) -> tuple[bool, int | None]:
    """Whether `token` is the mailbox's delivery token, and how many sends it has left as an invitation (None if it is
    none). The same statements run for an unknown mailbox and for a bad token. What is compared are SHA-256 digests
    of 32 random bytes, so that even the index look-up says nothing about a token."""
    row = connection.execute("SELECT delivery FROM mailboxes WHERE id = ?", (mailbox,)).fetchone()
    by_delivery = hmac.compare_digest(_NO_DIGEST if row is None else row[0], token) and row is not None
    invitation = connection.execute(
        "SELECT sends_left FROM invitations WHERE mailbox = ? AND invitation = ? AND expires > ?",
        (mailbox, token, hour),
    ).fetchone()
    return by_delivery, None if invitation is None else invitation[0]


def _one_time(connection: sqlite3.Connection, mailbox: bytes, invitation: bytes) -> bytes | None:
    """The one-time prekey handed out under this invitation: the one of last time, or the oldest in store, which is
    deleted."""
    claimed: bytes | None
    (claimed,) = connection.execute(
        "SELECT claimed FROM invitations WHERE mailbox = ? AND invitation = ?", (mailbox, invitation)
    ).fetchone()
    if claimed is not None:
        return claimed
    row = connection.execute(
        "SELECT id, prekey FROM one_time_prekeys WHERE mailbox = ? ORDER BY id LIMIT 1", (mailbox,)
    ).fetchone()
    if row is None:
        return None
    prekey: bytes = row[1]
    connection.execute("DELETE FROM one_time_prekeys WHERE id = ?", (row[0],))
    connection.execute(
        "UPDATE invitations SET claimed = ? WHERE mailbox = ? AND invitation = ?", (prekey, mailbox, invitation)
    )
    return prekey


def _registered(connection: sqlite3.Connection, mailbox: bytes) -> bool:
    return connection.execute("SELECT 1 FROM mailboxes WHERE id = ?", (mailbox,)).fetchone() is not None
