"""Commands about what is on the screen: files, search, older messages, help, colours, the end."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from foreseal_client import words
from foreseal_client.chat.card import Card, Choice
from foreseal_client.chat.conversations import author, conversation_of
from foreseal_client.draft import MAX_ATTACHMENTS
from foreseal_client.store import Message

if TYPE_CHECKING:
    from foreseal_client.chat.desk import ChatDesk

__all__ = ["attach", "end", "older", "search", "show_help", "theme"]

_FOUND: Final = 20
"""Messages that a search shows at once."""
_EXCERPT: Final = 46
"""Characters of a message that was found."""


async def attach(desk: ChatDesk, argument: str) -> None:
    """Attaches one more file to the next message. It is read in a thread: a large one takes a second."""
    path = Path(argument).expanduser() if argument else await desk.face.choose_file()
    if path is None:
        return
    if len(desk.attached) == MAX_ATTACHMENTS:
        desk.face.say(f"A message holds at most {MAX_ATTACHMENTS} files.")
        return
    try:
        item = await asyncio.to_thread(desk.device.attach, path)
    except (OSError, ValueError) as fault:
        desk.face.say(f"{path} cannot be attached: {getattr(fault, 'strerror', None) or fault}")
        return
    desk.attach((*desk.attached, item))


async def search(desk: ChatDesk, argument: str) -> None:
    """Finds words: in the open conversation, and where they are not there, in all of them."""
    phrase = argument
    if not phrase:
        choices = (Choice("leave", "Leave it"), Choice("search", "Search"))
        text = "In this conversation; where it is not there, in all. What is hidden is not searched."
        reply = await desk.face.ask(Card("Search", text, choices, field="words"))
        phrase = reply.text.strip() if reply.choice == "search" else ""
    if not phrase:
        return
    reading = desk.device.store.reading
    here = [] if desk.current is None else reading.find(phrase, desk.current.id, limit=_FOUND)
    found = [desk.device.store.history.get(number) for number in here or reading.find(phrase, limit=_FOUND)]
    messages = [message for message in found if message is not None]
    if not messages:
        desk.face.say(f"Nothing that was written or shown here holds {phrase!r}.")
        return
    where = "this conversation" if here else "all conversations"
    offered = (Choice("close", "Close"), *(Choice(str(one.id), _excerpt(desk, one, phrase)) for one in messages))
    reply = await desk.face.ask(Card(f"Found in {where}", "The newest first.", offered))
    chosen = next((message for message in messages if str(message.id) == reply.choice), None)
    there = None if chosen is None else conversation_of(chosen, desk.device)
    if chosen is not None and there is not None:
        if desk.current is None or desk.current.id != there.id:
            desk.open(there)
        desk.face.show(chosen)


def _excerpt(desk: ChatDesk, message: Message, phrase: str) -> str:
    whole = " ".join([*message.text.split(), *(file.name for file in message.files)])
    start = max(0, whole.casefold().find(phrase.casefold()) - 12)
    there = conversation_of(message, desk.device)
    day = time.strftime("%Y-%m-%d", time.localtime(message.at))
    name = "" if there is None else f"{there.name}, "
    return words.visible(f"{day} {name}{author(message, desk.device)}: {whole[start : start + _EXCERPT]}")


async def older(desk: ChatDesk, _: str) -> None:
    """Shows what was written before."""
    desk.face.older()


async def show_help(desk: ChatDesk, _: str) -> None:
    """Every command and its key."""
    await desk.face.help()


async def theme(desk: ChatDesk, _: str) -> None:
    """The other colours."""
    desk.face.toggle_theme()


async def end(desk: ChatDesk, _: str) -> None:
    """Ends the program."""
    desk.face.quit()
