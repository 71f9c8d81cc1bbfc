"""What was delivered and read is owed to its writer, where both let each other see it, and told in its time."""

from __future__ import annotations

from collections.abc import Iterable

from foreseal_client.conversation.slots import RECEIPT_SLOT, next_slot
from foreseal_client.device import Device
from foreseal_client.sealing.notes import Shares
from foreseal_client.store import Message, Owed, Standing

__all__ = ["next_letter", "note_read", "owe_receipt"]


def owe_receipt(kind: Owed, identity: bytes, eid: bytes, device: Device) -> None:
    """Somebody is to be told that their message was delivered, or read, if both sides want that; the caller holds the
    transaction. Somebody who only asked to write never is. What is shown and what is hidden are told alike: whether
    something matched must not be visible from outside."""
    store = device.store
    contact = store.people.get(identity)
    if contact is None or contact.standing is not Standing.ACCEPTED:
        return
    if Shares.RECEIPTS in store.conversations.get(identity).shared:
        store.conversations.owe(identity, kind, eid, next_letter(identity, device))


def note_read(messages: Iterable[Message], device: Device) -> None:
    """This person has had these messages before their eyes, shown or hidden: their time begins to run. Raises
    `StoreError`."""
    store = device.store
    with store.transaction():
        for message in messages:
            first = store.fading.note_read(message.id, device.now)
            if first and message.group is None and message.eid is not None:
                owe_receipt(Owed.READ, message.identity, message.eid, device)


def next_letter(identity: bytes, device: Device) -> int:
    """When a letter of its own may tell somebody what they are owed, in seconds since 1970."""
    return next_slot(device.account.keys.login, identity, device.now, RECEIPT_SLOT)
