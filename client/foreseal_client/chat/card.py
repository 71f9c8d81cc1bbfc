"""A card: what needs a decision or an explanation, as a value. A screen draws it, the line mode numbers its choices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from foreseal_matcher.content import Item

__all__ = ["CLOSE", "Card", "Choice", "Reply", "told"]


@dataclass(frozen=True, slots=True)
class Choice:
    """One way on. `name`: what code calls it; `label`: what stands on its button."""

    name: str
    label: str


CLOSE: Final = Choice("close", "Close")


@dataclass(frozen=True, slots=True)
class Card:
    """`choices`: the first is the safe one; it has the focus, and Esc chooses it. `rows`: names and values beneath the
    text. `picture`: drawn, blurred unless `sharp`. `marked`: a text with a part of it that is to stand out, from its
    first character to the one after its last. `code`: lines of a QR code. `field`: what to write on a line, where one
    is wanted; `secret`: without echo. `loud`: it must not be overlooked."""

    title: str
    text: str
    choices: tuple[Choice, ...] = (CLOSE,)
    rows: tuple[tuple[str, str], ...] = ()
    picture: Item | None = None
    sharp: bool = False
    marked: tuple[str, tuple[int, int]] | None = None
    code: tuple[str, ...] = ()
    field: str | None = None
    secret: bool = False
    loud: bool = False

    @property
    def safe(self) -> Reply:
        """What Esc answers."""
        return Reply(self.choices[0].name)


@dataclass(frozen=True, slots=True)
class Reply:
    """The `name` of the choice, and what was written on the card's line."""

    choice: str
    text: str = ""


def told(title: str, text: str = "", rows: tuple[tuple[str, str], ...] = ()) -> Card:
    """A card to read and close."""
    return Card(title, text, rows=rows)
