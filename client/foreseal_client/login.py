"""What a device does at each login: show that it was not rolled back, register, and stock up on prekeys."""

from __future__ import annotations

from typing import Final

from foreseal_client.admission import enter
from foreseal_client.delivery_tokens import change_if_due
from foreseal_client.device import Device
from foreseal_client.relay_inbox import Inbox

__all__ = ["PREKEY_STOCK", "advance", "register", "set_up"]

PREKEY_STOCK: Final = 20
"""One-time prekeys kept at the relay; topped up when half are gone."""


async def set_up(inbox: Inbox, device: Device, code: bytes | None = None, *, desk: bool = False) -> bytes:
    """All of it; the delivery token that the relay knows now. `code`: what its operator gave for making a mailbox;
    `desk`: the mailbox takes what is handed in, and no requests.

    Raises `RelayUnreachableError`, `RelayRefusedError` (`RegistrationError` when no mailbox is made) or `StoreError`.
    """
    change_if_due(device)
    told: bytes | None = None
    if not inbox.welcome.registered:
        await enter(inbox, device.account.relay, device.mailbox, code)
        told = await register(inbox, device)
    missing = PREKEY_STOCK - inbox.welcome.prekeys_left
    with device.store.transaction():
        # Whatever waited for somebody's token is tried once more.
        device.store.outbox.unpark_all()
        # A second step after each login: a copy of this profile from before it is then behind, however fresh it is.
        generation = device.store.account.next_generation()
        prekeys, one_time = (
            device.store.account.prekeys()
            .rotated(device.today)
            .replenished(device.account.keys, device.mailbox, missing if missing >= PREKEY_STOCK // 2 else 0)
        )
        device.store.account.put_prekeys(prekeys)
    await inbox.advance(generation)
    # The bundle always, so that it never comes near the end of its validity.
    await inbox.publish(prekeys.signed_bundle(device.account.keys, device.mailbox, device.today), one_time)
    await inbox.take_requests(is_open=device.store.account.takes_requests(), desk=desk)
    return told if told == device.account.delivery_token else await register(inbox, device)


async def advance(inbox: Inbox, device: Device) -> None:
    """Moves this device's generation on, here and then at the relay: copies of this profile from before are behind."""
    with device.store.transaction():
        generation = device.store.account.next_generation()
    await inbox.advance(generation)


async def register(inbox: Inbox, device: Device) -> bytes:
    """Tells the relay this mailbox's delivery token, at each login and not only at the first: the relay's memory may
    be older than the device's. The token that it holds now, which is the device's own also if that changed meanwhile.
    """
    while True:
        token = device.account.delivery_token
        await inbox.register(token)
        if token == device.account.delivery_token:
            return token
