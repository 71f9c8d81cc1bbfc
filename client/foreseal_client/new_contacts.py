"""What follows from how new a contact is, on one device. None of it looks at what a file shows, and none of it is
visible from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from foreseal_client.draft import Draft, Opened
from foreseal_client.safeguards.first_contacts import TooMany, may_write_first
from foreseal_client.safeguards.newness import (
    Moment,
    Reminder,
    days_known,
    has_links,
    links_open,
    moment_for,
    reminder_for,
)
from foreseal_client.store import Consequence, Contact, Direction, Group, Message, Standing

if TYPE_CHECKING:
    from foreseal_client.device import Device

__all__ = ["count", "first_contact", "moment_before", "moment_for_files", "opens_links", "reminder_due"]


def moment_before(draft: Draft, to: Contact | Group, device: Device) -> Moment | None:
    """What a card asks before files go to somebody new, or to a group with somebody new in it; the newest of them is
    named."""
    if not draft.items or not device.safeguards.moment_days:
        return None
    readers = {to.identity} if isinstance(to, Contact) else {one.identity for one in to.log.agreed.members}
    found = [
        moment_for(one, _known(one, device), device.safeguards, outgoing=True) for one in readers - {device.identity}
    ]
    newest = min((one for one in found if one is not None), key=_newest_first, default=None)
    if newest is not None:
        count(Consequence.PAUSED, device)
    return newest


def moment_for_files(opened: Opened, device: Device) -> Moment | None:
    """What covers files that came from somebody new until the person says to see them."""
    if not opened.items:
        return None
    return moment_for(opened.sender, _known(opened.sender, device), device.safeguards, outgoing=False)


def reminder_due(message: Message, device: Device) -> Reminder | None:
    """What is said once when somebody new sends a file or a link for the first time."""
    if message.direction is not Direction.IN or not (message.files or has_links(message.text)):
        return None
    rows = device.store.safeguards
    reminder = reminder_for(message.identity, _known(message.identity, device), device.safeguards)
    if reminder is None:
        return None
    with device.store.transaction():
        if not rows.remind(message.identity):
            return None
        rows.count(Consequence.REMINDED)
    return reminder


def opens_links(identity: bytes, device: Device) -> bool:
    """Whether a screen may let links of this person be opened. Of somebody who is no contact it never may."""
    contact = device.store.people.get(identity)
    if contact is None or contact.standing is not Standing.ACCEPTED:
        return identity == device.identity
    return links_open(_known(identity, device), device.safeguards)


def first_contact(identity: bytes, device: Device) -> TooMany | None:
    """Counts somebody who is about to be written to first, by their public card, or says that today's are used up.
    Whoever is known already costs nothing."""
    rows = device.store.safeguards
    if device.store.people.get(identity) is not None:
        return None
    refused = may_write_first(rows.first_contacts(device.today), device.safeguards)
    if refused is None:
        with device.store.transaction():
            rows.note_first_contact(identity, device.today)
    return refused


def count(what: Consequence, device: Device) -> None:
    """Counts what a safeguard led to, on this device alone."""
    with device.store.transaction():
        device.store.safeguards.count(what)


def _known(identity: bytes, device: Device) -> int | None:
    return days_known(device.store.safeguards.met_on(identity), device.today)


def _newest_first(moment: Moment) -> tuple[int, bytes]:
    return (-1 if moment.days is None else moment.days, moment.identity)
