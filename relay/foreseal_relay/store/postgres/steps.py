"""What an owner or a first sender asks for: one mailbox, one transaction, its row locked before anything changes."""

from __future__ import annotations

from collections.abc import Sequence

from foreseal_relay.limits import MAX_INVITATIONS, OLD_TOKEN_DAYS, OLD_TOKEN_SENDS
from foreseal_relay.store.interface import Claim, Outcome, Spending, Standing
from foreseal_relay.store.postgres import statements
from foreseal_relay.store.postgres.accepting import doors_of, lock
from foreseal_relay.store.postgres.connections import Connection
from foreseal_relay.store.postgres.spending import admit
from foreseal_relay.wire import MAX_ONE_TIME_PREKEYS

__all__ = ["claim", "invite", "publish", "raise_generation", "register", "sign_in"]


async def sign_in(connection: Connection, mailbox: bytes, generation: int, day: int) -> tuple[Standing, int] | None:
    """See `MailboxStore.sign_in`; with the database's time of it in microseconds, which is stored nowhere. A login that
    brings nothing new writes nothing: thousands may come in a second."""
    row = await connection.fetchrow(statements.LOGIN, mailbox)
    if row is None:
        return None
    highest = row["generation"]
    if generation > highest or day > row["seen_day"]:
        highest = await connection.fetchval(statements.NOTE_LOGIN, mailbox, generation, day)
    return Standing(highest, row["prekeys_left"], row["waiting"]), row["at"]


async def register(
    connection: Connection,
    mailbox: bytes,
    login_key: bytes,
    delivery: bytes,
    generation: int,
    day: int,
    *,
    code: Spending | None = None,
) -> Outcome:
    """See `MailboxStore.register`."""
    if (admitted := await admit(connection, mailbox, code)) is not Outcome.STORED:
        return admitted
    if await lock(connection, {mailbox}):
        # The token before lives on for a while, for few envelopes: two people who both change theirs at once, and
        # tell each other by letters under the old ones, would otherwise never reach each other again.
        until = (day + 1 + OLD_TOKEN_DAYS) * 24
        await connection.execute(
            statements.KEEP_AS_INVITATION, mailbox, delivery, OLD_TOKEN_SENDS, until, MAX_INVITATIONS
        )
    await connection.execute(statements.REGISTER, mailbox, login_key, delivery, generation, day)
    return Outcome.STORED


async def raise_generation(connection: Connection, mailbox: bytes, generation: int) -> Outcome:
    """See `MailboxStore.raise_generation`."""
    locked = await lock(connection, {mailbox})
    if mailbox not in locked:
        return Outcome.NOT_REGISTERED
    if generation < locked[mailbox]["generation"]:
        return Outcome.ROLLED_BACK
    await connection.execute(statements.RAISE_GENERATION, mailbox, generation)
    return Outcome.STORED


async def publish(connection: Connection, mailbox: bytes, bundle: bytes, one_time: Sequence[bytes]) -> Outcome:
    """See `MailboxStore.publish`."""
    if not await lock(connection, {mailbox}):
        return Outcome.NOT_REGISTERED
    known = {row["prekey"]: row["in_store"] for row in await connection.fetch(statements.PREKEYS, mailbox)}
    # A repeated Publish, its first answer lost, must not bring back what was claimed in between.
    new = [prekey for prekey in dict.fromkeys(one_time) if prekey not in known]
    if sum(known.values()) + len(new) > MAX_ONE_TIME_PREKEYS:
        return Outcome.FULL
    await connection.execute(statements.PUBLISH, mailbox, bundle)
    await connection.execute(statements.NEW_PREKEYS, mailbox, new)
    return Outcome.STORED


async def invite(
    connection: Connection, mailbox: bytes, invitation: bytes, sends: int, expires: int, hour: int
) -> Outcome:
    """See `MailboxStore.invite`."""
    if not await lock(connection, {mailbox}):
        return Outcome.NOT_REGISTERED
    if await connection.fetchval(statements.INVITATIONS_HELD, mailbox, invitation, hour) >= MAX_INVITATIONS:
        return Outcome.FULL
    await connection.execute(statements.INVITE, mailbox, invitation, sends, expires)
    return Outcome.STORED


async def claim(connection: Connection, mailbox: bytes, token: bytes, hour: int) -> Claim | None:
    """See `MailboxStore.claim`."""
    asked = (mailbox, token, hour)
    door = (await doors_of(connection, {asked}))[asked]
    bundle = await connection.fetchval(statements.BUNDLE, mailbox)
    if bundle is None or not door.opens:
        return None
    return Claim(bundle, None if door.by_delivery else await _one_time(connection, mailbox, token))


async def _one_time(connection: Connection, mailbox: bytes, invitation: bytes) -> bytes | None:
    """The one-time prekey handed out under this invitation: the one of last time, or the oldest in store, which is
    deleted. The lock makes two relays that are asked at once give one and the same."""
    await lock(connection, {mailbox})
    prekey: bytes | None = await connection.fetchval(statements.CLAIMED, mailbox, invitation)
    if prekey is None:
        prekey = await connection.fetchval(statements.OLDEST_PREKEY, mailbox)
        if prekey is not None:
            await connection.execute(statements.HAND_OUT, mailbox, invitation, prekey)
    return prekey
