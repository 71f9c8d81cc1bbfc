"""Showing what was withheld after all: through the gate once more, where the policy leaves it to the person."""

from __future__ import annotations

import msgspec

from foreseal_client.device import Device
from foreseal_client.draft import Opened
from foreseal_client.showing import cleared_opened
from foreseal_client.store import Message, State
from foreseal_matcher import Held, decide, screen

__all__ = ["reveal"]


async def reveal(message: Message, device: Device) -> Message | Held:
    """The message, shown from now on, or why it stays hidden: the list and the policy in force now decide."""
    opened = Opened(message.identity, message.eid or b"", message.text, message.files, message.at)
    policy = device.policy
    screened, _ = await device.measured(screen, opened, policy)
    decided = decide(screened, policy, acknowledged=True)
    if isinstance(decided, Held):
        return decided
    cleared_opened(decided)
    with device.store.transaction():
        device.store.history.reveal(message.id)
    return msgspec.structs.replace(message, state=State.SHOWN)
