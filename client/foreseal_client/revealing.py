"""Showing what was withheld after all: through the gate once more, where the policy leaves it to the person."""

from __future__ import annotations

from foreseal_client.device import Device
from foreseal_client.draft import Opened
from foreseal_client.errors import StoreError
from foreseal_client.ledger.lines import Course
from foreseal_client.showing import cleared_opened
from foreseal_client.store import Message
from foreseal_matcher import Held, Match, Mode, OnFailure, decide, screen

__all__ = ["reveal", "revealable"]


async def reveal(message: Message, device: Device) -> Message | Held:
    """The message, shown from now on, or why it stays hidden: the list and the policy in force now decide, and
    where a person has reviewed it on this device, what they found. Raises `StoreError` where it has gone meanwhile."""
    opened = Opened(message.identity, message.eid or b"", message.text, message.files, message.at)
    policy = device.policy
    screened, check = await device.measured(screen, opened, policy)
    decided = decide(screened, policy, acknowledged=True, reviewed=device.store.appeals.reviewed(message.id))
    if isinstance(decided, Held):
        device.note_check(check, decided, Course.IN)
        return decided
    cleared_opened(decided)
    with device.store.transaction():
        device.note_check(check, decided, Course.IN)
        device.store.history.reveal(message.id)
        after = device.store.history.get(message.id)
    if after is None:
        raise StoreError("This message is not on this device any more: it was deleted, or its time was over.")
    return after  # which is what is left of it, where its writer deleted it meanwhile


def revealable(message: Message, device: Device) -> bool:
    """Whether it would be shown if the check found what it found before; `reveal` checks it anew and decides."""
    policy = device.policy
    if isinstance(message.verdict, Match):
        return policy.mode is not Mode.HOLD or bool(device.store.appeals.reviewed(message.id))
    return not (policy.stops and policy.on_failure is OnFailure.CLOSED)
