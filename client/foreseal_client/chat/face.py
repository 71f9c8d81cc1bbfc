"""What shows the chat: a screen, or lines. It draws what it is told and decides nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from foreseal_client.chat.card import Card, Reply
from foreseal_client.events import Transferred
from foreseal_client.store import Message

__all__ = ["Face"]


class Face(Protocol):
    """The person's side of a `ChatDesk`."""

    @property
    def opens_cards(self) -> bool:
        """Whether a card that can wait may open by itself: on a screen, Esc closes it; in lines, it would take the
        next line, which was written for something else."""

    def say(self, text: str) -> None:
        """A line from the program. `text` may hold anything; the face makes it harmless."""

    def opened(self) -> None:
        """Another conversation is open: it is drawn from its newest messages."""

    def message(self, message: Message) -> None:
        """A message of the open conversation is new, or has moved on."""

    def gone(self, message: int) -> None:
        """The message with this id disappeared, or was deleted: nothing of it may stay on the screen."""

    def people_changed(self) -> None:
        """Names, groups or counts of unread messages are other ones."""

    def status_changed(self) -> None:
        """Policy, lists, connection or what is attached."""

    def transferred(self, event: Transferred) -> None:
        """How far attachments have come."""

    async def ask(self, card: Card) -> Reply:
        """Shows a card until it is answered."""

    async def choose_file(self) -> Path | None:
        """Lets the person choose a file; None where they choose none."""

    def selected(self) -> Message | None:
        """The message that the person has marked, if they have."""

    def give_back(self, text: str, span: tuple[int, int] | None = None) -> None:
        """Puts a text back that was not sent. `span`: a part that is to be seen."""

    async def help(self) -> None:
        """Shows every command, with its key where there are keys."""

    def older(self) -> None:
        """Shows older messages."""

    def show(self, message: Message) -> None:
        """Shows the open conversation at this message."""

    def toggle_theme(self) -> None:
        """The other colours."""

    def quit(self) -> None:
        """Ends."""
