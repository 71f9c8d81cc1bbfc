"""Choosing a file: a path to type, or the files of a folder, with what a picture looks like before it goes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import ClassVar, Final

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from foreseal_client.draft import demand_regular
from foreseal_client.shown import visible
from foreseal_client.tui.halfblocks import picture
from foreseal_client.tui.paths import Paths
from foreseal_matcher import Bytes
from foreseal_matcher.content import MAX_PICTURE_BYTES

__all__ = ["FilePicker"]

_MOST: Final = 2000
"""Files of a folder that are listed; a path can always be typed."""


class FilePicker(ModalScreen[Path | None]):
    """The answer is a file that is there, or nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "none", "Nothing")]

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self._listed: list[Path] = []

    def compose(self) -> ComposeResult:
        """The path, the folder and the preview."""
        with Vertical(classes="card wide"):
            yield Static(Text("Attach a file"), classes="card-title")
            yield Input(placeholder="path of a file (→ completes), or choose below", suggester=Paths())
            yield Static("", id="folder")
            with Horizontal(id="choices"):
                yield OptionList()
                yield Static("", id="preview")
            yield Static("", id="problem")

    def on_mount(self) -> None:
        """The folder has the focus; shift+tab leads to the path."""
        self._list(self._folder)
        self.query_one(OptionList).focus()

    def _list(self, folder: Path) -> None:
        try:
            found = sorted(os.scandir(folder), key=lambda one: (not one.is_dir(), one.name.casefold()))[:_MOST]
        except OSError as fault:
            self._say(f"{folder} cannot be opened: {fault.strerror}.")
            return
        self._folder = folder
        self._listed = [folder.parent, *(Path(one.path) for one in found if not one.name.startswith("."))]
        labels = ["../", *(visible(one.name) + ("/" if one.is_dir() else "") for one in self._listed[1:])]
        listed = self.query_one(OptionList)
        listed.clear_options()
        listed.add_options([Option(Text(label)) for label in labels])
        listed.highlighted = 0
        self.query_one("#folder", Static).update(Text(visible(str(folder))))
        self._say("")

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        self._preview(self._listed[event.option_index])

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self._choose(self._listed[event.option_index])

    @on(Input.Submitted)
    def _typed(self, event: Input.Submitted) -> None:
        self._choose(Path(event.value.strip().replace("\0", "")).expanduser())

    def _choose(self, path: Path) -> None:
        try:
            if path.is_dir():
                self._list(path.resolve())
                return
            demand_regular(path)
        except (OSError, ValueError) as fault:
            self._say(f"{visible(str(path))}: {getattr(fault, 'strerror', None) or fault}")
            return
        self.dismiss(path)

    @work(thread=True, exclusive=True)
    def _preview(self, path: Path) -> None:
        """Decoding a large picture takes a while; the next one that is highlighted does not wait for it."""
        text = Text("")
        try:
            if path.is_file() and path.stat().st_size <= MAX_PICTURE_BYTES:
                demand_regular(path)
                text = picture(Bytes(path.read_bytes(), path.name), 34, 12)
        except (OSError, ValueError):
            text = Text("(cannot be read)", style="italic")
        self.app.call_from_thread(self._show, path, text)

    def _show(self, path: Path, text: Text) -> None:
        listed = self.query_one(OptionList)
        if listed.highlighted is not None and self._listed[listed.highlighted] == path:
            self.query_one("#preview", Static).update(text)

    def _say(self, text: str) -> None:
        self.query_one("#problem", Static).update(Text(text))

    def action_none(self) -> None:
        """Attaches nothing."""
        self.dismiss(None)
