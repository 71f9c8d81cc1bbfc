"""The steps that spend anonymous tokens, each in the transaction that stores what was paid for.

Whether a mailbox exists and whether it takes requests decides only what is written at the end: until then the same
statements run for all, and each has written by then, so that all of them wait for the disk alike. Tokens come before
mailboxes, in the order of their digests: nobody who holds a mailbox ever waits for a token.
"""

from __future__ import annotations

from collections.abc import Sequence

from foreseal_relay.limits import MAX_WAITING, MAX_WAITING_BYTES, PREKEYS_A_DAY, strangers_a_day
from foreseal_relay.store.interface import Claim, Envelope, Outcome, Spending
from foreseal_relay.store.postgres import statements
from foreseal_relay.store.postgres.accepting import lock, store
from foreseal_relay.store.postgres.connections import Connection
from foreseal_relay.token_wire import BLOB_TOKEN_BYTES

__all__ = ["admit", "claim_first", "draw", "pay", "put_first", "take_requests"]


async def take_requests(connection: Connection, mailbox: bytes, *, is_open: bool, desk: bool) -> Outcome:
    """See `MailboxStore.take_requests`."""
    registered = await connection.fetchval(statements.TAKE_REQUESTS, mailbox, is_open, desk)
    return Outcome.STORED if registered else Outcome.NOT_REGISTERED


async def draw(connection: Connection, mailbox: bytes, kind: str, day: int, request: bytes) -> Outcome:
    """See `MailboxStore.draw`."""
    if not await lock(connection, {mailbox}):
        return Outcome.NOT_REGISTERED
    drawn = await connection.fetchrow(statements.DRAWN, mailbox, kind)
    if drawn is not None and drawn["day"] >= day:
        return Outcome.STORED if tuple(drawn) == (day, request) else Outcome.FULL
    await connection.execute(statements.DRAW, mailbox, kind, day, request)
    return Outcome.STORED


async def put_first(connection: Connection, envelope: Envelope, spending: Spending, *, report: bool) -> Outcome:
    """See `MailboxStore.put_first`."""
    mailbox, day = envelope.mailbox, envelope.day
    if not await _spend(connection, (spending,)):
        return Outcome.BAD_TOKEN
    locked = (await lock(connection, {mailbox})).get(mailbox)
    requests, _ = await _taken_today(connection, mailbox, day)
    if await connection.fetch(statements.SEEN, [mailbox], [envelope.eid]):
        return Outcome.DUPLICATE
    if locked is None or not locked["open"] or locked["desk"] is not report or requests >= strangers_a_day(desk=report):
        return Outcome.NOT_DELIVERABLE
    if locked["waiting"] >= MAX_WAITING or locked["waiting_bytes"] + len(envelope.body) > MAX_WAITING_BYTES:
        return Outcome.NOT_DELIVERABLE
    await store(connection, [envelope])
    await connection.execute(statements.COUNT_TAKEN, mailbox, day, 1, 0)
    return Outcome.STORED


async def claim_first(connection: Connection, mailbox: bytes, spending: Spending, day: int) -> Claim | Outcome:
    """See `MailboxStore.claim_first`."""
    if not await _spend(connection, (spending,)):
        return Outcome.BAD_TOKEN
    locked = (await lock(connection, {mailbox})).get(mailbox)
    bundle = await connection.fetchval(statements.BUNDLE, mailbox)
    _, prekeys = await _taken_today(connection, mailbox, day)
    claimed: bytes | None = await connection.fetchval(statements.CLAIMED_FOR, spending.token)
    left = await connection.fetchval(statements.NEXT_PREKEY, mailbox)
    if locked is None or not locked["open"] or bundle is None:
        return Outcome.NOT_DELIVERABLE
    if claimed is None and left is not None and prekeys < PREKEYS_A_DAY:
        claimed = await connection.fetchval(statements.OLDEST_PREKEY, mailbox)
        await connection.execute(statements.CLAIM_FOR, spending.token, claimed)
        await connection.execute(statements.COUNT_TAKEN, mailbox, day, 0, 1)
    return Claim(bundle, claimed)


async def pay(
    connection: Connection, blob_id: bytes, size: int, spendings: Sequence[Spending], expires: int
) -> Outcome:
    """See `MailboxStore.pay`."""
    if size <= (await connection.fetchval(statements.PAID, blob_id) or 0):
        return Outcome.STORED  # what was paid for once is not paid for again
    worth = len({spending.token for spending in spendings}) * BLOB_TOKEN_BYTES
    if size > worth or not await _spend(connection, spendings):
        return Outcome.BAD_TOKEN
    await connection.execute(statements.PAY, blob_id, worth, expires)
    return Outcome.STORED


async def admit(connection: Connection, mailbox: bytes, code: Spending | None) -> Outcome:
    """Whether a mailbox may be made: it is there already, no code is asked for, or the code is spent on it now."""
    registered = await connection.fetchval(statements.REGISTERED, mailbox)
    if registered or code is None or await _spend(connection, (code,)):
        return Outcome.STORED
    return Outcome.ADMISSION


async def _spend(connection: Connection, spendings: Sequence[Spending]) -> bool:
    """Spends all of them, or none: false when one was spent on something else before. Again on the same is no second
    use, so that an answer that was lost costs nothing. Of two who spend one token at once, the second waits here."""
    asked = {spending.token: spending for spending in spendings}
    in_order = [asked[token] for token in sorted(asked)]
    noted = await connection.fetch(
        statements.SPEND,
        [one.token for one in in_order],
        [one.purpose for one in in_order],
        [one.until for one in in_order],
    )
    if all(row["purpose"] == asked[row["token"]].purpose for row in noted):
        return True
    await connection.execute(statements.UNSPEND, [row["token"] for row in noted if row["new"]])
    return False


async def _taken_today(connection: Connection, mailbox: bytes, day: int) -> tuple[int, int]:
    """Requests and one-time prekeys that strangers had of this mailbox today."""
    row = await connection.fetchrow(statements.TAKEN, mailbox)
    return (0, 0) if row is None or row["day"] < day else (row["requests"], row["prekeys"])
