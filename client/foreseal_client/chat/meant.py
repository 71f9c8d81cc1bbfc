"""Which message a command is about."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from foreseal_client.chat.conversations import page
from foreseal_client.store import Message

if TYPE_CHECKING:
    from foreseal_client.chat.desk import ChatDesk

__all__ = ["meant"]


def meant(desk: ChatDesk, fits: Callable[[Message], bool]) -> Message | None:
    """The message that a person marked, where the command is for such; else the last one that it is for."""
    marked = desk.face.selected()
    if marked is not None and fits(marked):
        return marked
    if desk.current is None:
        return None
    return next((message for message in reversed(page(desk.current, desk.device)) if fits(message)), None)
