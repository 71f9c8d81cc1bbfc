"""The list of people and groups beside the conversation."""

from __future__ import annotations

from typing import Final

from rich.text import Text
from textual import on
from textual.message import Message as Posted
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from foreseal_client import words
from foreseal_client.chat.conversations import Conversation

__all__ = ["PeopleList"]

_REQUESTS: Final = "requests"
_MARKS = {"group": "#", "left": "#", "blocked": "x"}
"""In front of a name; a contact has none. With the word behind it where there is one, so that no sign stands alone."""


class PeopleList(OptionList):
    """Chooses a conversation."""

    class Chosen(Posted):
        """Somebody, or a group, was chosen."""

        def __init__(self, conversation: Conversation) -> None:
            super().__init__()
            self.conversation = conversation

    class Requests(Posted):
        """Who asks to be let in is to be seen."""

    def __init__(self) -> None:
        super().__init__(id="people")
        self._shown: list[tuple[Conversation, bool]] = []
        self._waiting = 0

    def show(self, conversations: list[Conversation], current: bytes | None, waiting: int) -> None:
        """These, with the open one marked. `waiting`: strangers who ask to be let in, of whom only that is said.
        Nothing is drawn anew where nothing changed."""
        wanted = [(one, one.id == current) for one in conversations]
        if (wanted, waiting) == (self._shown, self._waiting):
            return
        at = self.highlighted
        self._shown, self._waiting = wanted, waiting
        self.clear_options()
        if waiting:
            self.add_option(Option(Text(f"? requests ({waiting})", "bold", no_wrap=True), id=_REQUESTS))
        self.add_options([Option(_label(one, is_open)) for one, is_open in wanted])
        if not wanted:
            self.add_option(Option(Text("nobody yet:\n/invite or /accept", style="italic"), disabled=True))
        elif at is not None:
            self.highlighted = min(at, self.option_count - 1)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if event.option_id == _REQUESTS:
            self.post_message(self.Requests())
        else:
            self.post_message(self.Chosen(self._shown[event.option_index - bool(self._waiting)][0]))


def _label(one: Conversation, is_open: bool) -> Text:
    text = Text("▸ " if is_open else "  ", no_wrap=True, overflow="ellipsis")
    mark = _MARKS.get(one.state, "")
    text.append(f"{mark} " if mark else "", "bold")
    text.append(words.visible(one.name), "bold" if one.unread or is_open else "")
    if one.unread:
        text.append(f" ({one.unread} new)", "bold")
    if one.state in ("blocked", "left"):
        text.append(f" {one.state}", "italic")
    return text
