"""Commands about groups. What a change comes to is said by the rules of `groups/`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from foreseal_client import words
from foreseal_client.chat.acts.people import pick
from foreseal_client.chat.card import Card, Choice, told
from foreseal_client.chat.conversations import Conversation, conversations
from foreseal_client.group_changes import member_of
from foreseal_client.groups.changes import Add, Change, Impossible, Leave, Remove, Rename
from foreseal_client.groups.state import Member
from foreseal_client.store import Contact, Group, Standing
from foreseal_matcher import Held

if TYPE_CHECKING:
    from foreseal_client.chat.desk import ChatDesk

__all__ = ["add", "group", "leave", "members", "remove", "rename"]


def _group(desk: ChatDesk) -> Group | None:
    if desk.current is not None and isinstance(desk.current.of, Group):
        return desk.messenger.groups.get(desk.current.id)
    desk.face.say("This is about a group: turn to one first, /to NAME, or found one, /group NAME.")
    return None


async def _name(desk: ChatDesk, title: str, given: str) -> str:
    if given:
        return given
    choices = (Choice("leave", "Leave it"), Choice("go-on", "Go on"))
    reply = await desk.face.ask(Card(title, "Everybody in it sees the name.", choices, field="name of the group"))
    return reply.text.strip() if reply.choice == "go-on" else ""


def _done(desk: ChatDesk, outcome: Group | Impossible | Held) -> Group | None:
    match outcome:
        case Group():
            desk.reopened()
            desk.face.people_changed()
            desk.face.status_changed()
            return outcome
        case Impossible(reason):
            desk.face.say(reason)
        case Held():
            desk.face.say(f"This name was stopped: it {words.outcome(outcome.verdict)}. Nothing was changed.")
    return None


async def _change(desk: ChatDesk, change: Change) -> Group | None:
    found = _group(desk)
    return None if found is None else _done(desk, await desk.messenger.groups.change(found.id, change))


async def group(desk: ChatDesk, argument: str) -> None:
    """Founds a group with nobody else in it yet."""
    name = await _name(desk, "A new group", argument)
    if not name:
        return
    made = _done(desk, await desk.messenger.groups.found(name, []))
    if made is not None:
        desk.open(Conversation(made))
        desk.face.say(f"The group {made.name} is there, with you in it. /add NAME takes somebody in.")


async def members(desk: ChatDesk, _: str) -> None:
    """Names who is in it, and who may change it."""
    found = _group(desk)
    if found is None:
        return
    agreed = found.log.agreed
    admins = agreed.in_force.state.admins
    rows = tuple((words.visible(one.name), "admin" if one.identity in admins else "member") for one in agreed.members)
    await desk.face.ask(told(f"Who is in {words.visible(found.name)}", rows=rows))


async def add(desk: ChatDesk, argument: str) -> None:
    """Takes a contact in."""
    found = _group(desk)
    if found is None:
        return
    inside = {one.identity for one in found.log.agreed.members}
    among = [
        one
        for one in conversations(desk.device)
        if isinstance(one.of, Contact) and one.of.standing is Standing.ACCEPTED and one.id not in inside
    ]
    chosen = await pick(desk, f"Take into {words.visible(found.name)}", argument, among)
    if chosen is not None and isinstance(chosen.of, Contact) and await _change(desk, Add(member_of(chosen.of))):
        desk.face.say(f"{chosen.name} is in the group. They read what is written from now on.")


async def remove(desk: ChatDesk, argument: str) -> None:
    """Puts a member out."""
    found = _group(desk)
    if found is None:
        return
    others = [one for one in found.log.agreed.members if one.identity != desk.device.identity]
    chosen = await _member(desk, f"Put out of {words.visible(found.name)}", argument, others)
    if chosen is not None and await _change(desk, Remove(chosen.identity)):
        desk.face.say(f"{chosen.name} is out of the group. They read nothing that is written from now on.")


async def _member(desk: ChatDesk, title: str, text: str, among: list[Member]) -> Member | None:
    found = [one for one in among if one.name.casefold().startswith(text.casefold())]
    if len(found) == 1 and text:
        return found[0]
    if not found:
        desk.face.say(f"Nobody in this group is called {text!r}. /members names everybody.")
        return None
    choices = [Choice(one.identity.hex(), f"{words.visible(one.name)} ({one.identity.hex()[:8]})") for one in found]
    reply = await desk.face.ask(Card(title, "Which one?" if text else "", (Choice("none", "Nobody"), *choices)))
    return next((one for one in found if one.identity.hex() == reply.choice), None)


async def rename(desk: ChatDesk, argument: str) -> None:
    """Calls it otherwise."""
    if _group(desk) is None:
        return
    name = await _name(desk, "Rename the group", argument)
    if name and await _change(desk, Rename(name)):
        desk.face.say(f"The group is called {name} now.")


async def leave(desk: ChatDesk, _: str) -> None:
    """Leaves, after a question."""
    found = _group(desk)
    if found is None:
        return
    card = Card(
        "Leave the group",
        f"Nothing of {words.visible(found.name)} comes or goes any more. What was written stays here.",
        (Choice("stay", "Stay"), Choice("leave", "Leave")),
    )  # fmt: skip
    if (await desk.face.ask(card)).choice == "leave" and await _change(desk, Leave()):
        desk.face.say(f"You left {found.name}.")
