"""Where a person writes: Enter sends, ctrl+j starts a new line."""

from __future__ import annotations

from textual import events
from textual.message import Message
from textual.widgets import TextArea

__all__ = ["Composer"]


class Composer(TextArea):
    """A small text area that sends on Enter. (Shift or ctrl with Enter do not reach programs under tmux.)"""

    class Submitted(Message):
        """Enter was pressed. `text` is what stood there; the composer is empty again."""

        def __init__(self, composer: Composer, text: str) -> None:
            super().__init__()
            self.composer = composer
            self.text = text

        @property
        def control(self) -> Composer:
            """The composer it came from."""
            return self.composer

    def __init__(self, name: str) -> None:
        super().__init__(
            id=f"composer-{name.lower()}", soft_wrap=True, tab_behavior="focus", highlight_cursor_line=False,
            placeholder=f"{name} writes...  (/help lists the commands)",
        )  # fmt: skip

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "enter":
            event.prevent_default()
            event.stop()
            text = self.text
            self.text = ""
            self.post_message(self.Submitted(self, text))
            return
        if event.key == "ctrl+j":
            event.prevent_default()
            event.stop()
            self.insert("\n")
            return
        await super()._on_key(event)
