"""Strangers and new contacts in the chat: requests, the first letter to somebody, and the one reminder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from foreseal_client.chat.card import Card, Choice
from foreseal_client.chat.conversations import Conversation
from foreseal_client.chat.keys import compare
from foreseal_client.safeguards import words
from foreseal_client.safeguards.first_contacts import TooMany
from foreseal_client.safeguards.newness import Reminder
from foreseal_client.safeguards.requests import Request
from foreseal_client.shown import visible
from foreseal_client.store import Contact, Standing

if TYPE_CHECKING:
    from foreseal_client.chat.desk import ChatDesk

__all__ = ["answer", "begin", "block", "remind", "request_card"]


async def answer(desk: ChatDesk, asked: Request) -> None:
    """Shows a request and does what was decided; none of it but the letter that follows shows from outside."""
    stranger = desk.device.store.people.get(asked.identity)
    if stranger is None or stranger.standing is not Standing.REQUESTED:
        return
    reply = await desk.face.ask(request_card(asked))
    match reply.choice:
        case "accept":
            await desk.messenger.accept_request(stranger)
            known = desk.device.store.people.get(asked.identity)
            desk.open(Conversation(known or stranger))
        case "block":
            desk.messenger.requests.block(stranger)
            desk.face.say(words.blocked(stranger.name))
        case "keep":
            kept = desk.messenger.requests.keep(stranger)
            desk.face.say(f"{kept} letters. {words.EVIDENCE_KEPT}")
            await answer(desk, asked)
        case _:
            desk.messenger.requests.leave(stranger)


def request_card(asked: Request) -> Card:
    """Words alone: no picture is drawn and no link can be opened."""
    wrote = visible(asked.text, lines=True) or "(no words)"
    choices = (
        Choice("leave", "Leave it"), Choice("accept", "Accept"), Choice("block", "Block"),
        Choice("keep", "Keep it as evidence"),
    )  # fmt: skip
    return Card("A request", " ".join(words.request(asked)), choices, rows=(("They wrote", wrote),))


async def begin(desk: ChatDesk, card: str) -> None:
    """Turns to whoever a public card is of. Nothing reaches them before something is written."""
    outcome = await desk.messenger.requests.begin(card)
    if isinstance(outcome, TooMany):
        desk.face.say(words.first_contacts_used_up(outcome))
        return
    name, way_on = outcome.name, {Standing.REQUESTED: "/requests", Standing.BLOCKED: "/unblock"}.get(outcome.standing)
    if way_on == "/requests":
        desk.face.say(f"{name} asks to write to you already: /requests")
        return
    desk.open(Conversation(outcome))
    if way_on is not None:
        desk.face.say(f"{name} is blocked: {way_on}")
    elif not outcome.token:
        desk.face.say(f"What you write to {name} is a request there until they answer. They may leave it unanswered.")


async def remind(desk: ChatDesk, about: Reminder) -> None:
    """Somebody new has sent a file or a link for the first time. It is said once for each contact."""
    contact = desk.device.store.people.get(about.identity)
    if contact is None:
        return
    card = Card(
        "Somebody new", words.reminder(about, contact.name),
        (Choice("close", "Close"), Choice("safety", "Compare the safety number"), Choice("block", "Block them")),
    )  # fmt: skip
    match (await desk.face.ask(card)).choice:
        case "safety":
            await compare(desk, contact)
        case "block":
            await block(desk, contact)
        case _:
            pass


async def block(desk: ChatDesk, contact: Contact) -> None:
    """Blocks, and gives the mailbox another token."""
    await desk.messenger.block(contact)
    desk.face.say(f"{contact.name} is blocked. What they send is dropped unread.")
    desk.changed()
