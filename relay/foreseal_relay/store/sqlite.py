"""The embedded store: one SQLite file, one thread that writes, one that reads."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

from foreseal_relay.store import spending as spends
from foreseal_relay.store import steps
from foreseal_relay.store.accepting import put_all
from foreseal_relay.store.checkpoints import Checkpoints
from foreseal_relay.store.database import open_reader, open_to_sync, open_writer
from foreseal_relay.store.deciding import Put
from foreseal_relay.store.interface import (
    Blob,
    Claim,
    Envelope,
    Outcome,
    Spending,
    Standing,
    StoreFailed,
)
from foreseal_relay.store.writer import Writer

__all__ = ["SqliteStore"]

_R = TypeVar("_R")


class SqliteStore:
    """`MailboxStore` in the file at `path`. Raises `StoreUnusable` when it cannot be opened safely."""

    def __init__(self, path: Path) -> None:
        with contextlib.ExitStack() as opened:
            writing = opened.enter_context(contextlib.closing(open_writer(path)))
            self._reader = opened.enter_context(contextlib.closing(open_reader(path)))
            folding = opened.enter_context(contextlib.closing(open_reader(path)))
            self._file = open_to_sync(path)
            opened.pop_all()
        # Last, because they start threads, which nobody could end without the store.
        self._checkpoints = Checkpoints(folding, self._file, lambda error: self.writer.fault(error))
        self.writer = Writer(writing, self._checkpoints.committed)
        self._reading = ThreadPoolExecutor(max_workers=1, thread_name_prefix="foreseal-reader")

    @property
    def failed(self) -> bool:
        """See `MailboxStore.failed`."""
        return self.writer.failed

    async def put(self, envelope: Envelope, token: bytes, hour: int) -> Outcome:
        """See `MailboxStore.put`."""
        return await self.writer.write_with(put_all, Put(envelope, token, hour), size=len(envelope.body))

    async def waiting(self, mailbox: bytes, without: Collection[bytes], limit: int, hour: int) -> list[Envelope]:
        """See `MailboxStore.waiting`."""
        if limit < 1:
            raise ValueError(f"at least one envelope can be asked for, not {limit}")
        return await self._read(partial(_waiting, mailbox=mailbox, without=frozenset(without), limit=limit, hour=hour))

    async def acknowledge(self, mailbox: bytes, eids: Sequence[bytes]) -> None:
        """See `MailboxStore.acknowledge`."""
        await self.writer.write(partial(steps.acknowledge, mailbox=mailbox, eids=eids), rows=max(1, len(eids)))

    async def sign_in(self, mailbox: bytes, generation: int, day: int) -> Standing | None:
        """See `MailboxStore.sign_in`."""
        return await self.writer.write(partial(steps.sign_in, mailbox=mailbox, generation=generation, day=day))

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
        return await self.writer.write(
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
        return await self.writer.write(partial(steps.raise_generation, mailbox=mailbox, generation=generation))

    async def publish(self, mailbox: bytes, bundle: bytes, one_time: Sequence[bytes]) -> Outcome:
        """See `MailboxStore.publish`."""
        return await self.writer.write(
            partial(steps.publish, mailbox=mailbox, bundle=bundle, one_time=one_time),
            rows=1 + len(one_time),
            size=len(bundle) + sum(map(len, one_time)),
        )

    async def invite(self, mailbox: bytes, invitation: bytes, sends: int, expires: int, hour: int) -> Outcome:
        """See `MailboxStore.invite`."""
        return await self.writer.write(
            partial(steps.invite, mailbox=mailbox, invitation=invitation, sends=sends, expires=expires, hour=hour)
        )

    async def claim(self, mailbox: bytes, token: bytes, hour: int) -> Claim | None:
        """See `MailboxStore.claim`."""
        return await self.writer.write(partial(steps.claim, mailbox=mailbox, token=token, hour=hour))

    async def take_requests(self, mailbox: bytes, *, is_open: bool, desk: bool = False) -> Outcome:
        """See `MailboxStore.take_requests`."""
        return await self.writer.write(partial(spends.take_requests, mailbox=mailbox, is_open=is_open, desk=desk))

    async def draw(self, mailbox: bytes, kind: str, day: int, request: bytes) -> Outcome:
        """See `MailboxStore.draw`."""
        return await self.writer.write(partial(spends.draw, mailbox=mailbox, kind=kind, day=day, request=request))

    async def put_first(self, envelope: Envelope, spending: Spending, *, report: bool = False) -> Outcome:
        """See `MailboxStore.put_first`."""
        step = partial(spends.put_first, envelope=envelope, spending=spending, report=report)
        return await self.writer.write(step, size=len(envelope.body))

    async def claim_first(self, mailbox: bytes, spending: Spending, day: int) -> Claim | Outcome:
        """See `MailboxStore.claim_first`."""
        return await self.writer.write(partial(spends.claim_first, mailbox=mailbox, spending=spending, day=day))

    async def pay(self, blob_id: bytes, size: int, spendings: Sequence[Spending], expires: int) -> Outcome:
        """See `MailboxStore.pay`."""
        step = partial(spends.pay, blob_id=blob_id, size=size, spendings=spendings, expires=expires)
        return await self.writer.write(step, rows=1 + len(spendings))

    async def add_blob(self, blob: Blob) -> Blob:
        """See `MailboxStore.add_blob`."""
        return await self.writer.write(partial(_add_blob, blob=blob))

    async def blob(self, blob_id: bytes, hour: int) -> Blob | None:
        """See `MailboxStore.blob`."""
        found = await self._read(partial(_blobs, where="id = ? AND expires > ?", values=(blob_id, hour)))
        return found[0] if found else None

    async def blobs(self) -> list[Blob]:
        """See `MailboxStore.blobs`."""
        return await self._read(partial(_blobs, where="1", values=()))

    async def expire(self, hour: int, idle_day: int, limit: int) -> int:
        """See `MailboxStore.expire`."""
        return await self.writer.write(partial(steps.expire, hour=hour, idle_day=idle_day, limit=limit), rows=limit)

    async def expire_blobs(self, hour: int, limit: int) -> list[Blob]:
        """See `MailboxStore.expire_blobs`."""
        return await self.writer.write(partial(_expire_blobs, hour=hour, limit=limit), rows=limit)

    async def agreed(self, name: str, key_id: bytes) -> bytes:
        """See `MailboxStore.agreed`. One relay alone has this store, so there is nobody to disagree with."""
        return key_id

    async def check(self) -> None:
        """See `MailboxStore.check`."""
        await self.writer.write(lambda connection: connection.execute("UPDATE pulse SET beats = beats + 1").rowcount)

    async def close(self) -> None:
        """See `MailboxStore.close`."""
        await self._read(lambda connection: connection.close())
        self._reading.shutdown()
        await asyncio.to_thread(self._checkpoints.close)
        await self.writer.close()
        os.close(self._file)  # after the last connection: see `open_to_sync`

    async def _read(self, query: Callable[[sqlite3.Connection], _R]) -> _R:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._reading, query, self._reader)
        except (sqlite3.Error, UnicodeDecodeError) as error:  # the latter: a damaged page, quoted in a message
            raise StoreFailed("the store could not be read; nothing was changed. Check the disk") from error


def _waiting(
    connection: sqlite3.Connection, mailbox: bytes, without: frozenset[bytes], limit: int, hour: int
) -> list[Envelope]:
    # Ids first, from the index alone; then the few bodies wanted. What was pushed is left out by eid and not by a
    # cursor, as another store may commit a lower number later.
    ids = connection.execute("SELECT id, eid FROM envelopes WHERE mailbox = ? ORDER BY id", (mailbox,)).fetchall()
    wanted = [row[0] for row in ids if row[1] not in without]
    found: list[Envelope] = []
    while wanted and len(found) < limit:  # a second time where some had expired
        some, wanted = wanted[:limit], wanted[limit:]
        marks = ", ".join("?" * len(some))
        rows = connection.execute(
            "SELECT mailbox, eid, commitment, body, day, expires FROM envelopes"  # noqa: S608
            f" WHERE id IN ({marks}) AND expires > ? ORDER BY id",
            (*some, hour),
        ).fetchall()
        found += [Envelope(*row) for row in rows]
    return found[:limit]


def _blobs(connection: sqlite3.Connection, where: str, values: tuple[object, ...]) -> list[Blob]:
    rows = connection.execute(f"SELECT id, size, sha256, expires FROM blobs WHERE {where}", values)  # noqa: S608
    return [Blob(*row) for row in rows.fetchall()]


def _add_blob(connection: sqlite3.Connection, blob: Blob) -> Blob:
    connection.execute(
        "INSERT OR IGNORE INTO blobs (id, size, sha256, expires) VALUES (?, ?, ?, ?)",
        (blob.id, blob.size, blob.sha256, blob.expires),
    )
    return _blobs(connection, "id = ?", (blob.id,))[0]


def _expire_blobs(connection: sqlite3.Connection, hour: int, limit: int) -> list[Blob]:
    rows = connection.execute(
        "DELETE FROM blobs WHERE id IN (SELECT id FROM blobs WHERE expires <= ? LIMIT ?)"
        " RETURNING id, size, sha256, expires",
        (hour, limit),
    )
    return [Blob(*row) for row in rows.fetchall()]
