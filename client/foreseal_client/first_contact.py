"""What a relay is asked about people known by their card alone: for their keys, and to let such people write."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable

from foreseal_client.cards import Card
from foreseal_client.device import Device
from foreseal_client.drawing import Drawing
from foreseal_client.errors import NoTokenError, RelayRefusedError, RelayUnreachableError, RolledBackError
from foreseal_client.relay_inbox import Inbox
from foreseal_client.relay_link import RelayLink
from foreseal_client.safeguards.settings import Requests
from foreseal_client.sealing.bundles import open_bundle
from foreseal_client.sealing.franking import commit
from foreseal_client.sealing.sealed_sender import sealed_bytes
from foreseal_relay import wire
from foreseal_relay.token_wire import Kind

__all__ = ["FirstContact"]


class FirstContact:
    """`inbox`: the connected one, if there is one."""

    def __init__(
        self,
        device: Device,
        drawing: Drawing,
        link: Callable[[str], Awaitable[RelayLink]],
        inbox: Callable[[], Inbox | None],
    ) -> None:
        self._device = device
        self._drawing = drawing
        self._link = link
        self._inbox = inbox

    async def take_requests(self, *, is_open: bool) -> None:
        """Whether people who only have this person's card may write. At first they may not. The relay is told now, or
        at the next login."""
        with self._device.store.transaction():
            self._device.store.account.take_requests(is_open=is_open)
        if (inbox := self._inbox()) is not None:
            with contextlib.suppress(RelayUnreachableError, RelayRefusedError):
                await inbox.take_requests(is_open=is_open)

    async def keep_in_step(self) -> None:
        """Where this profile takes only who was invited, the relay is told to let nobody else in: what it lets in would
        be dropped unread. Every mailbox begins so; it says nothing about whose it is."""
        device = self._device
        if device.safeguards.requests is Requests.INVITED and device.store.account.takes_requests():
            await self.take_requests(is_open=False)

    def forget_keys(self, relay: str) -> None:
        """Takes the keys for tokens that a relay shows from now on; those drawn under the earlier ones are lost."""
        with self._device.store.transaction():
            self._device.store.purse.forget(relay)

    async def bundle(self, relay: str, mailbox: bytes) -> wire.Bundle:
        """The bundle of somebody who gave this person no token, for one of ours. Raises `NoTokenError`
        when today's tokens are used up, `RolledBackError`, and what else `RelayLink` raises."""
        self._demand_own_tokens()
        link = await self._link(relay)
        tokens = await self._drawing.take(link, relay, Kind.BUNDLE, mailbox, 1)
        self._demand_own_tokens()  # which may have been waited for
        if not tokens:
            raise NoTokenError(
                "Today's tokens for asking after people by their card are used up. New ones come tomorrow."
            )
        try:
            bundle = await link.fetch_bundle(mailbox, tokens[0])
        except RelayRefusedError:
            self._drawing.spent(mailbox)  # asked and answered: what is refused is refused for this token
            raise
        self._drawing.spent(mailbox)
        return bundle

    async def drawn(self) -> None:
        """Returns when the day's tokens are drawn, or cannot be. Raises `RelayUnreachableError`."""
        await self._drawing.today()

    async def hand_in(self, card: Card, packed: bytes, eid: bytes) -> None:
        """Brings bytes to the mailbox of a card, sealed to its owner and named by nobody, for one of today's tokens
        for that; returns when the relay has them. `eid` (16 bytes): the same for the same bytes, so that a repetition
        is one.

        Raises `NoTokenError`, `RolledBackError`, `PeerFaultError` for keys that are not the card's, `ValueError` for
        what is too long, and what else `RelayLink` raises."""
        self._demand_own_tokens()
        link = await self._link(card.relay)
        # Before its keys are asked for, which costs a token as well.
        tokens = await self._drawing.take(link, card.relay, Kind.REPORT, eid, 1)
        self._demand_own_tokens()
        if not tokens:
            raise NoTokenError("Today's tokens for handing something to a desk are used up. New ones come tomorrow.")
        fetched = await self.bundle(card.relay, card.mailbox)
        peer = open_bundle(fetched.bundle, fetched.one_time, card.identity, card.mailbox, self._device.today)
        body, (commitment, _) = sealed_bytes(packed, peer.payload), commit(packed)
        try:
            await link.send(wire.Send(1, card.mailbox, eid, wire.MAX_TTL, tokens[0], commitment, body))
        except RelayRefusedError as fault:
            if fault.code == wire.RejectCode.BAD_TOKEN:
                self._drawing.spent(eid)
            raise
        self._drawing.spent(eid)

    def _demand_own_tokens(self) -> None:
        """Raises `RolledBackError` on a device that has stopped: the one that goes on in its place has the same tokens,
        and one shown twice tells a relay that both times it was the same person."""
        if self._device.rolled_back:
            raise RolledBackError
