"""Choosing a file: one of the demo's pictures, or any file by its path."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from foreseal_client import words
from foreseal_client.tui.halfblocks import picture
from foreseal_client.tui.paths import Paths
from foreseal_matcher import Bytes

__all__ = ["AttachCard"]


class AttachCard(ModalScreen[Path | None]):
    """The answer is a path that exists, or nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "none", "Nothing")]

    def __init__(self, title: str, offered: list[tuple[str, Path]]) -> None:
        super().__init__()
        self._title = title
        self._offered = offered

    def compose(self) -> ComposeResult:
        """A path to type, the demo's pictures, and what the highlighted one looks like."""
        with Vertical(classes="card wide"):
            yield Static(Text(self._title, style="bold"), classes="card-title")
            yield Input(placeholder="path of a file of yours (→ completes), or choose below", suggester=Paths())
            with Horizontal(id="choices"):
                yield OptionList(*(Option(Text(label)) for label, _ in self._offered))
                yield Static("", id="preview")
            yield Static("", id="problem")

    def on_mount(self) -> None:
        """The list has the focus; shift+tab leads to the path."""
        self.query_one(OptionList).focus()

    @on(OptionList.OptionHighlighted)
    def _preview(self, event: OptionList.OptionHighlighted) -> None:
        path = self._offered[event.option_index][1]
        self.query_one("#preview", Static).update(picture(Bytes(path.read_bytes(), path.name), 36, 12))

    @on(OptionList.OptionSelected)
    def _offer(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._offered[event.option_index][1])

    @on(Input.Submitted)
    def _typed(self, event: Input.Submitted) -> None:
        path = Path(event.value.strip()).expanduser()
        if path.is_file():
            self.dismiss(path)
            return
        problem = f"There is no file at {words.visible(event.value)!r}. Check the path, or choose one below."
        self.query_one("#problem", Static).update(Text(problem))

    def action_none(self) -> None:
        """Attaches nothing."""
        self.dismiss(None)
