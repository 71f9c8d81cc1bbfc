"""A card on the screen. Never a toast, which would vanish."""

from __future__ import annotations

from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from foreseal_client.chat.card import Card, Reply
from foreseal_client.shown import visible
from foreseal_client.tui.halfblocks import picture
from foreseal_client.tui.listed_link import marked

__all__ = ["SHORT", "CardScreen"]

SHORT = 30
"""Rows of a terminal under which less is shown."""

_WIDE_ROW = 58
"""Characters of labels that fit side by side."""
_LEAST = 1
"""Rows that a card's words have in the smallest terminal."""
_MORE = "There is more: Page Down and Page Up."


class CardScreen(ModalScreen[Reply]):
    """Shows a `Card` and gives back what was chosen. The safe choice has the focus, and Esc chooses it."""

    AUTO_FOCUS = ""  # Textual would give the focus to the first line to write on, before ours comes

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "safe", "Safe choice"),
        Binding("right,down", "app.focus_next", "Next", show=False),
        Binding("left,up", "app.focus_previous", "Previous", show=False),
        # What a card says may be longer than the terminal is high, while the focus stays on the choices.
        Binding("pagedown", "leaf(1)", "Further down", show=False),
        Binding("pageup", "leaf(-1)", "Further up", show=False),
    ]

    def __init__(self, card: Card) -> None:
        super().__init__()
        self.card = card

    def compose(self) -> ComposeResult:
        """From the top: title, words, what it is about, a line to write on, the choices."""
        card = self.card
        with Vertical(classes="card loud" if card.loud else "card"):
            yield Static(Text(card.title), classes="card-title")
            with VerticalScroll(can_focus=False, classes="card-body"):
                if card.text:
                    yield Static(Text(card.text))
                if card.marked is not None:
                    yield Static(marked(*card.marked), classes="said")
                if card.picture is not None:
                    yield Static(picture(card.picture, 40, 10, blurred=not card.sharp), classes="picture")
                if card.rows:
                    yield Static(_table(card.rows), classes="rows")
                if card.code:
                    yield Static(Text("\n".join(card.code), style="black on white", no_wrap=True), classes="code")
            yield Static(Text(_MORE), classes="more")
            if card.field is not None:
                yield Input(placeholder=card.field, password=card.secret, id="field")
            with self._choices():
                for number, choice in enumerate(card.choices):
                    label = Text(visible(choice.label))
                    yield Button(label, id=f"choice-{number}", variant="default" if number else "primary")

    def on_resize(self, event: events.Resize) -> None:
        """The choices are seen at any size; what the card says takes the rest, and says that there is more of it."""
        self.set_class(event.size.height < SHORT, "short")
        self.call_after_refresh(self._fit, event.size.height)

    def _fit(self, height: int) -> None:
        frame = self.query_one(".card")
        body = self.query_one(".card-body", VerticalScroll)
        more = self.query_one(".more")
        others = [one for one in frame.children if one is not body and one is not more]
        beside = sum(one.outer_size.height + one.styles.margin.height for one in others)
        room = max(_LEAST, height - frame.gutter.height - beside)
        more.display = body.virtual_size.height > room
        body.styles.max_height = max(_LEAST, room - more.display)

    def action_leaf(self, way: int) -> None:
        """A page of what the card says."""
        body = self.query_one(".card-body", VerticalScroll)
        body.scroll_relative(y=way * max(1, body.size.height - 1), animate=False)

    def _choices(self) -> Widget:
        beside = sum(len(choice.label) + 6 for choice in self.card.choices) <= _WIDE_ROW + 6
        return Horizontal(classes="buttons") if beside else VerticalScroll(classes="buttons stacked", can_focus=False)

    def on_mount(self) -> None:
        """The safe choice has the focus; where something is to be written, the line for it has."""
        self.query_one("#field" if self._asks else "#choice-0").focus()

    @property
    def _asks(self) -> bool:
        # With two choices the line is what the card is about; with more, the line adds to a choice.
        return self.card.field is not None and len(self.card.choices) == 2

    def on_key(self, event: events.Key) -> None:
        """A digit chooses, as in lines."""
        if isinstance(self.focused, Input) or not (event.character or "").isdecimal():
            return
        number = int(event.character or "0") - 1
        if 0 <= number < len(self.card.choices):
            event.stop()
            self._answer(number)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self._answer(int((event.button.id or "choice-0").removeprefix("choice-")))

    @on(Input.Submitted)
    def _submitted(self) -> None:
        if self._asks:
            self._answer(1)
        else:
            self._answer(0)

    def action_safe(self) -> None:
        """The safe choice."""
        self.dismiss(self.card.safe)

    def _answer(self, number: int) -> None:
        field = self.query("#field").results(Input)
        text = next((line.value for line in field), "")
        self.dismiss(Reply(self.card.choices[number].name, text))


def _table(rows: tuple[tuple[str, str], ...]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    # Folded: an address that does not fit on a line would be cut otherwise, and cannot be written down.
    table.add_column(overflow="fold")
    for name, value in rows:
        table.add_row(Text(name, style="bold"), Text(value))
    return table
