"""Where a person writes: Enter sends, ctrl+j starts a new line."""

from __future__ import annotations

from textual import events
from textual.message import Message
from textual.widgets import TextArea
from textual.widgets.text_area import Selection

from foreseal_client.chat.links import row_and_column

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

    class Typed(Message):
        """A key changed what stands there. What a program puts back is not typed."""

    def __init__(self, id: str, placeholder: str) -> None:
        super().__init__(
            id=id, soft_wrap=True, tab_behavior="focus", highlight_cursor_line=False, placeholder=placeholder
        )

    def give_back(self, text: str, span: tuple[int, int] | None = None) -> None:
        """Puts text back that was not sent, unless the person has begun to write something else. `span`: a part of it
        that is to be seen, selected, so that one key takes it out."""
        if self.text:
            return
        self.text = text
        if span is not None:
            self.selection = Selection(*(row_and_column(text, at) for at in span))

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
        before = self.text
        await super()._on_key(event)
        if self.text not in ("", before) and not self.text.startswith("/"):
            self.post_message(self.Typed())
