"""One message of a conversation."""

from __future__ import annotations

from typing import Final

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from foreseal_client import words
from foreseal_client.chat.states import MARKS
from foreseal_client.store import Direction, Message, State
from foreseal_client.tui.halfblocks import picture

__all__ = ["Bubble"]

_CELLS: Final = (30, 9)
"""Columns and rows that a picture may take."""


class Bubble(Vertical):
    """Who, what became of it, the text and the pictures. What is withheld is drawn blurred, and its text not at all."""

    def __init__(self, message: Message, peer: str) -> None:
        super().__init__(id=f"message-{message.id}", classes=f"{message.direction} {message.state}")
        self.message = message
        self._peer = peer

    def compose(self) -> ComposeResult:
        """From the top: head, words or text, pictures, note."""
        hidden = self.message.state is State.WITHHELD
        blurred = self.message.state in (State.WITHHELD, State.COVERED, State.HELD)
        yield Static(self._head(), classes="head")
        if hidden:
            yield Static(Text(words.HIDDEN))
        elif self.message.text:
            yield Static(Text(words.visible(self.message.text, lines=True)))
        for file in self.message.files:
            yield Static(picture(file, *_CELLS, blurred=blurred), classes="picture")
            yield Static(Text(f"{words.visible(file.name)} ({file.size:,} bytes)"), classes="file")
        if self.message.note:
            yield Static(Text(words.visible(self.message.note)), classes="note")

    async def move_on(self, message: Message) -> None:
        """The message has another state now."""
        self.set_classes(f"{message.direction} {message.state}")
        self.message = message
        await self.recompose()

    @property
    def summary(self) -> str:
        """One line: who, what became of it, and the text where it is shown."""
        text = "" if self.message.state is State.WITHHELD else words.visible(self.message.text)
        return f"{self._head().plain}{f': {text}' if text else ''}"

    def _head(self) -> Text:
        message = self.message
        if message.state is State.NOTICE:
            return Text(MARKS[message.state], style="bold")
        who = "You" if message.direction is Direction.OUT else self._peer
        head = Text(f"{words.visible(who)} · {MARKS[message.state]}", style="bold")
        if message.state in (State.HELD, State.WITHHELD) or message.files:
            head.append(f" · {words.outcome(message.verdict)}")
        return head
