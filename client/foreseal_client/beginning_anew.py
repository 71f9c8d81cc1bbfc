"""A device that was put back to an older state throws away everything that may have been used since, and begins anew.

What it held was true once: sessions whose keys have moved on, one-time prekeys that somebody may have used, envelopes
that may have left. All of it goes in one transaction. Contacts are written to in new sessions, as after a restore from
a backup, and told a new delivery token: somebody who was blocked since that state may know the one it had. What waited
to be sent is checked and sealed anew *under the ids it had*: a relay and a recipient that have had it take it for a
repetition.
"""

from __future__ import annotations

import secrets
from typing import Final

from foreseal_client import words
from foreseal_client.device import DAY, Device
from foreseal_client.sealing.sessions import Sessions
from foreseal_client.store import GroupStanding, Message, Standing
from foreseal_relay import wire

__all__ = ["MAX_STEPS_BACK", "ONCE_IN", "begin_anew"]

MAX_STEPS_BACK: Final = 100_000
"""Steps of the counter that a device can have been put back by: at 96 a day, for nearly three years. A restored backup
goes on at the seconds since 1970, far above: the device it was made on has been replaced, and does not fight for its
mailbox."""
ONCE_IN: Final = 30 * DAY
"""Seconds in which a device begins anew once. Whoever finds itself behind again so soon shares its keys with another
device that is alive, and one of the two has to stop."""


def begin_anew(device: Device, relays: int) -> tuple[Message, ...] | None:
    """Everything old goes. `relays`: the counter of the relay, above this device's. The lines that stay of it in the
    conversations; `None` where another device goes on in this one's place, and nothing was changed. Raises
    `StoreError`."""
    store, account = device.store, device.account
    behind = relays - (store.account.get() or account).generation
    if device.rolled_back or behind > MAX_STEPS_BACK or (0 <= device.now - account.begun_anew < ONCE_IN):
        return None
    with store.transaction():
        store.account.begin_anew(relays + 1, secrets.token_bytes(wire.TOKEN_BYTES), device.now)
        store.account.put_prekeys(store.account.prekeys().anew(device.today))
        store.purse.forget_tokens()
        store.mending.forget()
        store.conversations.owe_deletions_again(device.now)
        files = store.outbox.clear()
        store.history.seal_anew()
        store.groups.seal_anew()
        told = _tell_everybody(device)
    device.read_account()
    for path in files:
        path.unlink(missing_ok=True)
    return told


def _tell_everybody(device: Device) -> tuple[Message, ...]:
    """Nobody is introduced, no session is left, and each group's members are told what this device knows of it."""
    store, told = device.store, []
    for contact in store.people.all():
        last = store.people.sessions(contact.identity).last_round
        if last:
            store.people.put_sessions(contact.identity, Sessions.after_round(last))
        # Whoever has not answered an invitation is written to with the bundle that came with it: it is given out once.
        bundle = contact.bundle if contact.invitation is not None else None
        store.people.change(contact.identity, introduced=False, bundle=bundle)
        if contact.standing is Standing.ACCEPTED:
            told.append(store.history.notice(contact.identity, words.BEGUN_ANEW, at=device.now))
    for group in store.groups.all():
        if group.standing is GroupStanding.JOINED:
            for member in group.log.agreed.members:
                if member.identity != device.identity:
                    store.groups.owe(group.id, member.identity)
    return tuple(told)
