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
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final, Protocol

import asyncpg

from foreseal_relay.limits import BELL_POLL, BELL_RETRY
from foreseal_relay.logs import log, log_fault
from foreseal_relay.store.postgres import statements
from foreseal_relay.store.postgres.connections import AWAY, Connection, connected

__all__ = ["CHANNELS", "Bell", "Inboxes", "calls"]

CHANNELS: Final = tuple(f"foreseal_{shard:02}" for shard in range(64))
_NAME: Final = 8
_ID: Final = 22
_TIME: Final = 16
"""Characters of a relay's name, of a mailbox's id in base64 without its padding, and of a time in hexadecimal."""
_WORDS_A_CALL: Final = 200
"""So that what is said stays under the 8,000 bytes that PostgreSQL carries."""
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
        self._logged_in: dict[bytes, int] = {}
        self._logins: dict[bytes, int] = {}
        self._stirred = asyncio.Event()
        self._task = asyncio.create_task(self._run())

    def arrived(self, mailboxes: Iterable[bytes]) -> None:
        """Envelopes for these mailboxes are stored."""
        self._arrived.update(mailboxes)
        if self._arrived:
            self._stirred.set()

    def logged_in(self, mailbox: bytes, at: int) -> None:
        """The owner of this mailbox logged in here, `at` microseconds by the clock of the database: announcements may
        come late, and the newest login wins all the same."""
        self._logins[mailbox] = self._logged_in[mailbox] = at
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
            for channel in CHANNELS:
                await connection.add_listener(channel, self.heard)
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
            said = list(calls(self._name, self._arrived, self._logged_in))
            self._arrived.clear()
            self._logged_in.clear()
            await connection.execute(statements.RING, [channel for channel, _ in said], [word for _, word in said])

    async def _look(self, connection: Connection) -> None:
        present = set(self._inboxes.present())
        self._logins = {mailbox: at for mailbox, at in self._logins.items() if mailbox in present}
        for row in await connection.fetch(statements.WITH_MAIL, sorted(present)):
            self._inboxes.wake(row["mailbox"])

    def heard(self, connection: object, process: int, channel: str, payload: str) -> None:
        """Takes what somebody said on a channel: what asyncpg calls with it."""
        name, kind, said = payload[:_NAME], payload[_NAME : _NAME + 1], payload[_NAME + 1 :]
        if name == self._name:
            return
        with contextlib.suppress(ValueError):  # somebody else rings in this database: nobody of ours
            if kind == _ARRIVED:
                for start in range(0, len(said), _ID):
                    self._inboxes.wake(_mailbox(said[start : start + _ID]))
            elif kind == _LOGGED_IN:
                for start in range(0, len(said), _ID + _TIME):
                    mailbox, at = said[start : start + _ID], said[start + _ID : start + _ID + _TIME]
                    self._heard_of_login(_mailbox(mailbox), int(at, 16))

    def _heard_of_login(self, mailbox: bytes, at: int) -> None:
        if self._logins.get(mailbox, 0) < at:
            self._inboxes.replace(mailbox)


def calls(name: str, arrived: Iterable[bytes], logged_in: Mapping[bytes, int]) -> Iterator[tuple[str, str]]:
    """Channels, and what is said on them: who says it, of what kind it is, and mailboxes in base64 one behind the
    other; behind each that logged in its time in hexadecimal."""
    said = {
        _ARRIVED: [(mailbox, _text(mailbox)) for mailbox in sorted(arrived)],
        _LOGGED_IN: [(mailbox, f"{_text(mailbox)}{at:0{_TIME}x}") for mailbox, at in sorted(logged_in.items())],
    }
    for kind, words in said.items():
        by_channel: dict[str, list[str]] = {}
        for mailbox, word in words:
            by_channel.setdefault(CHANNELS[mailbox[0] % len(CHANNELS)], []).append(word)
        for channel, heard in by_channel.items():
            for first in range(0, len(heard), _WORDS_A_CALL):
                yield channel, name + kind + "".join(heard[first : first + _WORDS_A_CALL])


def _text(mailbox: bytes) -> str:
    return base64.b64encode(mailbox).decode().rstrip("=")


def _mailbox(text: str) -> bytes:
    return base64.b64decode(text + "==", validate=True)
