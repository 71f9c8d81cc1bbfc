"""It is wrong: what somebody says of a message that was stopped or hidden waits on this device, for whoever reviews it
here. Nothing of it leaves."""

from __future__ import annotations

from typing import Final

from foreseal_client.device import Device
from foreseal_client.messenger import Messenger
from foreseal_client.store import Appeal, Consequence, Direction, Ground, Message, Outcome, State
from foreseal_matcher import Match

__all__ = ["appealable", "settle_appeal", "submit_appeal"]

_STOPPED: Final = (State.HELD, State.WITHHELD)


def appealable(message: Message) -> bool:
    """Whether a list stopped or hid it, so that a review can find that wrong."""
    return message.state in _STOPPED and isinstance(message.verdict, Match)


def submit_appeal(message: Message, ground: Ground, text: str, device: Device) -> Appeal:
    """Queues what is said of a message; what waited for the same one is replaced. Raises `ValueError` for a message
    that no list stopped, `StoreError` for a text that is too long."""
    if not appealable(message):
        raise ValueError("Only what was stopped or hidden because of a list can be reviewed.")
    with device.store.transaction():
        appeal = device.store.appeals.put(message.id, ground, text.strip(), at=device.now)
        device.store.safeguards.count(Consequence.APPEALED)
    return appeal


async def settle_appeal(message: Message, outcome: Outcome, messenger: Messenger) -> None:
    """What the reviewer found. What was stopped wrongly is shown at once where it came in; where it was to go out, it
    passes the check the next time it is sent, once. Raises `StoreError`."""
    store = messenger.device.store
    with store.transaction():
        store.appeals.settle(message.id, outcome)
        if outcome is Outcome.OVERTURNED:
            store.safeguards.count(Consequence.OVERTURNED)
    if outcome is Outcome.OVERTURNED and message.direction is Direction.IN:
        await messenger.reveal(message)
