"""Commands about strangers: requests, the directory, the open room, one's own card, who may write first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from foreseal_client.addresses import is_relay_url
from foreseal_client.chat.card import Card, Choice
from foreseal_client.chat.guarding import change
from foreseal_client.chat.strangers import answer, begin
from foreseal_client.public_cards import Found
from foreseal_client.qr import qr_lines
from foreseal_client.safeguards.asked import in_force
from foreseal_client.safeguards.settings import Requests
from foreseal_client.safeguards.words import PUBLIC, requests_waiting
from foreseal_client.shown import visible

if TYPE_CHECKING:
    from foreseal_client.chat.desk import ChatDesk
    from foreseal_client.safeguards.requests import Request

__all__ = ["card", "find", "requests", "room", "strangers", "write"]

_OPEN: Final = "Whoever has your card can write to you, as a request: words only, until you accept."
_CLOSED: Final = "Nobody can write to you first but by an invitation of yours."


async def requests(desk: ChatDesk, argument: str) -> None:
    """Shows who asks to write to this person, and what to do about it."""
    found = [one for one in await desk.messenger.requests.all() if one.name.casefold().startswith(argument.casefold())]
    if not found:
        desk.face.say(f"Nobody who asks is called {argument!r}." if argument else requests_waiting(0))
        return
    chosen = found[0] if len(found) == 1 else await _one_of(desk, found)
    if chosen is not None:
        await answer(desk, chosen)
        desk.changed()


async def _one_of(desk: ChatDesk, found: list[Request]) -> Request | None:
    labels = [f"{visible(one.name)} ({one.identity.hex()[:8]}){', left' if one.left else ''}" for one in found]
    choices = [Choice(one.identity.hex(), label) for one, label in zip(found, labels, strict=True)]
    reply = await desk.face.ask(Card(requests_waiting(len(found)), "", (Choice("none", "Close"), *choices)))
    return next((one for one in found if one.identity.hex() == reply.choice), None)


async def find(desk: ChatDesk, argument: str) -> None:
    """Looks up exactly this handle, at one's own relay or another."""
    handle, _, relay = argument.partition(" ")
    relay = relay.strip().rstrip("/") or desk.device.account.relay
    if not handle or not is_relay_url(relay):
        desk.face.say("A handle is looked up exactly as it is spelt: /find HANDLE, or /find HANDLE https://relay")
        return
    async with desk.links(relay) as link:
        found = await link.directory.find(handle, desk.device.today)
    if found is None:
        desk.face.say(f"The handle {handle} leads nowhere at this relay.")
        return
    reply = await desk.face.ask(found_card(found))
    if reply.choice == "write":
        await begin(desk, found.text)


def found_card(found: Found) -> Card:
    """Where a handle leads. A signature shows whose key it is, and not who has the key."""
    rows = (("Handle", found.handle), ("Name", visible(found.card.name)), ("Relay", visible(found.card.relay)))
    return Card("Found", PUBLIC, (Choice("close", "Close"), Choice("write", "Write to them")), rows=rows)


async def room(desk: ChatDesk, _: str) -> None:
    """Shows what people left in the open room of one's own relay."""
    async with desk.links(desk.device.account.relay) as link:
        notes, false = await link.directory.room(desk.device.today)
    if false:
        desk.face.say(f"Left out, because their makers did not sign them: {false}.")
    others = [one for one in notes if one.card.identity != desk.device.identity]
    if not others:
        desk.face.say("Nobody else has left a note in the open room.")
        return
    offered = [Choice(str(at), visible(f"{one.card.name}: {one.line}")) for at, one in enumerate(others)]
    reply = await desk.face.ask(Card("The open room", PUBLIC, (Choice("close", "Close"), *offered)))
    if reply.choice.isdigit():
        await begin(desk, others[int(reply.choice)].text)


async def card(desk: ChatDesk, _: str) -> None:
    """Shows one's own card, as text and to be scanned."""
    text = desk.device.card()
    said = (
        "Your card says where letters to you go. Anybody may have it; it opens nothing by itself. "
        f"{_OPEN if _is_open(desk) else _CLOSED} /strangers changes that.\n\n{text}"
    )
    await desk.face.ask(Card("Your card", said, code=tuple(qr_lines(text))))


async def write(desk: ChatDesk, argument: str) -> None:
    """Turns to somebody of whom only the card is known."""
    text = argument
    if not text:
        asked = Card(
            "Write to a stranger", "Paste their card here. It begins with foreseal:card:",
            (Choice("none", "Leave it"), Choice("write", "Write to them")), field="foreseal:card:...",
        )  # fmt: skip
        reply = await desk.face.ask(asked)
        text = reply.text if reply.choice == "write" else ""
    if text.strip():
        await begin(desk, text.strip())


async def strangers(desk: ChatDesk, argument: str) -> None:
    """Says or sets whether people who only have this person's card may write. Settings and relay are kept in step."""
    if argument not in ("", "on", "off"):
        desk.face.say("/strangers on lets whoever has your card write to you, /strangers off nobody.")
        return
    if argument:
        wanted = Requests.ANYONE if argument == "on" else Requests.INVITED
        settings = msgspec.structs.replace(desk.device.store.safeguards.settings(), requests=wanted)
        if in_force(settings, desk.device.asked).settings.requests is not wanted:
            desk.face.say("The settings ask for more than the profile: foreseal config show says which place does.")
            return
        if not await change(desk, settings):
            return
        await desk.messenger.first_contact.take_requests(is_open=argument == "on")
    desk.face.say(_OPEN if _is_open(desk) else _CLOSED)


def _is_open(desk: ChatDesk) -> bool:
    return desk.device.store.account.takes_requests() and desk.device.safeguards.requests is Requests.ANYONE
