"""One entry of a conversation as lines of a given width: a message, or a line from the program."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.strip import Strip

from foreseal_client import words
from foreseal_client.chat.states import mark_of
from foreseal_client.store import Direction, Message, State

__all__ = ["MAX_ROWS", "Colours", "Entry", "rows_of", "shown_pictures"]

MAX_ROWS: Final = 40
"""Rows that a message's text takes in a conversation; all of it is on its card."""
_LOUD: Final = frozenset({State.HELD, State.WITHHELD, State.REFUSED, State.RELEASED, State.UNREAD})


@dataclass(frozen=True, slots=True)
class Colours:
    """Of the theme in force, as `#rrggbb`."""

    mine: str
    theirs: str
    loud: str
    quiet: str


@dataclass(frozen=True, slots=True)
class Entry:
    """`said`: the message's text as it may be drawn, or a line from the program in its place. `pictures`: what was
    drawn of the message's files by now, by position; None for what is no picture."""

    message: Message | None
    who: str = ""
    said: str = ""
    pictures: tuple[tuple[int, Text | None], ...] = ()


def shown_pictures(message: Message) -> range:
    """Positions of the files that are drawn, sharp or blurred."""
    return range(len(message.files))


def rows_of(entry: Entry, width: int, console: Console, colours: Colours) -> list[Strip]:
    """The entry's rows, the last one empty."""
    message = entry.message
    if message is None or message.state is State.NOTICE:
        text = entry.said if message is None else message.note
        quiet = Text(words.visible(text, lines=True), style=Style(color=colours.quiet, italic=True))
        return [*_rows(quiet, width, console, "· ", Style(color=colours.quiet)), Strip.blank(width)]
    loud = message.state in _LOUD
    colour = colours.loud if loud else colours.mine if message.direction is Direction.OUT else colours.theirs
    # Doubled where something was stopped or hidden: seen without colours too.
    bar, style = "║ " if loud else "┃ ", Style(color=colour)
    rows = _rows(_head(message, entry.who, colours, colour), width, console, bar, style)
    if message.state is State.WITHHELD:
        rows += _rows(Text(words.HIDDEN), width, console, bar, style)
    elif entry.said:
        rows += _text_rows(entry.said, width, console, bar, style, colours)
    drawn = dict(entry.pictures)
    for at, file in enumerate(message.files):
        picture = drawn.get(at)
        if picture is not None:
            rows += _rows(picture, width, console, bar, style)
        name = Text(f"▤ {words.visible(file.name)} ({file.size:,} bytes)", style=Style(color=colours.quiet))
        rows += _rows(name, width, console, bar, style)
    if message.note:
        note = Text(words.visible(message.note), style=Style(color=colours.quiet, italic=True))
        rows += _rows(note, width, console, bar, style)
    return [*rows, Strip.blank(width)]


def _head(message: Message, who: str, colours: Colours, colour: str) -> Text:
    head = Text(words.visible(who), style=Style(color=colour, bold=True))
    head.append(f"  {time.strftime('%H:%M', time.localtime(message.at))}  ", Style(color=colours.quiet, bold=False))
    plain = message.state in (State.SENT, State.SHOWN)
    head.append(mark_of(message), Style(color=colours.quiet if plain else colour, bold=not plain))
    if message.state in (State.HELD, State.WITHHELD) or message.files:
        head.append(f" · {words.outcome(message.verdict)}", Style(color=colours.quiet, bold=False))
    return head


def _text_rows(text: str, width: int, console: Console, bar: str, style: Style, colours: Colours) -> list[Strip]:
    # Cut before it is wrapped: a text of a hundred thousand characters would take a while.
    most = MAX_ROWS * max(1, width)
    rows = _rows(Text(words.visible(text[:most], lines=True)), width, console, bar, style)
    if len(rows) <= MAX_ROWS and len(text) <= most:
        return rows
    more = Text(f"... {len(text):,} characters in all: mark it and press Enter", style=Style(color=colours.quiet))
    return [*rows[:MAX_ROWS], *_rows(more, width, console, bar, style)]


def _rows(text: Text, width: int, console: Console, bar: str, style: Style) -> list[Strip]:
    inner = max(1, width - len(bar))
    wrapped = text.wrap(console, inner, overflow="fold", tab_size=4)
    rows = []
    for line in wrapped:
        segments = [Segment(bar, style), *(part for part in line.render(console, end="") if part.text)]
        rows.append(Strip(segments).adjust_cell_length(width))
    return rows
