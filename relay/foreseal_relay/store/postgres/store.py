"""The store of many relays: one PostgreSQL database behind the `MailboxStore` interface."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from functools import partial
from typing import TypeVar

from foreseal_relay.limits import STORE_CLOSE_WAIT
from foreseal_relay.store.deciding import Put
from foreseal_relay.store.interface import Blob, Claim, Envelope, Outcome, Spending, Standing
from foreseal_relay.store.postgres import spending as spends
from foreseal_relay.store.postgres import statements, steps, sweeping
from foreseal_relay.store.postgres.accepting import Acknowledgement, acknowledge_all, put_all
from foreseal_relay.store.postgres.batches import Batches
from foreseal_relay.store.postgres.bell import Bell, Inboxes
from foreseal_relay.store.postgres.connections import Connection, Connections
from foreseal_relay.store.postgres.migrating import migrate

__all__ = ["PostgresStore", "opened"]

_T = TypeVar("_T")
_R = TypeVar("_R")


@contextlib.asynccontextmanager
async def opened(url: str, inboxes: Inboxes, name: str) -> AsyncIterator[PostgresStore]:
    """The store at `url`, its schema up to date. `inboxes`: those open at this relay; `name`: 8 characters that no
    other relay over this database has. Raises `StoreError`."""
    connections = Connections(url)
    await connections.open()
    try:
        async with connections.transaction() as connection:
            await migrate(connection)
        store = PostgresStore(connections, Bell(url, inboxes, name))
        try:
            yield store
        finally:
            await store.close()
    finally:
        await connections.close()


class PostgresStore:
    """`MailboxStore` over `connections`. It holds nothing that another relay would have to know."""

    def __init__(self, connections: Connections, bell: Bell) -> None:
        self._connections = connections
        self._bell = bell
        self.puts: Batches[Put, Outcome] = Batches(self._put_all)
        self._acknowledgements: Batches[Acknowledgement, None] = Batches(partial(self._in_one, acknowledge_all))

    @property
    def failed(self) -> bool:
        """Never: PostgreSQL stops by itself when its disk fails, and is away until somebody has seen to it."""
        return False

    async def put(self, envelope: Envelope, token: bytes, hour: int) -> Outcome:
        """See `MailboxStore.put`."""
        return await self.puts.add(Put(envelope, token, hour), size=len(envelope.body))

    async def waiting(self, mailbox: bytes, without: Collection[bytes], limit: int, hour: int) -> list[Envelope]:
        """See `MailboxStore.waiting`."""
        if limit < 1:
            raise ValueError(f"at least one envelope can be asked for, not {limit}")
        async with self._connections.reading() as connection:
            rows = await connection.fetch(statements.WAITING, mailbox, hour, list(without), limit)
        return [Envelope(*row) for row in rows]

    async def acknowledge(self, mailbox: bytes, eids: Sequence[bytes]) -> None:
        """See `MailboxStore.acknowledge`."""
        await self._acknowledgements.add((mailbox, eids), rows=max(1, len(eids)))

    async def sign_in(self, mailbox: bytes, generation: int, day: int) -> Standing | None:
        """See `MailboxStore.sign_in`. An inbox of the same mailbox that is open at another relay is closed there."""
        login = await self._step(partial(steps.sign_in, mailbox=mailbox, generation=generation, day=day))
        if login is None:
            return None
        standing, at = login
        self._bell.logged_in(mailbox, at)
        return standing

    async def register(
        self,
        mailbox: bytes,
        login_key: bytes,
        delivery: bytes,
        generation: int,
        day: int,
        *,
        code: Spending | None = None,
    ) -> Outcome:
        """See `MailboxStore.register`."""
        return await self._step(
            partial(
                steps.register,
                mailbox=mailbox,
                login_key=login_key,
                delivery=delivery,
                generation=generation,
                day=day,
                code=code,
            )
        )

    async def raise_generation(self, mailbox: bytes, generation: int) -> Outcome:
        """See `MailboxStore.raise_generation`."""
        return await self._step(partial(steps.raise_generation, mailbox=mailbox, generation=generation))

    async def publish(self, mailbox: bytes, bundle: bytes, one_time: Sequence[bytes]) -> Outcome:
        """See `MailboxStore.publish`."""
        return await self._step(partial(steps.publish, mailbox=mailbox, bundle=bundle, one_time=one_time))

    async def invite(self, mailbox: bytes, invitation: bytes, sends: int, expires: int, hour: int) -> Outcome:
        """See `MailboxStore.invite`."""
        return await self._step(
            partial(steps.invite, mailbox=mailbox, invitation=invitation, sends=sends, expires=expires, hour=hour)
        )

    async def claim(self, mailbox: bytes, token: bytes, hour: int) -> Claim | None:
        """See `MailboxStore.claim`."""
        return await self._step(partial(steps.claim, mailbox=mailbox, token=token, hour=hour))

    async def take_requests(self, mailbox: bytes, *, is_open: bool, desk: bool = False) -> Outcome:
        """See `MailboxStore.take_requests`."""
        return await self._step(partial(spends.take_requests, mailbox=mailbox, is_open=is_open, desk=desk))

    async def draw(self, mailbox: bytes, kind: str, day: int, request: bytes) -> Outcome:
        """See `MailboxStore.draw`."""
        return await self._step(partial(spends.draw, mailbox=mailbox, kind=kind, day=day, request=request))

    async def put_first(self, envelope: Envelope, spending: Spending, *, report: bool = False) -> Outcome:
        """See `MailboxStore.put_first`."""
        outcome = await self._step(partial(spends.put_first, envelope=envelope, spending=spending, report=report))
        if outcome is Outcome.STORED:
            self._bell.arrived([envelope.mailbox])
        return outcome

    async def claim_first(self, mailbox: bytes, spending: Spending, day: int) -> Claim | Outcome:
        """See `MailboxStore.claim_first`."""
        return await self._step(partial(spends.claim_first, mailbox=mailbox, spending=spending, day=day))

    async def pay(self, blob_id: bytes, size: int, spendings: Sequence[Spending], expires: int) -> Outcome:
        """See `MailboxStore.pay`."""
        return await self._step(partial(spends.pay, blob_id=blob_id, size=size, spendings=spendings, expires=expires))

    async def add_blob(self, blob: Blob) -> Blob:
        """See `MailboxStore.add_blob`."""
        async with self._connections.transaction() as connection:
            await connection.execute(statements.ADD_BLOB, blob.id, blob.size, blob.sha256, blob.expires)
            return Blob(*await connection.fetchrow(statements.BLOB, blob.id, -1))

    async def blob(self, blob_id: bytes, hour: int) -> Blob | None:
        """See `MailboxStore.blob`."""
        async with self._connections.reading() as connection:
            row = await connection.fetchrow(statements.BLOB, blob_id, hour)
        return None if row is None else Blob(*row)

    async def blobs(self) -> list[Blob]:
        """See `MailboxStore.blobs`."""
        async with self._connections.reading() as connection:
            return [Blob(*row) for row in await connection.fetch(statements.BLOBS)]

    async def expire(self, hour: int, idle_day: int, limit: int) -> int:
        """See `MailboxStore.expire`."""
        return await self._step(partial(sweeping.expire, hour=hour, idle_day=idle_day, limit=limit))

    async def expire_blobs(self, hour: int, limit: int) -> list[Blob]:
        """See `MailboxStore.expire_blobs`."""
        return await self._step(partial(sweeping.expire_blobs, hour=hour, limit=limit))

    async def agreed(self, name: str, key_id: bytes) -> bytes:
        """See `MailboxStore.agreed`."""
        async with self._connections.transaction() as connection:
            await connection.execute(statements.AGREE, name, key_id)
            found: bytes = await connection.fetchval(statements.AGREED, name)
            return found

    async def check(self) -> None:
        """See `MailboxStore.check`."""
        async with self._connections.transaction() as connection:
            await connection.execute(statements.BEAT)

    async def close(self) -> None:
        """See `MailboxStore.close`. A database that does not answer is not waited for: nobody was told that what is
        still queued for it was accepted."""
        ending = [self.puts.close(), self._acknowledgements.close()]
        _, late = await asyncio.wait(ending, timeout=STORE_CLOSE_WAIT)
        if late:
            self._connections.terminate()
            self.puts.give_up()
            self._acknowledgements.give_up()
            await asyncio.wait(late)
        await self._bell.close()

    async def _put_all(self, puts: Sequence[Put]) -> list[Outcome]:
        outcomes = await self._in_one(put_all, puts)
        self._bell.arrived(
            put.envelope.mailbox for put, outcome in zip(puts, outcomes, strict=True) if outcome is Outcome.STORED
        )
        return outcomes

    async def _in_one(
        self, step: Callable[[Connection, Sequence[_T]], Awaitable[list[_R]]], items: Sequence[_T]
    ) -> list[_R]:
        async with self._connections.transaction() as connection:
            return await step(connection, items)

    async def _step(self, step: Callable[[Connection], Awaitable[_R]]) -> _R:
        async with self._connections.transaction() as connection:
            return await step(connection)
