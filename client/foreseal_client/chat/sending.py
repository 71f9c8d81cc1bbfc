"""Sending what was written: the card when it was stopped, and what can be done then."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from foreseal_client import words
from foreseal_client.chat.appeals import appeal
from foreseal_client.chat.card import Card, Choice, told
from foreseal_client.chat.keys import look_at_key
from foreseal_client.chat.links import listed_link, without
from foreseal_client.device import Device
from foreseal_client.draft import Draft
from foreseal_client.errors import ClientError
from foreseal_client.groups.changes import Impossible
from foreseal_client.new_contacts import count
from foreseal_client.outbound import NotSent, Outcome, Paused, Resting
from foreseal_client.safeguards import words as safe_words
from foreseal_client.safeguards.newness import Moment
from foreseal_client.store import Consequence, Contact, Group, Message, Standing
from foreseal_client.store import Outcome as Review
from foreseal_matcher import Match
from foreseal_matcher.content import Item

if TYPE_CHECKING:
    from foreseal_client.chat.desk import ChatDesk

__all__ = ["held_card", "moment_card", "send", "send_again", "show_why", "why_card"]

_NOT: Final = Choice("not", "Don't send")
_GO_ON: Final = Choice("go-on", "Send")


async def send(desk: ChatDesk, text: str) -> None:
    """Sends a text with what is attached to the open conversation. What is not sent is given back to be written on."""
    if desk.current is None:
        desk.face.give_back(text)
        desk.face.say("Choose somebody first: /to NAME. Nobody there yet? /invite, or /accept an invitation.")
        return
    items, to = desk.attached, desk.current.of
    if isinstance(to, Contact) and to.standing is not Standing.ACCEPTED:
        desk.face.give_back(text)
        desk.face.say(f"{to.name} is blocked: nothing goes there. /unblock takes that back.")
        return
    desk.attach((), keep=True)
    try:
        await _outcome(desk, text, items, to)
    except asyncio.CancelledError:
        desk.face.say("Cancelled before it was sealed. Nothing was sent.")
        _back(desk, text, items)
        raise
    except (ClientError, ValueError, OSError) as fault:
        desk.face.say(str(fault))
        _back(desk, text, items)


async def _outcome(
    desk: ChatDesk, text: str, items: tuple[Item, ...], to: Contact | Group, *, rested: bool = False
) -> None:
    draft = Draft(text, items)
    match await _send(desk, draft, to, rested=rested):
        case Resting(moment):
            reply = await desk.face.ask(moment_card(moment, desk.device))
            if reply.choice == _GO_ON.name:
                await _outcome(desk, text, items, to, rested=True)
            else:
                count(Consequence.CANCELLED, desk.device)
                _back(desk, text, items)
        case NotSent() as stopped:
            desk.face.message(stopped.message)
            await _stopped(desk, draft, stopped, to)
        case Paused(_, change) if isinstance(to, Contact):
            await look_at_key(desk, change, to)
        case Impossible(reason):
            desk.face.say(reason)
            _back(desk, text, items)
        case _:
            pass


async def _send(desk: ChatDesk, draft: Draft, to: Contact | Group, *, rested: bool) -> Outcome | Impossible:
    if isinstance(to, Group):
        return await desk.messenger.groups.send(to.id, draft, rested=rested)
    return await desk.messenger.send(to, draft, rested=rested)


async def _stopped(desk: ChatDesk, draft: Draft, stopped: NotSent, to: Contact | Group) -> None:
    span = listed_link(stopped.held)
    while True:
        reply = await desk.face.ask(held_card(stopped, draft))
        match reply.choice:
            case "why":
                await show_why(desk, stopped.message)
            case "wrong":
                if await appeal(desk, stopped.message):
                    break
            case "anyway":
                await send_again(desk, stopped.message, acknowledged=True)
                return
            case "without-link" if span is not None:
                # Not sealed as it is: what is left is a draft like any other, and is checked as one.
                await _outcome(desk, without(draft.text, span), draft.attachments, to)
                return
            case _:
                count(Consequence.CANCELLED, desk.device)
                break
    desk.device.discard(draft)
    # What was written is the person's own: they may want to send it without the rest.
    desk.face.give_back(draft.text, span)


async def send_again(desk: ChatDesk, message: Message, *, acknowledged: bool = False, rested: bool = False) -> None:
    """Tries once more to send what was stopped; lists, policy and review in force now decide."""
    outcome = await desk.messenger.send_held(message, acknowledged=acknowledged, rested=rested)
    match outcome:
        case Resting(moment):
            reply = await desk.face.ask(moment_card(moment, desk.device))
            if reply.choice == _GO_ON.name:
                await send_again(desk, message, acknowledged=acknowledged, rested=True)
            else:
                count(Consequence.CANCELLED, desk.device)
        case NotSent() as stopped:
            reviewed = desk.device.store.appeals.get(message.id)
            waits = reviewed is not None and reviewed.outcome is Review.WAITING
            desk.face.say(f"It was stopped again. {'Its review waits: /review.' if waits else '/why says what for.'}")
            desk.face.message(stopped.message)
        case Paused(_, change):
            contact = desk.device.store.people.get(message.identity)
            if contact is not None:
                await look_at_key(desk, change, contact)
        case Impossible(reason):
            desk.face.say(reason)
        case _:
            pass


def held_card(stopped: NotSent, draft: Draft) -> Card:
    """Something was stopped before it was sealed. To send it anyway is possible where the gate said so. A listed link
    can always be left out: the rest is checked as any other draft is."""
    held, items = stopped.held, draft.attachments
    span = listed_link(held)
    choices = [_NOT]
    if span is not None and (items or without(draft.text, span)):
        choices.append(Choice("without-link", "Send without it"))
    choices.append(Choice("why", "Why"))
    if isinstance(held.verdict, Match):
        choices.append(Choice("wrong", "This is wrong"))
    if held.may_override:
        choices.append(Choice("anyway", "Send anyway"))
    return Card(
        "Not sent", words.stopped(held.verdict, what=words.thing(held.verdict)), tuple(choices),
        picture=items[held.verdict.item] if span is None and held.verdict.item < len(items) else None,
        marked=None if span is None else (draft.text, span),
    )  # fmt: skip


def moment_card(moment: Moment, device: Device) -> Card:
    """Files are about to go to somebody new, or came from them. Nothing was looked at for it."""
    newest = device.store.people.get(moment.identity)
    name = "Somebody in this group" if newest is None else newest.name
    choices = (
        (_NOT, _GO_ON) if moment.outgoing else (Choice("leave", "Leave them covered"), Choice("look", "Look at them"))
    )
    return Card("Take a moment", safe_words.moment(moment, name), choices)


async def show_why(desk: ChatDesk, message: Message | None) -> None:
    """Explains, and counts that it was asked for."""
    if message is not None:
        count(Consequence.WHY_OPENED, desk.device)
    await desk.face.ask(why_card(message))


def why_card(message: Message | None) -> Card:
    """What the device did about a message, and what left it; coarse, so that it is no gauge."""
    if message is None:
        return told("Why", rows=(("Outcome", "nothing that a list could hold was checked yet"),))
    return told("Why", rows=tuple(words.explained_coarsely(message.verdict, message.cost)))


def _back(desk: ChatDesk, text: str, items: tuple[Item, ...]) -> None:
    desk.face.give_back(text)
    if items and not desk.attached:
        desk.attach(items)
