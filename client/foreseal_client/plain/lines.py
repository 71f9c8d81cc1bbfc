"""What is written and how: lines on a stream, each whole, none ever taken back, without colours or cursor movement."""

from __future__ import annotations

import time
from typing import Final

from foreseal_client import words
from foreseal_client.chat.card import Card
from foreseal_client.chat.states import mark_of
from foreseal_client.store import Message, State

__all__ = ["card_lines", "message_lines", "moved_on"]

_BEGIN: Final = 40
"""Characters by which a message is told again."""


def moved_on(message: Message) -> str:
    """A message that was written before and has another state now: which one, and how it begins."""
    begin = words.visible(" ".join([*message.text.split(), *(file.name for file in message.files)]))
    return f"{mark_of(message)}: {begin[:_BEGIN]}{'...' if len(begin) > _BEGIN else ''}"


def message_lines(message: Message, who: str, said: str) -> list[str]:
    """A message: who, when, what became of it, its text, its files and what else is to be known. `said`: its text as it
    may be drawn."""
    mark = mark_of(message)
    head = f"{words.visible(who)}, {time.strftime('%H:%M', time.localtime(message.at))}, {mark}"
    if message.state in (State.HELD, State.WITHHELD) or message.files:
        head = f"{head}, {words.outcome(message.verdict)}"
    if message.state is State.NOTICE:
        return [f"this device: {words.visible(message.note)}"]
    if message.state is State.WITHHELD:
        return [f"{head}:", f"    {words.HIDDEN} /reveal says more."]
    text = words.visible(said, lines=True).split("\n") if said else []
    lines = [f"    {line}" for line in text]
    lines += [f"    file: {words.visible(file.name)} ({file.size:,} bytes)" for file in message.files]
    lines += [f"    note: {words.visible(message.note)}"] if message.note else []
    return [f"{head}:", *lines]


def card_lines(card: Card) -> list[str]:
    """A card: its words, its rows, and its choices with numbers. 1 is the safe one, and so is an empty line."""
    lines = [f"== {card.title} =="]
    lines += card.text.split("\n") if card.text else []
    if card.marked is not None:
        text, (start, end) = card.marked
        before, link, after = (words.visible(part, lines=True) for part in (text[:start], text[start:end], text[end:]))
        lines += f"{before}>>> {link} <<<{after}".split("\n")
    if card.picture is not None:
        lines.append(f"(a picture or file: {words.visible(card.picture.name)}, {card.picture.size:,} bytes)")
    lines += [f"{name}: {value}" for name, value in card.rows]
    if card.code:
        lines.append("(There is a code to be scanned as well, which the screen shows and lines do not.)")
    if len(card.choices) == 1 and card.field is None:
        return lines
    lines += [f"{number}. {choice.label}" for number, choice in enumerate(card.choices, 1)]
    more = f", and behind a space: {card.field}" if card.field is not None and not card.secret else ""
    lines.append(f"Type a number{more}. Enter alone is 1.")
    return lines
