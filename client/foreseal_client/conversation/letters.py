"""Letters that carry nothing but what is said beside a text. They go the way everything goes: checked, sealed, padded
and by the outbox, and leave no line in the conversation."""

from __future__ import annotations

from foreseal_client.conversation.saying import notes_to
from foreseal_client.device import Device
from foreseal_client.draft import Draft
from foreseal_client.errors import PeerFaultError
from foreseal_client.mail import sealed_for
from foreseal_client.sealing.attachments import seal_attachments
from foreseal_client.store import Standing
from foreseal_matcher import Cleared

__all__ = ["queue_notes"]


def queue_notes(cleared: Cleared[Draft], identity: bytes, device: Device, *, typing: bool = False) -> bool:
    """Tells somebody what they are owed, in a letter without text. Whether it could be sealed: if not, it goes with
    the next letter. `cleared`: a letter without text. Raises `StoreError`."""
    store = device.store
    contact = store.people.get(identity)
    if device.rolled_back or contact is None or contact.bundle is None or contact.standing is Standing.BLOCKED:
        return False
    if store.trust.unseen(identity) is not None:
        return False
    nothing = seal_attachments(cleared, store.new_outgoing)
    try:
        with store.transaction():
            notes = notes_to(contact, store, typing=typing)
            store.outbox.put(identity, sealed_for(cleared, identity, nothing, device, notes=notes))
    except PeerFaultError:
        return False  # their keys have expired, and new ones are being fetched
    return True
