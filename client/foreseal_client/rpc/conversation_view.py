"""What two have settled beside their words, as it goes out in JSON."""

from __future__ import annotations

from foreseal_client.rpc.views import View
from foreseal_client.sealing.notes import Shares
from foreseal_client.store import Conversation

__all__ = ["ConversationView", "conversation_view"]


class ConversationView(View, frozen=True):
    """`conversation`: a contact's identity or a group's id; `expiration`: seconds after which what is written
    disappears, 0 for never. `receipts`, `typing`: whether this account lets the other see them, `their...`: whether
    the other says the same; nothing is told unless both do."""

    conversation: str
    expiration: int
    receipts: bool
    typing: bool
    their_receipts: bool
    their_typing: bool


def conversation_view(settled: Conversation) -> ConversationView:
    """A conversation as it is settled now."""
    return ConversationView(
        settled.id.hex(), settled.timer, Shares.RECEIPTS in settled.shares, Shares.TYPING in settled.shares,
        Shares.RECEIPTS in settled.theirs, Shares.TYPING in settled.theirs,
    )  # fmt: skip
