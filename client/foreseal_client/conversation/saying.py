"""What goes along with each letter, beside its text. The caller holds the transaction that seals it."""

from __future__ import annotations

from foreseal_client.sealing.notes import Notes, Shares, Timer
from foreseal_client.store import Contact, Owed, Standing, Store

__all__ = ["notes_in_group", "notes_to"]


def notes_to(to: Contact, store: Store, *, typing: bool = False) -> Notes:
    """For a letter from one person to another: what they are owed is told with it, and owed no longer. Who is no
    contact is told nothing but what they are asked to delete."""
    conversations = store.conversations
    deleted = conversations.take_owed(to.identity, Owed.DELETED)
    if to.standing is not Standing.ACCEPTED:
        return Notes(deleted=deleted)
    settled = conversations.get(to.identity)
    told = Shares.RECEIPTS in settled.shared
    return Notes(
        settled.timer,
        Timer(settled.version, settled.timer),
        int(settled.shares),
        conversations.take_owed(to.identity, Owed.DELIVERED) if told else (),
        conversations.take_owed(to.identity, Owed.READ) if told else (),
        deleted,
        typing and Shares.TYPING in settled.shared,
    )


def notes_in_group(group: bytes, identity: bytes, store: Store) -> Notes:
    """For a letter to one member of a group (16 bytes): its own timer, and what that member is asked to delete. There
    are no receipts and no typing in groups."""
    conversations = store.conversations
    return Notes(conversations.get(group).timer, deleted=conversations.take_owed(identity, Owed.DELETED))
