"""Drawing tokens: all of a day's, soon after the first login of that day, whether they are needed or not.

At the own relay that is over the device's own inbox. A relay where this person only writes to somebody knows nobody
here: there, a mailbox under a login key of its own is made, used for drawing and nothing else.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from enum import Enum, auto
from typing import Final

from foreseal_client.admission import enter
from foreseal_client.device import Device
from foreseal_client.errors import (
    NotYetError,
    OtherKeysError,
    PeerFaultError,
    RelayRefusedError,
    RelayUnreachableError,
    StoreError,
)
from foreseal_client.events import OtherKeys, Trouble
from foreseal_client.relay_inbox import Inbox
from foreseal_client.relay_link import RelayLink
from foreseal_client.sealing.keys import DeviceKeys, sign_raw
from foreseal_client.sealing.tokens import Blinding
from foreseal_client.spacing import AT_ONCE, Pause, Spacing, apart
from foreseal_client.store.purse import Purse
from foreseal_relay import wire
from foreseal_relay.token_wire import ALLOWANCE, Kind, epoch_of, read_issuer_list

__all__ = ["Drawing"]

Tell = Callable[[OtherKeys | Trouble], None]

_WAITED: Final = "drawing.waited"
"""The preference that names the last day (since 1970) on which a moment to draw was waited for."""
_LAST: Final = 2.0
"""Seconds that a draw is waited for which is under way when the connection is given up."""
_LATER: Final = "Today's tokens are drawn when the relay can be reached again."


class _Stage(Enum):
    """How far a day's drawing is over one connection."""

    WAITING = auto()
    DRAWING = auto()
    ENDING = auto()
    """It failed, and takes the connection with it."""


class Drawing:
    """Draws for one device. A draw that broke off is gone on with under the same blinding, so that it costs no day.
    `spacing`: when; `pause`: waits for so many seconds."""

    def __init__(self, device: Device, spacing: Spacing = AT_ONCE, pause: Pause = asyncio.sleep) -> None:
        self._device = device
        self._settled = spacing.settled
        self._pause = pause
        self._under_way: dict[tuple[str, Kind, int], Blinding] = {}
        self._one_at_a_time = asyncio.Lock()
        self._needed = asyncio.Event()
        self._today: asyncio.Task[bool] | None = None
        self._stage = _Stage.WAITING
        self._moment = 0.0

    @property
    def _purse(self) -> Purse:
        return self._device.store.purse

    def due(self, relay: str) -> list[Kind]:
        """The kinds not drawn there today."""
        return [kind for kind in Kind if self._purse.drawn(relay, kind) < self._device.today]

    @asynccontextmanager
    async def at_home(self, inbox: Inbox, link: RelayLink, tell: Tell) -> AsyncIterator[None]:
        """Within the block, the day's tokens of the own relay are drawn over this inbox: after a pause, at once where a
        connection of this day ended before its pause, or, without any, as soon as a token is needed. Without them mail
        still goes to everybody who has let this person in, so what goes wrong is only told; where trying again may
        help, this connection is closed for another."""
        self._needed.clear()
        self._stage = _Stage.WAITING
        today = self._today = asyncio.create_task(self._drawn(inbox, link, tell))
        try:
            yield
        finally:
            self._today = None
            if self._stage is _Stage.WAITING or (self._stage is _Stage.DRAWING and inbox.closed):
                today.cancel()
            try:  # an answer that nobody waits for any more would cost the day
                await asyncio.wait({today}, timeout=_LAST)
            finally:
                today.cancel()
            if today.done() and not today.cancelled():
                today.result()  # a fault of ours is not swallowed

    async def today(self) -> None:
        """Returns when the day's tokens of the own relay are drawn, or cannot be. Raises `RelayUnreachableError` when
        there is no connection to draw them over."""
        today = self._today
        if today is None:
            if self.due(self._device.account.relay):
                raise RelayUnreachableError(_LATER)
            return
        self._needed.set()
        await asyncio.wait({today})
        if today.cancelled() or not today.result():
            raise RelayUnreachableError(_LATER)

    async def _drawn(self, inbox: Inbox, link: RelayLink, tell: Tell) -> bool:
        """Whether the connection held for as long as it took."""
        relay = self._device.account.relay
        if not self.due(relay):
            return True
        try:
            await self._until_the_moment()
            self._stage = _Stage.DRAWING
            await self.draw(inbox, link, relay)
        except OtherKeysError as fault:
            tell(OtherKeys(relay, str(fault)))
        except (PeerFaultError, RelayRefusedError) as fault:
            tell(Trouble(str(fault)))
        except Exception as fault:
            self._stage = _Stage.ENDING
            if isinstance(fault, StoreError):
                tell(Trouble(str(fault)))
            await inbox.close()  # the next one tries again; and with its end a fault of ours comes out
            if not isinstance(fault, StoreError | RelayUnreachableError):
                raise
            return False
        return True

    async def _until_the_moment(self) -> None:
        if self._settled is None:
            await self._needed.wait()
        elif self._first_of_today():
            seconds = self._settled()
            self._moment = asyncio.get_running_loop().time() + seconds
            await self._pause(seconds)

    def _first_of_today(self) -> bool:
        """Whether no connection of today was waited on before. Who only ever comes for a moment would never draw."""
        chosen, today = self._device.store.preferences, str(self._device.today)
        if chosen.get(_WAITED) == today:
            return False
        with self._device.store.transaction():
            chosen.put(_WAITED, today)
        return True

    async def draw(self, inbox: Inbox, link: RelayLink, relay: str) -> None:
        """Draws what is due over an inbox; nothing where the relay issues none. Raises `RelayUnreachableError`,
        `RelayRefusedError` and, for keys or proofs that are not what they were, `PeerFaultError`."""
        async with self._one_at_a_time:
            listed = await self._listed(link, relay)
            if listed is None:
                return
            try:
                for kind in self.due(relay):
                    if not _has(listed, kind):
                        listed = await self._extended(link, relay, listed)
                    await self._draw(kind, listed, inbox, relay)
            except PeerFaultError as fault:
                if await link.issuer() != listed:
                    raise OtherKeysError(relay) from fault
                raise

    async def abroad(self, link: RelayLink, relay: str) -> None:
        """Draws at a relay where this person has no mailbox, under a login key for that alone. Raises as `draw`
        does."""
        if not self.due(relay) or await self._listed(link, relay) is None:
            return
        keys = DeviceKeys(bytes(32), self._purse.login(relay))
        async with link.inbox(keys.login_public, 0, lambda message: sign_raw(keys.login, message)) as inbox:
            if not inbox.welcome.registered:
                await enter(inbox, link.origin, wire.mailbox_of(keys.login_public), None)
                await inbox.register(secrets.token_bytes(wire.TOKEN_BYTES))
            await self.draw(inbox, link, relay)

    async def take(self, link: RelayLink, relay: str, kind: Kind, purpose: bytes, count: int) -> list[bytes]:
        """Tokens for a purpose, perhaps fewer than `count`. When there are not enough, the day's are waited for at the
        own relay, and drawn where this person has no mailbox. Raises as `draw` does."""
        tokens = self._set_aside(relay, kind, purpose, count)
        if len(tokens) < count:
            if relay != self._device.account.relay:
                await self.abroad(link, relay)
            else:
                waited = self._spaced
                await self.today()
                if waited:
                    await self._pause(apart())
            tokens = self._set_aside(relay, kind, purpose, count)
        return tokens

    async def take_or_leave(self, link: RelayLink, relay: str, kind: Kind, purpose: bytes, count: int) -> list[bytes]:
        """The same for what can be tried again, and is not to hold up others: raises `NotYetError` where the day's are
        waited for."""
        tokens = self._set_aside(relay, kind, purpose, count)
        if len(tokens) < count and relay == self._device.account.relay and self._spaced:
            raise NotYetError(self._moment - asyncio.get_running_loop().time())
        return await self.take(link, relay, kind, purpose, count)

    @property
    def _spaced(self) -> bool:
        """Whether the moment of the day's draw is still waited for, or the draw under way."""
        return self._settled is not None and self._today is not None and not self._today.done()

    def spent(self, purpose: bytes) -> None:
        """What was set aside for this has served."""
        with self._device.store.transaction():
            self._purse.spent(purpose)

    def _set_aside(self, relay: str, kind: Kind, purpose: bytes, count: int) -> list[bytes]:
        with self._device.store.transaction():
            return self._purse.take(relay, kind, purpose, count, epoch_of(self._device.today))

    async def _listed(self, link: RelayLink, relay: str) -> bytes | None:
        listed = self._purse.listed(relay)
        if listed is None and (listed := await link.issuer()) is not None:
            if read_issuer_list(listed) is None:
                raise PeerFaultError("This relay's list of keys for tokens cannot be read. None were drawn.")
            login = b"" if relay == self._device.account.relay else secrets.token_bytes(32)
            with self._device.store.transaction():
                self._purse.pin(relay, listed, login)
        return listed

    async def _extended(self, link: RelayLink, relay: str, listed: bytes) -> bytes:
        """The list with kinds that this relay makes since it was pinned, where all the earlier keys are as they were;
        otherwise the pinned one: a relay that changed a key is found out by its proofs."""
        newer = await link.issuer()
        now, before = (None if each is None else read_issuer_list(each) for each in (newer, listed))
        if newer is None or now is None or before is None or not now.extends(before):
            return listed
        with self._device.store.transaction():
            self._purse.extend(relay, newer)
        return newer

    async def _draw(self, kind: Kind, listed: bytes, inbox: Inbox, relay: str) -> None:
        device, today = self._device, self._device.today
        issuer, epoch = read_issuer_list(listed), epoch_of(today)
        key = None if issuer is None else issuer.key(kind, epoch)
        if key is None:  # a relay of an older version, which is not asked again with each message of today
            with device.store.transaction():
                self._purse.put(relay, kind, epoch, [], today)
            return
        place = (relay, kind, today)
        if place not in self._under_way:
            self._under_way = {at: blinding for at, blinding in self._under_way.items() if at[2] == today}
            self._under_way[place] = await asyncio.to_thread(Blinding, kind, key, ALLOWANCE[kind])
        blinding = self._under_way[place]
        tokens: list[bytes] = []
        try:
            tokens = await asyncio.to_thread(blinding.finish, await inbox.draw(kind, epoch, blinding.blinded))
        except RelayRefusedError as fault:
            if fault.code != wire.RejectCode.FULL:
                raise
            # Drawn today already, and the answer was lost with the process that asked: the next day brings more.
        except PeerFaultError:
            del self._under_way[place]
            raise
        del self._under_way[place]
        with device.store.transaction():
            self._purse.put(relay, kind, epoch, tokens, today)


def _has(listed: bytes, kind: Kind) -> bool:
    found = read_issuer_list(listed)
    return found is not None and found.key(kind, found.first) is not None
