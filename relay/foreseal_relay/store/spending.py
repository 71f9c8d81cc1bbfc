"""The steps that spend anonymous tokens, each in the transaction that stores what was paid for.

Whether a mailbox exists and whether it takes requests decides only what is written at the end: until then the same
statements run for all. A digest of a spent token is kept until the token could not be spent anyway.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from foreseal_relay.limits import MAX_WAITING, MAX_WAITING_BYTES, PREKEYS_A_DAY, strangers_a_day
from foreseal_relay.store.interface import Claim, Envelope, Outcome, Spending
from foreseal_relay.token_wire import BLOB_TOKEN_BYTES

__all__ = ["admit", "claim_first", "draw", "expire_spent", "pay", "put_first", "take_requests"]


def take_requests(connection: sqlite3.Connection, mailbox: bytes, *, is_open: bool, desk: bool) -> Outcome:
    """See `MailboxStore.take_requests`."""
    update = "UPDATE mailboxes SET open = ?, desk = ? WHERE id = ?"
    changed = connection.execute(update, (is_open, desk, mailbox)).rowcount
    return Outcome.STORED if changed else Outcome.NOT_REGISTERED


def draw(connection: sqlite3.Connection, mailbox: bytes, kind: str, day: int, request: bytes) -> Outcome:
    """See `MailboxStore.draw`."""
    registered = connection.execute("SELECT 1 FROM mailboxes WHERE id = ?", (mailbox,)).fetchone()
    if registered is None:
        return Outcome.NOT_REGISTERED
    row = connection.execute(
        "SELECT day, request FROM draws WHERE mailbox = ? AND kind = ?", (mailbox, kind)
    ).fetchone()
    if row is not None and row[0] >= day:
        return Outcome.STORED if row == (day, request) else Outcome.FULL
    connection.execute("INSERT OR REPLACE INTO draws (mailbox, kind, day, request) VALUES (?, ?, ?, ?)",
                       (mailbox, kind, day, request))  # fmt: skip
    return Outcome.STORED


def put_first(connection: sqlite3.Connection, envelope: Envelope, spending: Spending, *, report: bool) -> Outcome:
    """See `MailboxStore.put_first`."""
    mailbox, eid, day = envelope.mailbox, envelope.eid, envelope.day
    if not _spend(connection, (spending,)):
        return Outcome.BAD_TOKEN
    waiting, size, is_open, desk = _room(connection, mailbox)
    requests, _ = _taken_today(connection, mailbox, day)
    seen = connection.execute(
        "SELECT 1 FROM envelopes WHERE mailbox = ?1 AND eid = ?2"
        " UNION ALL SELECT 1 FROM tombstones WHERE mailbox = ?1 AND eid = ?2",
        (mailbox, eid),
    ).fetchone()
    if seen is not None:
        return Outcome.DUPLICATE
    has_room = waiting < MAX_WAITING and size + len(envelope.body) <= MAX_WAITING_BYTES
    if not is_open or desk is not report or not has_room or requests >= strangers_a_day(desk=report):
        return Outcome.NOT_DELIVERABLE
    connection.execute(
        "INSERT INTO envelopes (mailbox, eid, commitment, body, day, expires) VALUES (?, ?, ?, ?, ?, ?)",
        (mailbox, eid, envelope.commitment, envelope.body, day, envelope.expires),
    )
    _count(connection, mailbox, day, requests=1, prekeys=0)
    return Outcome.STORED


def claim_first(connection: sqlite3.Connection, mailbox: bytes, spending: Spending, day: int) -> Claim | Outcome:
    """See `MailboxStore.claim_first`."""
    if not _spend(connection, (spending,)):
        return Outcome.BAD_TOKEN
    _, _, is_open, _ = _room(connection, mailbox)
    bundle = connection.execute("SELECT bundle FROM bundles WHERE mailbox = ?", (mailbox,)).fetchone()
    _, prekeys = _taken_today(connection, mailbox, day)
    claimed: bytes | None
    (claimed,) = connection.execute("SELECT claimed FROM spent WHERE token = ?", (spending.token,)).fetchone()
    oldest = connection.execute(
        "SELECT id, prekey FROM one_time_prekeys WHERE mailbox = ? ORDER BY id LIMIT 1", (mailbox,)
    ).fetchone()
    if not is_open or bundle is None:
        return Outcome.NOT_DELIVERABLE
    if claimed is None and oldest is not None and prekeys < PREKEYS_A_DAY:
        claimed = oldest[1]
        connection.execute("DELETE FROM one_time_prekeys WHERE id = ?", (oldest[0],))
        connection.execute("UPDATE spent SET claimed = ? WHERE token = ?", (claimed, spending.token))
        _count(connection, mailbox, day, requests=0, prekeys=1)
    return Claim(bundle[0], claimed)


def pay(
    connection: sqlite3.Connection, blob_id: bytes, size: int, spendings: Sequence[Spending], expires: int
) -> Outcome:
    """See `MailboxStore.pay`."""
    row = connection.execute("SELECT size FROM allowances WHERE blob = ?", (blob_id,)).fetchone()
    paid = 0 if row is None else row[0]
    if size <= paid:
        return Outcome.STORED  # what was paid for once is not paid for again
    worth = len({spending.token for spending in spendings}) * BLOB_TOKEN_BYTES
    if size > worth or not _spend(connection, spendings):
        return Outcome.BAD_TOKEN
    connection.execute(
        "INSERT OR REPLACE INTO allowances (blob, size, expires) VALUES (?, ?, ?)", (blob_id, worth, expires)
    )
    return Outcome.STORED


def admit(connection: sqlite3.Connection, mailbox: bytes, code: Spending | None) -> Outcome:
    """Whether a mailbox may be made: it is there already, no code is asked for, or the code is spent on it now."""
    registered = connection.execute("SELECT 1 FROM mailboxes WHERE id = ?", (mailbox,)).fetchone()
    if registered is not None or code is None or _spend(connection, (code,)):
        return Outcome.STORED
    return Outcome.ADMISSION


def expire_spent(connection: sqlite3.Connection, hour: int, day: int, limit: int) -> int:
    """Forgets at most `limit` rows of each kind that say nothing any more; how many."""
    gone = 0
    for table, key, column, before in (
        ("spent", "token", "until", hour + 1),
        ("allowances", "blob", "expires", hour + 1),
        ("taken", "mailbox", "day", day),
        ("draws", "(mailbox, kind)", "day", day),
    ):
        columns = key.strip("()")
        gone += connection.execute(
            f"DELETE FROM {table} WHERE {key} IN (SELECT {columns} FROM {table} WHERE {column} < ? LIMIT ?)",  # noqa: S608
            (before, limit),
        ).rowcount
    return gone


def _spend(connection: sqlite3.Connection, spendings: Sequence[Spending]) -> bool:
    """Spends all of them, or none: false when one was spent on something else before. Again on the same is no second
    use, so that an answer that was lost costs nothing."""
    for spending in spendings:
        row = connection.execute("SELECT purpose FROM spent WHERE token = ?", (spending.token,)).fetchone()
        if row is not None and row[0] != spending.purpose:
            return False
    connection.executemany(
        "INSERT OR IGNORE INTO spent (token, purpose, until) VALUES (?, ?, ?)",
        [(spending.token, spending.purpose, spending.until) for spending in spendings],
    )
    return True


def _room(connection: sqlite3.Connection, mailbox: bytes) -> tuple[int, int, bool, bool]:
    """How many envelopes wait, how many bytes, whether the mailbox takes anything of strangers, and whether that is
    reports; nothing of an unknown one."""
    asked = "SELECT waiting, waiting_bytes, open, desk FROM mailboxes WHERE id = ?"
    row = connection.execute(asked, (mailbox,)).fetchone()
    return (0, 0, False, False) if row is None else (row[0], row[1], bool(row[2]), bool(row[3]))


def _taken_today(connection: sqlite3.Connection, mailbox: bytes, day: int) -> tuple[int, int]:
    """Requests and one-time prekeys that strangers had of this mailbox today."""
    row = connection.execute("SELECT day, requests, prekeys FROM taken WHERE mailbox = ?", (mailbox,)).fetchone()
    return (0, 0) if row is None or row[0] < day else (row[1], row[2])


def _count(connection: sqlite3.Connection, mailbox: bytes, day: int, *, requests: int, prekeys: int) -> None:
    before = _taken_today(connection, mailbox, day)
    connection.execute(
        "INSERT OR REPLACE INTO taken (mailbox, day, requests, prekeys) VALUES (?, ?, ?, ?)",
        (mailbox, day, before[0] + requests, before[1] + prekeys),
    )
