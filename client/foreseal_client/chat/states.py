"""What became of a message, in words: the same on the screen and in lines."""

from __future__ import annotations

from typing import Final

from foreseal_client import words
from foreseal_client.store import Message, Received, State

__all__ = ["MARKS", "mark_of"]

MARKS: Final = {
    State.QUEUED: "queued: kept on this device until the relay has it",
    State.WAITING: "waiting: the relay wants a token that has not come yet",
    State.SENT: "sent",
    State.REFUSED: "NOT SENT: the relay will not take it",
    State.HELD: "NOT SENT",
    State.RELEASED: "NOT SENT YET",
    State.SHOWN: "received",
    State.WITHHELD: "HIDDEN",
    State.COVERED: "received, COVERED: files of somebody new (/reveal)",
    State.PAUSED: "NOT SENT YET: look at the new key first (/key)",
    State.UNCERTAIN: "not known: it waited when the backup was made; send it again if it did not arrive",
    State.NOTICE: "this device",
    State.UNOPENED: "could not be opened",
    State.DELETED: "deleted for both sides",
    State.UNREAD: "NOT READ: their device could not open it; send it again",
}
_RECEIVED: Final = {Received.DELIVERED: "delivered", Received.READ: "read"}
"""What the other device says of what was sent. A modified one can say either."""


def mark_of(message: Message) -> str:
    """What became of it, and that it disappears. The same text for as long as nothing changes."""
    sent = message.state is State.SENT
    mark = _RECEIVED.get(message.received, MARKS[message.state]) if sent else MARKS[message.state]
    if not message.fades_after or message.state is State.DELETED:
        return mark
    when = (
        f"at {words.time_of(message.fades_at)}" if message.fades_at else f"after {words.lasting(message.fades_after)}"
    )
    return f"{mark}, disappears {when}"
