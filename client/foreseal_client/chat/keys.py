"""Somebody known under a new key, and comparing a safety number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from foreseal_client import contacts, words
from foreseal_client.chat.card import CLOSE, Card, Choice
from foreseal_client.qr import qr_lines
from foreseal_client.store import Contact, KeyChange

if TYPE_CHECKING:
    from foreseal_client.chat.desk import ChatDesk

__all__ = ["compare", "key_card", "look_at_key", "look_at_relay", "relay_card"]

_COMPARE: Final = (
    "Compare it with {name}, not over this chat: read the digits to each other, or let one scan the other's code. "
    "The same on both sides: nobody stands between you."
)


async def look_at_key(desk: ChatDesk, change: KeyChange, contact: Contact) -> None:
    """Shows the card, one at a time, and does what was decided."""
    if change.identity in desk.looking:
        return
    desk.looking.add(change.identity)
    try:
        reply = await desk.face.ask(key_card(desk, change, contact))
    finally:
        desk.looking.discard(change.identity)
    if reply.choice == "accept":
        await desk.messenger.accept_key(change)
    elif reply.choice == "block":
        newcomer = desk.device.store.people.get(change.identity)
        await desk.messenger.block(newcomer or contact)
    desk.changed()


async def look_at_relay(desk: ChatDesk, relay: str, reason: str) -> None:
    """A relay shows other keys for tokens than it showed first; the person alone can say that they are new. Once for
    each relay and start."""
    if relay in desk.looking:
        return
    desk.looking.add(relay)
    if (await desk.face.ask(relay_card(relay, reason))).choice == "forget":
        desk.messenger.first_contact.forget_keys(relay)
        desk.face.say(
            "The keys that it shows next are taken for its own. Tokens are drawn with the next connection, or tomorrow "
            "where today's were drawn."
        )


def relay_card(relay: str, reason: str) -> Card:
    """Why no tokens are drawn there, and the way out."""
    return Card(
        "Other keys at a relay", reason, (Choice("later", "Not now"), Choice("forget", "I asked: forget the old ones")),
        rows=(("Relay", words.visible(relay)),), loud=True,
    )  # fmt: skip


def key_card(desk: ChatDesk, change: KeyChange, contact: Contact) -> Card:
    """What is known of a new key, and three ways on."""
    was_verified = desk.device.store.trust.verified_on(change.earlier) is not None
    return Card(
        "A new key", words.key_changed(change, contact.name, was_verified=was_verified),
        (Choice("later", "Not now"), Choice("accept", "I asked: send to the new key"), Choice("block", "Block it")),
        loud=True,
    )  # fmt: skip


async def compare(desk: ChatDesk, peer: Contact) -> None:
    """Shows the safety number, as digits and to be scanned, and keeps what came of comparing it."""
    device = desk.device
    groups = device.safety_number(peer).split()
    digits = "\n".join("   ".join(groups[start : start + 4]) for start in range(0, len(groups), 4))
    now = "compared before" if contacts.verified(peer, device) else "not compared yet"
    card = Card(
        "Safety number", f"{_COMPARE.format(name=words.visible(peer.name))}\n\n{digits}\n",
        (CLOSE, Choice("same", "They are the same"), Choice("differ", "They differ")), rows=(("Until now", now),),
        code=tuple(qr_lines(contacts.code_to_show(peer, device))), field="what a scanner read from the other screen",
    )  # fmt: skip
    reply = await desk.face.ask(card)
    if reply.choice == "same":
        contacts.mark_verified(peer, device)
    elif reply.choice == "differ":
        contacts.unmark(peer, device)
    elif reply.text.strip():
        desk.face.say(words.compared(contacts.scan(reply.text, peer, device), peer.name))
    desk.face.status_changed()
