"""One account of the headless client: a device, and its messenger while it is online."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from foreseal_client.device import Device
from foreseal_client.errors import RelayUnreachableError
from foreseal_client.events import Connection, Event, MessageChanged
from foreseal_client.messenger import Links, Messenger
from foreseal_client.request_desk import block_and_lock_out, block_quietly
from foreseal_client.rpc.codes import Code, RpcError
from foreseal_client.rpc.journal import Journal
from foreseal_client.rpc.notices import TroubleNotice, notice
from foreseal_client.rpc.spoiled import SpoiledCheck
from foreseal_client.spacing import AT_ONCE, SPACED, Pause
from foreseal_client.store import Contact, Group, Message, Standing, State

__all__ = ["Account"]

_UNSETTLED: Final = frozenset({State.QUEUED})

_TOO_LARGE: Final = 2**63
"""No number of a message: SQLite knows none so large."""
_AGAIN: Final = 0.05
"""Seconds until a relay that could not be reached is asked once more, where somebody waits for the answer."""

T = TypeVar("T")


class Account:
    """`name`: what callers call it; `check`: how tests spoil the device's; `detailed`: a test's, so that notices tell
    how far fingerprints lie apart, and nothing waits for the sake of who watches the relay."""

    def __init__(
        self, name: str, device: Device, check: SpoiledCheck, journal: Journal, links: Links, pause: Pause,
        detailed: bool,
    ) -> None:  # fmt: skip
        self.name = name
        self.device = device
        self.check = check
        self.detailed = detailed
        self.sending = asyncio.Lock()
        """Held from a draft's check to its place in the outbox: what was asked for first leaves first."""
        self.settling = asyncio.Lock()
        """Held from reading the safeguards until they are kept: of two changes at once neither undoes the other."""
        self.online = False
        self._journal = journal
        self._links = links
        self._pause = pause
        self._messenger: Messenger | None = None
        self._running: asyncio.Task[None] | None = None
        self._stop = asyncio.Event()
        self._moved: dict[int, asyncio.Future[None]] = {}

    @property
    def messenger(self) -> Messenger:
        """The running client. Raises `RpcError` while the account is disconnected."""
        if self._messenger is None:
            raise RpcError(Code.UNREACHABLE, f"{self.name} is disconnected. Call connect first.")
        return self._messenger

    async def connect(self) -> None:
        """Starts the messenger; it connects by itself. Does nothing where it runs already."""
        if self._messenger is not None:
            return
        started: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._stop.clear()
        self._running = asyncio.create_task(self._run(started))
        await started

    async def disconnect(self) -> None:
        """Stops it; what is kept on the device stays."""
        self._stop.set()
        if self._running is not None:
            await self._running
        self._running = None

    async def close(self) -> None:
        """Stops it and frees the profile."""
        self.check.end()
        await self.disconnect()
        self.device.close()

    async def until_moved(self, message: Message, wait: float) -> Message:
        """The message once it is no longer only queued, once the relay turns out to be away, or after `wait` seconds,
        whichever is first; as it is then."""
        current = self.device.store.history.get(message.id) or message
        if current.state not in _UNSETTLED or not self.online:
            return current
        moved = self._moved.setdefault(message.id, asyncio.get_running_loop().create_future())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait):
                await asyncio.shield(moved)
        self._moved.pop(message.id, None)
        return self.device.store.history.get(message.id) or current

    async def until_online(self, wait: float) -> None:
        """Returns once the relay has answered a login, or after `wait` seconds (at most 60)."""
        if self._messenger is None:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, min(wait, 60.0))):
                await self._messenger.online()
                self._tell(Connection(True))  # before the answer: the queue of events may come to it later

    async def reaching(self, ask: Callable[[], Awaitable[T]], wait: float) -> T:
        """Asks again while the relay cannot be reached, for `wait` seconds. Raises what `ask` raises."""
        loop = asyncio.get_running_loop()
        until = loop.time() + max(0.0, min(wait, 60.0))
        while True:
            try:
                return await ask()
            except RelayUnreachableError:
                if loop.time() >= until:
                    raise
                await asyncio.sleep(_AGAIN)

    async def block(self, contact: Contact) -> None:
        """Blocks somebody. Where this account is disconnected, its relay hears at the next login of what it has to."""
        if contact.standing is Standing.REQUESTED:
            # The relay would see that a new token follows a request.
            block_quietly(contact, self.device, self._tell)
        elif self._messenger is not None:
            await self._messenger.block(contact)
        else:
            block_and_lock_out(contact, self.device, self._tell)

    def contact(self, wanted: str) -> Contact:
        """The contact with this identity, or the one contact of this name. Raises `RpcError`."""
        people = self.device.store.people.all()
        found = [c for c in people if c.identity.hex() == wanted.lower()] or [c for c in people if c.name == wanted]
        if not found:
            raise RpcError(Code.UNKNOWN, f"{self.name} has no contact {wanted!r}. An invitation makes one.")
        if len(found) > 1:
            raise RpcError(Code.USAGE, f"{self.name} has {len(found)} contacts named {wanted!r}. Give the identity.")
        return found[0]

    def group(self, wanted: str) -> Group:
        """The group of this id. Raises `RpcError`."""
        with contextlib.suppress(ValueError):
            found = self.device.store.groups.get(bytes.fromhex(wanted))
            if found is not None:
                return found
        raise RpcError(Code.UNKNOWN, f"{self.name} has no group {wanted!r}.")

    def message(self, wanted: int) -> Message:
        """The message of this id. Raises `RpcError`."""
        found = self.device.store.history.get(wanted) if 0 < wanted < _TOO_LARGE else None
        if found is None:
            raise RpcError(Code.UNKNOWN, f"{self.name} has no message {wanted}.")
        return found

    async def _run(self, started: asyncio.Future[None]) -> None:
        try:
            spacing = AT_ONCE if self.detailed else SPACED
            running = Messenger.running(self.device, self._links, pause=self._pause, spacing=spacing)
            async with running as messenger:
                self._messenger = messenger
                with messenger.events() as queue:
                    listening = asyncio.create_task(self._listen(queue))
                    started.set_result(None)
                    try:
                        await self._stop.wait()
                    finally:
                        listening.cancel()
        except* Exception as group:  # a fault of ours: said here, and the account stands still instead of the client
            kinds = ", ".join(sorted({type(fault).__name__ for fault in group.exceptions}))
            self._journal.add(self.name, TroubleNotice(f"This account has stopped by a fault of the program: {kinds}."))
            if not started.done():
                started.set_exception(RpcError(Code.INTERNAL, f"{self.name} could not be started ({kinds})."))
        finally:
            self._messenger = None
            self._tell(Connection(False, "This account is disconnected."))

    async def _listen(self, queue: asyncio.Queue[Event]) -> None:
        while True:
            self._tell(await queue.get())

    def _tell(self, event: Event) -> None:
        if isinstance(event, Connection):
            if event.online == self.online and event.online:
                return
            self.online = event.online
            if not event.online:
                self._settle(*self._moved)
        elif isinstance(event, MessageChanged) and event.message.state not in _UNSETTLED:
            self._settle(event.message.id)
        self._journal.add(self.name, notice(event, self.device, detailed=self.detailed))

    def _settle(self, *ids: int) -> None:
        for id in ids:
            moved = self._moved.get(id)
            if moved is not None and not moved.done():
                moved.set_result(None)
