"""What became of a message, in words: the same on the screen and in lines."""

from __future__ import annotations

from typing import Final

from foreseal_client.store import State

__all__ = ["MARKS"]

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
