"""How relays over one database wake one another's inboxes.

What arrived, and who logged in, is announced after its commit and not within it: a transaction that announces holds a
lock of the whole database until it is durable, so that all relays' commits would queue up one behind the other. What
the announcement of is gathered meanwhile goes out as one. It may be lost; a look at the counters of the mailboxes
whose inboxes are open here stands behind it.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
from collections.abc import Collection, Iterable, Iterator
from typing import Final, Protocol

import asyncpg

from foreseal_relay.limits import BELL_POLL, BELL_RETRY
from foreseal_relay.logs import log, log_fault
from foreseal_relay.store.postgres import statements
from foreseal_relay.store.postgres.connections import AWAY, Connection, connected

__all__ = ["CHANNELS", "Bell", "Inboxes"]

CHANNELS: Final = tuple(f"foreseal_{shard:02}" for shard in range(64))
_ID: Final = 22
"""Characters of a mailbox's id in base64, its padding left out."""
_IDS_A_CALL: Final = 350
"""So that a payload stays under the 8,000 bytes that PostgreSQL carries."""
_ARRIVED: Final = "a"
_LOGGED_IN: Final = "l"


class Inboxes(Protocol):
    """The inboxes open at this relay, as far as the bell knows them."""

    def present(self) -> Collection[bytes]:
        """The mailboxes whose inboxes are open."""

    def wake(self, mailbox: bytes) -> None:
        """Something has arrived for this mailbox."""

    def replace(self, mailbox: bytes) -> None:
        """The mailbox's owner has logged in at another relay, more recently."""


class Bell:
    """Rings at other relays and listens here. `name`: this relay's own, whose calls it ignores; 8 characters."""

    def __init__(self, url: str, inboxes: Inboxes, name: str) -> None:
        self._url = url
        self._inboxes = inboxes
        self._name = name
        self._arrived: set[bytes] = set()
        self._logged_in: set[bytes] = set()
        self._stirred = asyncio.Event()
        self._task = asyncio.create_task(self._run())

    def arrived(self, mailboxes: Iterable[bytes]) -> None:
        """Envelopes for these mailboxes are stored."""
        self._arrived.update(mailboxes)
        if self._arrived:
            self._stirred.set()

    def logged_in(self, mailbox: bytes) -> None:
        """The owner of this mailbox logged in here."""
        self._logged_in.add(mailbox)
        self._stirred.set()

    async def close(self) -> None:
        """Stops; what was not announced is found by the other relays' looks."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            try:
                await self._serve()
            except (*AWAY, asyncpg.PostgresError, TimeoutError):
                log.info("other relays cannot be heard or called; trying again")
            except Exception as error:  # whatever it was: without a bell mail waits for the next login
                log_fault(error)
            await asyncio.sleep(BELL_RETRY)

    async def _serve(self) -> None:
        # Announcements need not be durable, and must not wait for a disk or a standby.
        connection = await connected(self._url, synchronous_commit="off")
        try:
            # A login announced late would close the inbox of a later one.
            self._logged_in.clear()
            for channel in CHANNELS:
                await connection.add_listener(channel, self._heard)
            while True:
                await self._look(connection)  # first for what was rung while nobody listened
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(BELL_POLL):
                        await self._ring_as_it_comes(connection)
        finally:
            connection.terminate()

    async def _ring_as_it_comes(self, connection: Connection) -> None:
        while True:
            await self._stirred.wait()
            self._stirred.clear()
            calls = list(_calls(self._name, self._arrived, self._logged_in))
            self._arrived.clear()
            self._logged_in.clear()
            await connection.execute(statements.RING, [one for one, _ in calls], [said for _, said in calls])

    async def _look(self, connection: Connection) -> None:
        for row in await connection.fetch(statements.WITH_MAIL, sorted(self._inboxes.present())):
            self._inboxes.wake(row["mailbox"])

    def _heard(self, _: object, __: object, ___: str, payload: str) -> None:
        name, kind, ids = payload[:8], payload[8:9], payload[9:]
        if name == self._name:
            return
        for start in range(0, len(ids), _ID):
            with contextlib.suppress(ValueError):  # somebody else rings in this database: nobody of ours
                mailbox = base64.b64decode(ids[start : start + _ID] + "==", validate=True)
                if kind == _ARRIVED:
                    self._inboxes.wake(mailbox)
                elif kind == _LOGGED_IN:
                    self._inboxes.replace(mailbox)


def _calls(name: str, arrived: Collection[bytes], logged_in: Collection[bytes]) -> Iterator[tuple[str, str]]:
    """Channels and what is said on them."""
    for kind, mailboxes in ((_ARRIVED, arrived), (_LOGGED_IN, logged_in)):
        by_channel: dict[str, list[str]] = {}
        for mailbox in sorted(mailboxes):
            channel = CHANNELS[mailbox[0] % len(CHANNELS)]
            by_channel.setdefault(channel, []).append(base64.b64encode(mailbox).decode().rstrip("="))
        for channel, ids in by_channel.items():
            for first in range(0, len(ids), _IDS_A_CALL):
                yield channel, name + kind + "".join(ids[first : first + _IDS_A_CALL])
