"""Broken sessions mend by themselves: what cannot be opened is said on both sides, and a new session begins.

One device may have been restored from an older state, or have lost keys, or somebody altered an envelope: from outside
these look alike. The device that could not open something fetches the sender's bundle and begins a session in a higher
round, with an empty letter that goes the way everything goes and is signed like every letter. Its list of envelopes
that could not be opened marks them as unread at the other side, where a person may send them again. Nothing is sent
again by itself: what was written then was meant for the device that was there then. A contact is mended once an hour
at most, so two devices that cannot open each other's letters never answer each other in a loop.
"""

from __future__ import annotations

from dataclasses import dataclass

from foreseal_client import words
from foreseal_client.device import Device
from foreseal_client.errors import BrokenSessionError
from foreseal_client.store import Direction, Message, Standing, State
from foreseal_matcher import Clear
from foreseal_relay import wire

__all__ = ["Unopened", "note_unopened"]


@dataclass(frozen=True, slots=True)
class Unopened:
    """Something came in a contact's name that could not be opened; nothing of it was kept. `message`: what the
    conversation says about it, where a new session begins because of it."""

    identity: bytes
    reason: str
    message: Message | None


def note_unopened(fault: BrokenSessionError, envelope: wire.Deliver, device: Device) -> Unopened | None:
    """Remembers that an envelope could not be opened, and with whom a new session has to begin; the caller holds the
    transaction. `None` for somebody who is not a contact: there is nobody to agree on new keys with."""
    store = device.store
    contact = store.people.get(fault.sender)
    if contact is None or contact.standing is not Standing.ACCEPTED:
        return None
    message = None
    if store.mending.note(contact.identity, envelope.eid, fault.round, device.now):
        message = store.history.add(
            contact.identity, Direction.IN, State.UNOPENED, at=device.now, text="", verdict=Clear(()), digest=b"",
            note=words.unopened(contact.name),
        )  # fmt: skip
    return Unopened(contact.identity, str(fault), message)
