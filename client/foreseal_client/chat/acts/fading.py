"""Commands about what two settle beside their words: messages that disappear, receipts, typing, deleting."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from foreseal_client import words
from foreseal_client.chat.acts.people import person
from foreseal_client.chat.card import Card, Choice
from foreseal_client.chat.meant import meant
from foreseal_client.sealing.notes import Shares
from foreseal_client.store import Direction, Group, Message, State

if TYPE_CHECKING:
    from foreseal_client.chat.desk import ChatDesk

__all__ = ["delete", "read_time", "receipts", "timer", "typing"]

_OFFERED: Final = (("off", 0), ("5m", 300), ("1h", 3600), ("1d", 86_400), ("7d", 604_800))
_TIME: Final = re.compile(r"([0-9]{1,7}) ?([smhd])", re.ASCII)
_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_EXCERPT: Final = 60


def read_time(text: str) -> int | None:
    """Seconds of a time such as 30s, 5m, 8h or 7d; 0 for off, None for what is none."""
    if text.strip().lower() == "off":
        return 0
    found = _TIME.fullmatch(text.strip().lower())
    return None if found is None else int(found[1]) * _UNITS[found[2]]


async def timer(desk: ChatDesk, argument: str) -> None:
    """Sets after which time messages of this conversation disappear. In a group everybody settles it for themselves."""
    current = desk.current
    if current is None:
        desk.face.say("Turn to somebody first: /to NAME.")
        return
    text = argument or await _choose(desk, desk.messenger.conversations.settled(current.id).timer)
    seconds = read_time(text)
    if seconds is None:
        if text != "leave":
            desk.face.say("A time is 30s, 5m, 8h or 7d, or off: /timer 1d")
        return
    if seconds and not desk.device.safeguards.may_disappear:
        desk.face.say("This profile lets no messages disappear: /safeguards says why.")
        return
    if isinstance(current.of, Group):
        desk.messenger.conversations.set_timer_in_group(current.id, seconds)
        how = f"disappears {words.lasting(seconds)} after it was sent" if seconds else "stays"
        desk.face.say(f"What you write to {current.name} {how}. The others settle it for what they write.")
    elif (contact := person(desk)) is not None:
        await desk.messenger.conversations.set_timer(contact, seconds)
    desk.face.status_changed()


async def _choose(desk: ChatDesk, now: int) -> str:
    held = f"They disappear after {words.lasting(now)} now." if now else "They stay now."
    card = Card(
        "Messages that disappear",
        f"What is written from now on. {held} The other side is told. A modified client can keep what it got.",
        (
            Choice("leave", "Leave it"),
            *(Choice(name, words.lasting(length) if length else "Stay") for name, length in _OFFERED),
        ),
    )
    return (await desk.face.ask(card)).choice


async def receipts(desk: ChatDesk, argument: str) -> None:
    """Says or sets whether this person lets the other see what was delivered and read."""
    await _share(desk, argument, Shares.RECEIPTS, "receipts", "what was delivered and read")


async def typing(desk: ChatDesk, argument: str) -> None:
    """Says or sets whether this person lets the other see that they type."""
    await _share(desk, argument, Shares.TYPING, "typing", "that something is being typed")


async def _share(desk: ChatDesk, argument: str, one: Shares, name: str, what: str) -> None:
    contact = person(desk)
    if contact is None:
        return
    if argument not in ("", "on", "off"):
        desk.face.say(f"/{name} on, or /{name} off.")
        return
    settled = desk.messenger.conversations.settled(contact.identity)
    allowed = desk.device.safeguards
    if argument == "on" and not (allowed.may_send_receipts if one is Shares.RECEIPTS else allowed.may_send_typing):
        desk.face.say("This profile tells nobody that: /safeguards says why.")
        return
    if argument:
        wanted = settled.shares | one if argument == "on" else settled.shares & ~one
        settled = await desk.messenger.conversations.share(contact, wanted)
    mine, theirs = one in settled.shares, one in settled.theirs
    if mine and theirs:
        desk.face.say(f"You and {contact.name} let each other see {what}.")
    elif mine:
        desk.face.say(f"You let {contact.name} see {what}, as soon as they let you. Until then nobody is told.")
    else:
        desk.face.say(f"{contact.name} is not told {what}, and neither are you.")


async def delete(desk: ChatDesk, _: str) -> None:
    """Deletes the message that is marked, or the last one: here alone, or an own one for both sides."""
    message = meant(desk, lambda _: True)
    if message is None:
        desk.face.say("There is no message here.")
        return
    reply = await desk.face.ask(delete_card(message))
    if reply.choice == "here":
        desk.messenger.conversations.delete_here(message)
    elif reply.choice == "both":
        await desk.messenger.conversations.delete_for_both(message)


def delete_card(message: Message) -> Card:
    """Which message, and two ways to delete it."""
    whole = " ".join([*message.text.split(), *(file.name for file in message.files), *message.note.split()])
    hidden = message.state is State.WITHHELD
    begin = "(hidden)" if hidden else words.visible(whole[:_EXCERPT] + ("..." if len(whole) > _EXCERPT else ""))
    choices, text = [Choice("leave", "Leave it"), Choice("here", "Delete it here")], "Here alone: nobody is told."
    if message.direction is Direction.OUT and message.state not in (State.NOTICE, State.DELETED):
        choices.append(Choice("both", "Delete it for both sides"))
        text += (
            " For both sides: the other device is asked to delete it as well. A modified client can keep it, and "
            "whoever has seen it has seen it."
        )
    return Card("Delete a message", text, tuple(choices), rows=(("Message", begin or "(no words)"),))
