"""What a device that is connected for weeks does by the clock: everything that a login does, once a day."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

from foreseal_client import login
from foreseal_client.device import Device
from foreseal_client.errors import RelayRefusedError, RelayUnreachableError, StoreError
from foreseal_client.relay_inbox import Inbox
from foreseal_client.store import Contact, Standing

__all__ = ["RENEW_DAYS", "STEP", "StaleBundles", "logging_in_again", "until_due"]

STEP: Final = 900.0
"""Seconds between two steps of the generation counter while connected. By the clock, and not with what a person does:
the relay would otherwise see on the inbox when something was sent by the anonymous drop."""
RENEW_DAYS: Final = 7
"""Days after which a contact's bundle is fetched again: its keys are replaced that often."""


async def until_due(inbox: Inbox, device: Device, pause: Callable[[float], Awaitable[None]]) -> None:
    """Returns when it is time to log in again: on another day, or when half of the one-time prekeys that were in stock
    are used up. A login rotates, replenishes and publishes. Until then it moves the generation on, so that a copy of
    this profile is found out that was made while connected.

    Raises `RelayUnreachableError`, `RelayRefusedError` or `StoreError`.
    """
    day, stock = device.today, _stock(device)
    while device.today == day and stock - _stock(device) < login.PREKEY_STOCK // 2:
        await pause(STEP)
        await login.advance(inbox, device)


def _stock(device: Device) -> int:
    return len(device.store.account.prekeys().one_time)


class StaleBundles:
    """Contacts whose bundle was fetched long ago. What is sealed to old keys cannot be opened for ever, and hides its
    sender no better than those are kept."""

    def __init__(self, device: Device) -> None:
        self._device = device

    def relays(self) -> set[str]:
        """Their relays."""
        return {contact.relay for contact in self._stale()}

    def waiting(self, relay: str) -> list[Contact]:
        """Those at one relay."""
        return [contact for contact in self._stale() if contact.relay == relay]

    def _stale(self) -> list[Contact]:
        # Who shows an invitation's token has no other one yet, and claiming with it again would bring nothing new.
        return [
            contact
            for contact in self._device.store.people.all()
            if (contact.standing is Standing.ACCEPTED or self._device.store.groups.shared_with(contact.identity))
            and contact.invitation is None
            and contact.token
            and contact.bundle is not None
            and not 0 <= self._device.today - contact.bundle.fetched < RENEW_DAYS
        ]


@contextlib.asynccontextmanager
async def logging_in_again(
    inbox: Inbox, device: Device, pause: Callable[[float], Awaitable[None]]
) -> AsyncIterator[asyncio.Event]:
    """Within the block, ends the connection when it is time for another login; then the event is set. `pause`: waits
    for so many seconds."""
    due = asyncio.Event()

    async def end_when_due() -> None:
        with contextlib.suppress(RelayUnreachableError, RelayRefusedError, StoreError):
            await until_due(inbox, device, pause)
            due.set()
        await inbox.close()

    ending = asyncio.create_task(end_when_due())
    try:
        yield due
    finally:
        ending.cancel()
