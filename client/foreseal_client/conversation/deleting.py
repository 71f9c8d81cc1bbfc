"""Deleting messages: here alone, or on both sides, which is a request that the other client follows."""

from __future__ import annotations

from foreseal_client.device import Device
from foreseal_client.store import Direction, Message, Owed, State

__all__ = ["delete_for_both", "delete_here"]


def delete_here(message: Message, device: Device) -> None:
    """A message is gone from this device; nobody is told, and what was sealed still leaves. Raises `StoreError`."""
    store = device.store
    with store.transaction():
        store.fading.remove(message.id)
    store.fading.let_go()


def delete_for_both(message: Message, device: Device) -> tuple[bytes, ...]:
    """The content of an own message is gone from this device, what had not left of it does not leave, and everybody it
    was written to is to be asked for the same: whom, by identity. The caller brings them word (`queue_notes`).

    Raises `ValueError` for a message of somebody else and for one that was deleted, `StoreError`.
    """
    if message.state is State.DELETED:
        raise ValueError("This message was deleted already: there is nothing left of it.")
    if message.direction is not Direction.OUT or message.state is State.NOTICE:
        raise ValueError("Only what you wrote yourself can be deleted for both sides.")
    store = device.store
    with store.transaction():
        sent = _envelopes(message, device)
        files = [path for _, eid in sent for path in store.outbox.remove(eid)]
        for identity, eid in sent:
            if message.state in (State.QUEUED, State.WAITING):
                store.people.change(identity, introduced=False)  # what does not leave may have carried our address
            store.conversations.owe(identity, Owed.DELETED, eid, device.now)
        if sent:
            store.fading.blank(message.id)
        else:
            store.fading.remove(message.id)  # it never left: there is nothing to ask for
    for path in files:
        path.unlink(missing_ok=True)
    store.fading.let_go()
    return tuple(identity for identity, _ in sent)


def _envelopes(message: Message, device: Device) -> list[tuple[bytes, bytes]]:
    """To whom it went, and in which envelope."""
    if message.group is None:
        return [] if message.eid is None else [(message.identity, message.eid)]
    return [(one.identity, one.eid) for one in device.store.groups.sends(message.id) if one.eid is not None]
