"""Cards: what needs a decision or an explanation. Never a toast, which would vanish."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Button, OptionList, Static
from textual.widgets.option_list import Option

from foreseal_client import words
from foreseal_client.chat.links import listed_link, without
from foreseal_client.draft import Draft
from foreseal_client.tui.halfblocks import picture
from foreseal_client.tui.listed_link import marked
from foreseal_matcher import Held, Mode, OnFailure, Policy

__all__ = ["Choice", "HeldCard", "PolicyCard", "TextCard", "WhyCard"]


class Choice(Enum):
    """What a person does about something that was stopped."""

    NOT = "Don't send"
    WITHOUT_LINK = "Send without it"
    ANYWAY = "Send anyway"


class HeldCard(ModalScreen[Choice]):
    """Something was stopped before it was sealed. To send it anyway is possible under `warn` only. A listed link can
    always be left out: the rest is checked as any other draft is."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "safe", "Don't send"), Binding("f3", "why", "Why")]

    def __init__(self, held: Held, draft: Draft, why: list[tuple[str, str]]) -> None:
        super().__init__()
        self._held = held
        self._draft = draft
        self._why = why

    def compose(self) -> ComposeResult:
        """The words, the picture blurred, and the safe choice in front."""
        what = words.thing(self._held.verdict)
        with Vertical(classes="card"):
            yield Static(Text("Not sent", style="bold"), classes="card-title")
            yield Static(Text(words.stopped(self._held.verdict, what=what)))
            span, items = listed_link(self._held), self._draft.attachments
            if span is not None:
                yield Static(marked(self._draft.text, span), classes="said")
            elif self._held.verdict.item < len(items):
                yield Static(picture(items[self._held.verdict.item], 36, 10, blurred=True), classes="picture")
            with Horizontal(classes="buttons"):
                yield Button(Choice.NOT.value, id="dont-send", variant="primary")
                if span is not None and (items or without(self._draft.text, span)):
                    yield Button(Choice.WITHOUT_LINK.value, id="without-link")
                yield Button("Why", id="why")
                if self._held.may_override:
                    yield Button(Choice.ANYWAY.value, id="send-anyway")

    def on_mount(self) -> None:
        """The safe choice has the focus."""
        self.query_one("#dont-send", Button).focus()

    @on(Button.Pressed, "#dont-send")
    def action_safe(self) -> None:
        """Leaves it unsent."""
        self.dismiss(Choice.NOT)

    @on(Button.Pressed, "#without-link")
    def send_without_link(self) -> None:
        """Leaves the link out."""
        self.dismiss(Choice.WITHOUT_LINK)

    @on(Button.Pressed, "#why")
    def action_why(self) -> None:
        """Explains."""
        self.app.push_screen(WhyCard(self._why))

    @on(Button.Pressed, "#send-anyway")
    def send_anyway(self) -> None:
        """The person decided; only the policy `warn` offers this."""
        self.dismiss(Choice.ANYWAY)


class TextCard(ModalScreen[None]):
    """Something to read."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,enter,q", "dismiss", "Close")]

    def __init__(self, title: str, text: Text | Table) -> None:
        super().__init__()
        self._title = title
        self._text = text

    def compose(self) -> ComposeResult:
        """Title, text and a button."""
        with Vertical(classes="card"):
            yield Static(Text(self._title, style="bold"), classes="card-title")
            with VerticalScroll():
                yield Static(self._text)
            with Horizontal(classes="buttons"):
                yield Button("Close", variant="primary")

    @on(Button.Pressed)
    def _close(self) -> None:
        self.dismiss()


class WhyCard(TextCard):
    """What the device did, and what left it."""

    def __init__(self, rows: list[tuple[str, str]]) -> None:
        table = Table.grid(padding=(0, 2))
        table.add_column(no_wrap=True)
        table.add_column()
        for name, value in rows:
            table.add_row(Text(name, style="bold"), Text(value))
        super().__init__("Why", table)


class PolicyCard(ModalScreen[Policy | None]):
    """Chooses a policy. In the demo the presenter may loosen it; the screen says what each one does."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "keep", "Keep")]

    def __init__(self, current: Policy) -> None:
        super().__init__()
        self._current = current
        self._choices = [replace(current, mode=mode, on_failure=failure) for mode in Mode for failure in OnFailure]

    def compose(self) -> ComposeResult:
        """One line a policy."""
        with Vertical(classes="card"):
            yield Static(Text("Policy on both devices", style="bold"), classes="card-title")
            yield OptionList(*(Option(self._line(policy)) for policy in self._choices))

    def on_mount(self) -> None:
        """The policy in force is marked."""
        choices = self.query_one(OptionList)
        choices.highlighted = self._choices.index(self._current)
        choices.focus()

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._choices[event.option_index])

    def action_keep(self) -> None:
        """Changes nothing."""
        self.dismiss(None)

    def _line(self, policy: Policy) -> Text:
        mark = "● " if policy == self._current else "  "
        line = Text(f"{mark}{policy.mode}, {policy.on_failure}\n", style="bold")
        line.append(f"    {words.consequence(policy)}", style="not bold")
        return line
