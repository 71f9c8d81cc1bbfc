"""Another delivery token once somebody has the present one who has no business with this person any more.

Who was in a group with us and is no contact keeps our token when one of us is out of it. The next login takes another
one and tells everybody else in sealed letters; the relay lets the old one live for a while, and for few envelopes, so
that two people who do this at once still reach each other (decision 93).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from foreseal_client.device import Device
from foreseal_client.store import Standing

__all__ = ["change_if_due", "note_parted"]

_DUE: Final = "delivery.due"
"""The preference that says that the next login takes another token."""


def note_parted(people: Iterable[bytes], device: Device) -> None:
    """Some people were in a group with this person, and either may be out of it now. The caller holds the transaction.
    Not at once: all of a day's removals are one change, and devices do not answer a removal in the same second."""
    store = device.store
    for identity in people:
        known = store.people.get(identity)
        if known is not None and known.standing is Standing.MEMBER and not store.groups.shared_with(identity):
            store.preferences.put(_DUE, "yes")


def change_if_due(device: Device) -> None:
    """Takes another token where that is due; everybody who may have it is told with the letters that follow."""
    store = device.store
    if store.preferences.get(_DUE) != "yes":
        return
    with store.transaction():
        device.change_delivery_token()
        store.preferences.put(_DUE, "no")
    device.read_account()
