"""Who is known to be who they say they are: verified safety numbers, cards, and a known person under a new key.

A contact *is* an identity key, so a known person with another key is somebody new to every rule but these. The key of
a person changes when they set up a device from nothing; a device restored from a backup keeps it. Nobody but the two
people can tell that from somebody who stepped in between. So a newcomer who takes the place of a contact (their
mailbox, or just their name) is a `KeyChange`: it is said loudly, nothing leaves for it, and no mark of the contact's
is carried over, until the person has looked.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from foreseal_client.cards import Card, parse_card
from foreseal_client.device import Device
from foreseal_client.errors import CardError
from foreseal_client.sealing.safety_number import Comparison, compare_scanned, safety_code
from foreseal_client.store import Contact, Evidence, KeyChange, Message, Standing, Store
from foreseal_client.words import key_looked_at, key_noticed

__all__ = [
    "code_to_show", "key_change", "look_at", "mark_verified", "meet", "read_card", "scan", "unmark", "verified",
]  # fmt: skip


def key_change(newcomer: Contact, known: Iterable[Contact], *, proven: bool, today: int) -> KeyChange | None:
    """Whose place somebody new takes, if anybody's. `proven`: whether a bundle for their mailbox, signed by their key,
    came from the relay; a letter alone can name any mailbox as its own. `today`: days since 1970."""
    others = [c for c in known if c.identity != newcomer.identity and c.standing is Standing.ACCEPTED]
    by_mailbox = Evidence.MAILBOX if proven else Evidence.CLAIM
    for other in others:
        if other.mailbox == newcomer.mailbox:
            return KeyChange(newcomer.identity, other.identity, by_mailbox, today)
    for other in others:
        if _folded(other.name) == _folded(newcomer.name):
            return KeyChange(newcomer.identity, other.identity, Evidence.NAME, today)
    return None


def meet(newcomer: Contact, store: Store, *, proven: bool, now: int, today: int) -> KeyChange | None:
    """Somebody became a contact just now: notes in both conversations when they take somebody's place. The caller
    holds the transaction. Returns what is to be looked at."""
    change = key_change(newcomer, store.people.all(), proven=proven, today=today)
    if change is None or not store.trust.note(change):
        return None
    earlier = store.people.get(change.earlier)
    was_verified = store.trust.verified_on(change.earlier) is not None
    if change.evidence is Evidence.MAILBOX:
        store.trust.unverify(change.earlier)
    note = key_noticed(change, newcomer.name, was_verified=was_verified)
    store.history.notice(newcomer.identity, note, at=now)
    if earlier is not None:
        store.history.notice(earlier.identity, note, at=now)
    return change


def look_at(change: KeyChange, device: Device) -> tuple[Message, ...]:
    """The person has looked at a change and lets messages go to the new key. It is not verified by that. Returns the
    lines that stay of it in both conversations."""
    store = device.store
    with store.transaction():
        store.trust.look(change)
        store.outbox.unpark(change.identity)
        store.outbox.unpark(change.earlier)
        both = (change.identity, change.earlier)
        return tuple(store.history.notice(identity, key_looked_at(), at=device.now) for identity in both)


def verified(contact: Contact, device: Device) -> bool:
    """Whether the safety number with this contact was compared, under the key they have now."""
    return device.store.trust.verified_on(contact.identity) is not None


def mark_verified(contact: Contact, device: Device) -> None:
    """The person compared the safety number and says that it is the same."""
    with device.store.transaction():
        device.store.trust.verify(contact.identity, device.today)


def unmark(contact: Contact, device: Device) -> None:
    """It does not count as compared any more."""
    with device.store.transaction():
        device.store.trust.unverify(contact.identity)


def code_to_show(contact: Contact, device: Device) -> str:
    """What the other person scans from this device's screen."""
    return safety_code(device.account.keys.identity_public, contact.identity)


def scan(text: str, contact: Contact, device: Device) -> Comparison:
    """What was scanned from the contact's screen; marks them verified when it is `SAME`, and takes the mark away when
    it is `DIFFERENT`."""
    found = compare_scanned(text, device.account.keys.identity_public, contact.identity)
    if found is Comparison.SAME:
        mark_verified(contact, device)
    elif found is Comparison.DIFFERENT:
        unmark(contact, device)
    return found


def read_card(text: str, device: Device) -> tuple[Card, Contact | None]:
    """Somebody's public card, and the contact whose key it carries. Raises `CardError`; also for a card that names
    the mailbox of a contact under another key than theirs."""
    card = parse_card(text)
    if card.identity == device.account.keys.identity_public:
        raise CardError("This is your own card.")
    for contact in device.store.people.all():
        if contact.identity == card.identity:
            return card, contact
        if contact.mailbox == card.mailbox:
            raise CardError(
                f"This card has another key for the mailbox of {contact.name} than the one known here. Either they "
                "set up their device anew, or the card was exchanged on its way. Ask them, but not over this chat."
            )
    return card, None


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
