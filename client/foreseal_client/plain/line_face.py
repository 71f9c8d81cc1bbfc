"""The chat in lines: reads a line, carries it out, writes lines. What stands in a pipe works as well as a person."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final

from foreseal_client import words
from foreseal_client.chat.banner import banner
from foreseal_client.chat.card import Card, Choice, Reply
from foreseal_client.chat.commands import COMMANDS, help_rows
from foreseal_client.chat.conversations import author, page, readable
from foreseal_client.chat.desk import ChatDesk
from foreseal_client.chat.states import mark_of
from foreseal_client.events import Transferred
from foreseal_client.plain.lines import card_lines, message_lines, moved_on
from foreseal_client.store import Message, State

__all__ = ["LineFace"]

_FEW: Final = 20
"""Messages that are written when a conversation is opened, or older ones are asked for."""


class LineFace:
    """`write`: writes one line. `lines`: what comes in, None at its end; cards are answered from it too.
    `secret`: reads a passphrase without echo, where that can be done."""

    def __init__(
        self,
        write: Callable[[str], None],
        lines: asyncio.Queue[str | None],
        secret: Callable[[str], str] | None = None,
    ) -> None:
        self._write = write
        self._lines = lines
        self._secret = secret
        self._status = ""
        self._first: int | None = None
        self._written: dict[int, tuple[str, str]] = {}
        self._ended = False
        self._asking = asyncio.Lock()
        self._idle = False
        self._awaited: asyncio.Future[str | None] | None = None
        self.desk: ChatDesk | None = None

    async def run(self, desk: ChatDesk) -> None:
        """Until the last line, or /quit. A line that is no command is a message."""
        self.desk = desk
        self.say(words.CHAT)
        self.say("/help lists the commands.")
        self.status_changed()
        await desk.line("/people")
        if desk.waiting:
            desk.say_who_waits()
        while not self._ended:
            text = await self._line()
            if text is None:
                return
            if len(text) > 1 and text[0] == "/" and text[1:].isdigit():
                self.say("There is no card to answer.")
            elif text.strip():
                await desk.line(text.replace("\\n", "\n") if not text.startswith("/") else text)

    async def _next(self) -> str | None:
        text = None if self._ended else await self._lines.get()
        # Also where a card was asked for it: no further line comes, and nobody would end what waits for one.
        self._ended = self._ended or text is None
        return text

    async def _line(self) -> str | None:
        """The next line that answers no card. One that opens by itself, while a line is waited for, gets that line."""
        while True:
            async with self._asking:  # an open card is answered first
                self._idle = True
            try:
                text = await self._next()
            finally:
                self._idle = False
            if self._awaited is None:
                return text
            self._awaited.set_result(text)

    async def _answer(self) -> str | None:
        if not self._idle:
            return await self._next()
        self._awaited = asyncio.get_running_loop().create_future()
        try:
            return await self._awaited
        finally:
            self._awaited = None

    # --- the face -----------------------------------------------------------------------------------------------

    @property
    def opens_cards(self) -> bool:
        """What can wait is said, and asked with the command for it."""
        return False

    def say(self, text: str) -> None:
        """A line that begins with two stars: nobody's message does."""
        for line in words.visible(text, lines=True).split("\n"):
            self._write(f"** {line}")

    def opened(self) -> None:
        """Names the conversation and writes its last messages."""
        desk = self.desk
        if desk is None or desk.current is None:
            return
        mark = "compared" if desk.verified else "not compared: /safety"
        about = "a group" if desk.current.state in ("group", "left") else f"safety number {mark}"
        self.say(f"With {desk.current.name} ({about}).")
        self._page(None)

    def _page(self, before: int | None) -> None:
        desk = self.desk
        if desk is None or desk.current is None:
            return
        found = page(desk.current, desk.device, before, _FEW)
        if not found:
            self.say("Nothing older." if before is not None else "Nothing was written yet.")
            return
        for message in found:
            self._written.pop(message.id, None)
            self.message(message)
        desk.seen(found)
        self._first = found[0].id

    def message(self, message: Message) -> None:
        """Writes it, again when it has moved on."""
        known = self._written.get(message.id)
        self._written[message.id] = now = mark_of(message), message.note
        if self.desk is None or known == now:
            return
        if known is not None and message.state not in (State.SHOWN, State.RELEASED) and not message.note:
            self.say(moved_on(message))
            return
        for line in message_lines(message, author(message, self.desk.device), readable(message, self.desk.device)):
            self._write(line)

    def gone(self, message: int) -> None:
        """Says so: what was written cannot be taken back from lines."""
        if self._written.pop(message, None) is not None:
            self.say("A message disappeared or was deleted. This device keeps nothing of it; it may still stand above.")

    def people_changed(self) -> None:
        """Nothing: /people tells when it is asked."""

    def status_changed(self) -> None:
        """Writes policy, lists and connection when they are other ones; what each check took comes with /why."""
        desk = self.desk
        if desk is None:
            return
        device = desk.device
        line = words.status(device.policy, device.lists.describe(device.date), device.lists, None)
        attached = ", ".join(words.visible(item.name) for item in desk.attached)
        line = f"{line} - {'connected' if desk.online else 'not connected'}"
        line = f"{line} - attached: {attached}" if attached else line
        line = f"{line} - {guarded}" if (guarded := banner(device)) else line
        if line != self._status:
            self._status = line
            self.say(line)

    def transferred(self, event: Transferred) -> None:
        """Its end alone: a bar in lines would be noise."""
        if event.done >= event.total:
            self.say(f"{event.total / 1e6:.1f} MB are over.")

    async def ask(self, card: Card) -> Reply:
        """Writes the card; a line answers it. A card that comes while another is open waits for it."""
        async with self._asking:
            for line in card_lines(card):
                self._write(line)
            if len(card.choices) == 1 and card.field is None:
                return card.safe
            while True:
                text = await self._answer()
                if text is None:
                    return card.safe
                reply = await self._reply(card, text)
                if reply is not None:
                    return reply
                self.say(f"Type a number from 1 to {len(card.choices)}.")

    async def _reply(self, card: Card, text: str) -> Reply | None:
        number, _, rest = text.strip().partition(" ")
        if not number:
            return card.safe
        if not (number.isascii() and number.isdigit() and 1 <= int(number[:4]) <= len(card.choices)):
            return None
        chosen: Choice = card.choices[int(number[:4]) - 1]
        if card.secret and self._secret is not None and chosen.name != card.safe.choice and not rest:
            rest = await asyncio.to_thread(self._secret, "passphrase: ")
        return Reply(chosen.name, rest)

    async def choose_file(self) -> Path | None:
        """Asks for a path."""
        self.say("Which file? Its path, or Enter alone for none.")
        text = await self._next()
        return Path(text.strip()).expanduser() if text and text.strip() else None

    def selected(self) -> Message | None:
        """Lines cannot be marked: commands take the last message that they are for."""
        return None

    def give_back(self, text: str, span: tuple[int, int] | None = None) -> None:
        """Says that it was not sent: it still stands above."""
        if text.strip():
            self.say("Your text was not sent; it stands above.")

    def older(self) -> None:
        """Writes the messages in front of those written."""
        self._page(self._first)

    def show(self, message: Message) -> None:
        """Writes it with what came before it."""
        self._page(message.id + 1)

    async def help(self) -> None:
        """Every command; there are no keys here."""
        self._write("What you write is sent; a line that begins with a slash is a command:")
        for name, what in help_rows(dict.fromkeys(COMMANDS, "")):
            self._write(f"{name.strip()}: {what}")

    def toggle_theme(self) -> None:
        """There are no colours."""
        self.say("There are no colours here.")

    def quit(self) -> None:
        """Ends after this line."""
        self._ended = True
