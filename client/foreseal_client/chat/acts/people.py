"""Commands about people: turning to them, inviting, blocking, comparing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from foreseal_client import words
from foreseal_client.chat.card import Card, Choice, told
from foreseal_client.chat.conversations import Conversation, conversations, named
from foreseal_client.chat.keys import compare, look_at_key
from foreseal_client.chat.strangers import block as block_contact
from foreseal_client.qr import qr_lines
from foreseal_client.store import Contact, Standing

if TYPE_CHECKING:
    from foreseal_client.chat.desk import ChatDesk

__all__ = ["accept", "block", "invite", "key", "people", "person", "pick", "safety", "to", "unblock"]


async def pick(desk: ChatDesk, title: str, text: str, among: Sequence[Conversation]) -> Conversation | None:
    """One of several by its name, or of all that are offered where no name was given; asks where that is not clear."""
    found = named(text, among) if text else list(among)
    if len(found) == 1 and text:
        return found[0]
    if not found:
        desk.face.say(f"Nobody here is called {text!r}. /people names everybody." if text else "There is nobody yet.")
        return None
    choices = [Choice(one.id.hex(), _label(one)) for one in found]
    reply = await desk.face.ask(Card(title, "Which one?" if text else "", (Choice("none", "Nobody"), *choices)))
    return next((one for one in found if one.id.hex() == reply.choice), None)


def _label(one: Conversation) -> str:
    marks = [one.state] if one.state else []
    marks += [f"{one.unread} new"] if one.unread else []
    marks.append(one.id.hex()[:8])
    return f"{words.visible(one.name)} ({', '.join(marks)})"


def person(desk: ChatDesk) -> Contact | None:
    """The contact whose conversation is open; says so where there is none."""
    if desk.current is not None and isinstance(desk.current.of, Contact):
        return desk.device.store.people.get(desk.current.id)
    desk.face.say("This is about one person: turn to them first, /to NAME.")
    return None


async def to(desk: ChatDesk, argument: str) -> None:
    """Turns to a person or a group."""
    chosen = await pick(desk, "Turn to", argument, conversations(desk.device))
    if chosen is not None:
        desk.open(chosen)


async def people(desk: ChatDesk, _: str) -> None:
    """Names everybody."""
    found = conversations(desk.device)
    rows = tuple((words.visible(one.name), _label(one).rpartition(" (")[2].rstrip(")")) for one in found)
    await desk.face.ask(told("People and groups", "" if rows else "Nobody yet: /invite, or /accept.", rows))


async def invite(desk: ChatDesk, _: str) -> None:
    """Makes an invitation; it opens one conversation, for whoever has it."""
    text = await desk.messenger.invite()
    await desk.face.ask(
        Card(
            "Invitation",
            "Give this to one person, by hand or over a way that you trust. It opens one conversation and is good for "
            f"seven days; whoever has it can use it.\n\n{text}",
            code=tuple(qr_lines(text)),
        )
    )


async def accept(desk: ChatDesk, argument: str) -> None:
    """Makes a contact of whoever made the invitation, and turns to them."""
    text = argument
    if not text:
        card = Card(
            "Accept an invitation", "Paste it here. It begins with foreseal:invite:",
            (Choice("none", "Leave it"), Choice("accept", "Accept")), field="foreseal:invite:...",
        )  # fmt: skip
        reply = await desk.face.ask(card)
        text = reply.text if reply.choice == "accept" else ""
    if text.strip():
        contact = await desk.messenger.accept_invitation(text)
        desk.open(Conversation(contact))
        desk.face.say(f"You can write to {contact.name} now. /safety compares the safety number.")


async def block(desk: ChatDesk, _: str) -> None:
    """Blocks this person, after a question."""
    contact = person(desk)
    if contact is None:
        return
    name = words.visible(contact.name)
    card = Card(
        "Block", f"What {name} sends from now on is dropped unread, and soon their relay is refused. They are not "
        "told. /unblock takes it back.",
        (Choice("leave", "Leave it"), Choice("block", f"Block {name}")),
    )  # fmt: skip
    if (await desk.face.ask(card)).choice == "block":
        await block_contact(desk, contact)


async def unblock(desk: ChatDesk, _: str) -> None:
    """Takes in again what this person sends."""
    contact = person(desk)
    if contact is None:
        return
    if contact.standing is not Standing.BLOCKED:
        desk.face.say(f"{contact.name} is not blocked.")
        return
    free = await desk.messenger.unblock(contact)
    desk.changed()
    if free.standing is Standing.REQUESTED:
        desk.open(None)
        desk.face.say(f"{free.name} can ask again to write to you. What they sent before was dropped.")
    else:
        desk.face.say(
            f"{free.name} is a contact again. What they sent before was dropped; they reach you again once something "
            "of yours has reached them."
        )


async def safety(desk: ChatDesk, _: str) -> None:
    """Compares the safety number."""
    contact = person(desk)
    if contact is not None:
        await compare(desk, contact)


async def key(desk: ChatDesk, _: str) -> None:
    """Looks at a new key that was left for later."""
    contact = person(desk)
    if contact is None:
        return
    change = desk.device.store.trust.unseen(contact.identity)
    if change is None:
        desk.face.say(f"There is no new key of {contact.name} to look at.")
    else:
        await look_at_key(desk, change, contact)
