"""Cards about who is who: comparing a safety number, and somebody known under a new key."""

from __future__ import annotations

from enum import Enum, auto
from typing import ClassVar, Final

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from foreseal_client import words
from foreseal_client.qr import qr_lines
from foreseal_client.store import KeyChange

__all__ = ["Decision", "KeyCard", "Mark", "SafetyCard"]

_COMPARE: Final = (
    "Compare it with {name}, not over this chat: read the digits to each other, or let one scan the other's code. "
    "The same on both sides: nobody stands between you."
)


class Mark(Enum):
    """What the person says of the digits."""

    SAME = auto()
    NOT_SAME = auto()


class SafetyCard(ModalScreen["Mark | str | None"]):
    """The safety number as digits and as a QR code. The answer: a `Mark`, the text of a scanned code, or nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "nothing", "Close")]

    def __init__(self, name: str, digits: str, code: str, *, verified: bool) -> None:
        super().__init__()
        self._peer = name
        self._digits = digits
        self._code = code
        self._verified = verified

    def compose(self) -> ComposeResult:
        """Words and digits, the code to be scanned, and where to put what was scanned."""
        now = "It was compared before, and was the same." if self._verified else "It was not compared yet."
        with Vertical(classes="card"):
            yield Static(Text("Safety number", style="bold"), classes="card-title")
            with VerticalScroll():
                yield Static(Text(_COMPARE.format(name=words.visible(self._peer))))
                yield Static(Text(f"\n{_rows(self._digits)}\n"))
                yield Static(Text("\n".join(qr_lines(self._code)), style="black on white"), classes="code")
            yield Static(Text(now))
            yield Input(placeholder="what a scanner read from the other screen")
            with Horizontal(classes="buttons"):
                yield Button("Close", id="close", variant="primary")
                yield Button("They are the same", id="same")
                yield Button("They differ", id="differ")

    def on_mount(self) -> None:
        """Closing says nothing about the number, and has the focus."""
        self.query_one("#close", Button).focus()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.dismiss({"same": Mark.SAME, "differ": Mark.NOT_SAME}.get(event.button.id or ""))

    @on(Input.Submitted)
    def _scanned(self, event: Input.Submitted) -> None:
        self.dismiss(event.value)

    def action_nothing(self) -> None:
        """Leaves the mark as it is."""
        self.dismiss(None)


class Decision(Enum):
    """What the person wants of somebody with a new key."""

    LATER = auto()
    """Nothing leaves for the new key; the card comes again."""
    ACCEPT = auto()
    BLOCK = auto()


class KeyCard(ModalScreen[Decision]):
    """A known person seems to have a new key. Esc is the safe choice: nothing leaves for it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "later", "Not now")]

    def __init__(self, change: KeyChange, name: str, *, was_verified: bool) -> None:
        super().__init__()
        self._text = words.key_changed(change, name, was_verified=was_verified)

    def compose(self) -> ComposeResult:
        """What is known, and three ways on."""
        with Vertical(classes="card loud"):
            yield Static(Text("A NEW KEY", style="bold"), classes="card-title")
            yield Static(Text(self._text))
            with Horizontal(classes="buttons"):
                yield Button("Not now", id="later", variant="primary")
                yield Button("I asked: send to the new key", id="accept")
                yield Button("Block it", id="block")

    def on_mount(self) -> None:
        """The safe choice has the focus."""
        self.query_one("#later", Button).focus()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.dismiss({"accept": Decision.ACCEPT, "block": Decision.BLOCK}.get(event.button.id or "", Decision.LATER))

    def action_later(self) -> None:
        """Decides nothing."""
        self.dismiss(Decision.LATER)


def _rows(digits: str) -> str:
    groups = digits.split()
    return "\n".join("   ".join(groups[start : start + 4]) for start in range(0, len(groups), 4))
