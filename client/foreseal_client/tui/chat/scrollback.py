"""A conversation as one widget. Only the rows that are seen are drawn, and older messages are asked for when the top is
reached: ten thousand messages cost what a hundred do."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from itertools import accumulate
from typing import ClassVar, Final

from rich.style import Style
from rich.text import Text
from textual import events, work
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message as Posted
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.worker import get_current_worker

from foreseal_client.store import Message, State
from foreseal_client.tui.chat.entries import Colours, Entry, rows_of
from foreseal_client.tui.halfblocks import picture

__all__ = ["Scrollback"]

_CELLS: Final = (32, 9)
"""Columns and rows that a picture may take."""
_SETTLE: Final = 0.05
"""Seconds after which a new width is drawn for: a window that is being dragged has many."""
_BLURRED: Final = (State.HELD, State.WITHHELD)


class Scrollback(ScrollView, can_focus=True):
    """The messages of the open conversation, and what the program says between them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "mark(-1)", "Earlier", show=False),
        Binding("down", "mark(1)", "Later", show=False),
        Binding("enter", "open", "Whole message", show=False),
    ]

    class Older(Posted):
        """The top was reached."""

    class Opened(Posted):
        """A message is to be seen as a whole."""

        def __init__(self, message: Message) -> None:
            super().__init__()
            self.message = message

    def __init__(self) -> None:
        super().__init__(id="scrollback")
        self._entries: list[Entry] = []
        self._rows: list[list[Strip]] = []
        self._ends: list[int] = []
        self._marked: int | None = None
        self._asked: set[tuple[int, int]] = set()
        self._drawn_for = 0

    # --- what is in it ------------------------------------------------------------------------------------------

    @property
    def messages(self) -> list[Message]:
        """The messages that are loaded, the oldest first."""
        return [entry.message for entry in self._entries if entry.message is not None]

    @property
    def marked(self) -> Message | None:
        """The message that the person has marked."""
        return None if self._marked is None else self._entries[self._marked].message

    def fill(self, entries: list[Entry]) -> None:
        """These and no others, at their end."""
        self._entries, self._marked = entries, None
        self._asked.clear()
        self._redraw()
        self._to_end()

    def put(self, entry: Entry) -> None:
        """A new entry at the end, or a message that has moved on in its place."""
        at = self._at(entry.message)
        if at is None:
            was_at_end = self.is_at_end
            self._entries.append(entry)
            self._rows.append(self._drawn(entry))
            self._measure()
            if was_at_end:
                self._to_end()
        else:
            self._asked = {one for one in self._asked if entry.message is None or one[0] != entry.message.id}
            self._replace(at, entry)

    def drop(self, message: int) -> None:
        """Nothing of the message with this id is drawn any more."""
        at = next((n for n, one in enumerate(self._entries) if one.message and one.message.id == message), None)
        if at is None:
            return
        del self._entries[at], self._rows[at]
        if self._marked is not None and self._marked >= at:
            self._marked = None if self._marked == at else self._marked - 1
        self._measure()

    def put_before(self, entries: list[Entry]) -> None:
        """Older entries; what is seen stays where it is."""
        rows = [self._drawn(entry) for entry in entries]
        self._entries, self._rows = entries + self._entries, rows + self._rows
        self._marked = None if self._marked is None else self._marked + len(entries)
        self._measure()
        self.scroll_to(y=self.scroll_y + sum(map(len, rows)), animate=False, force=True, immediate=True)

    def mark(self, message: int) -> bool:
        """Marks the message with this id and scrolls to it; whether it is loaded."""
        at = next((n for n, one in enumerate(self._entries) if one.message and one.message.id == message), None)
        if at is None:
            return False
        self._mark(at)
        return True

    def unmark(self) -> bool:
        """Takes the mark away; whether there was one."""
        was, self._marked = self._marked, None
        self.refresh()
        return was is not None

    @property
    def is_at_end(self) -> bool:
        """Whether the newest entry is seen."""
        return self.scroll_offset.y >= self.max_scroll_y - 1

    # --- drawing ------------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """The row of the conversation that is seen at `y`."""
        width, at = self._width, y + self.scroll_offset.y
        number = bisect_right(self._ends, at)
        if number >= len(self._entries):
            return Strip.blank(width, self.rich_style)
        rows = self._rows[number]
        strip = rows[at - (self._ends[number] - len(rows))]
        if number == self._marked:
            strip = strip.apply_style(Style(reverse=True))
        self._ask_for_pictures(self._entries[number])
        return strip.adjust_cell_length(width, self.rich_style).apply_style(self.rich_style)

    @property
    def _width(self) -> int:
        """Columns beside the scroll bar: what is drawn under it is not seen."""
        return self.scrollable_content_region.width

    def _drawn(self, entry: Entry) -> list[Strip]:
        return rows_of(entry, max(8, self._drawn_for or self._width), self.app.console, self._colours())

    def _colours(self) -> Colours:
        variables = self.app.theme_variables
        return Colours(
            variables["secondary"], variables["primary"], variables["warning"],
            variables["foreground-muted"][:7],
        )  # fmt: skip

    def _redraw(self) -> None:
        self._drawn_for = self._width
        self._rows = [self._drawn(entry) for entry in self._entries]
        self._measure()

    def _measure(self) -> None:
        self._ends = list(accumulate(map(len, self._rows)))
        self.virtual_size = Size(self._drawn_for, self._ends[-1] if self._ends else 0)
        self.refresh()

    def on_resize(self, _: events.Resize) -> None:
        """Another width: drawn for when it has settled."""
        if self._width != self._drawn_for:
            at_end = self.is_at_end
            self.set_timer(_SETTLE, lambda: self._settle(at_end))

    def _settle(self, at_end: bool) -> None:
        if self._width != self._drawn_for:
            self._redraw()
        if at_end:
            self._to_end()

    def recolour(self) -> None:
        """Draws all of it in the colours of the theme in force."""
        self._redraw()

    def _to_end(self) -> None:
        self.call_after_refresh(self.scroll_end, animate=False, force=True)

    def _replace(self, at: int, entry: Entry) -> None:
        rows = self._drawn(entry)
        grown, above = len(rows) - len(self._rows[at]), self._ends[at] <= self.scroll_offset.y
        at_end = self.is_at_end
        self._entries[at], self._rows[at] = entry, rows
        self._measure()
        if at_end:
            self._to_end()
        elif grown and above:
            self.scroll_to(y=self.scroll_y + grown, animate=False, force=True)

    def _at(self, message: Message | None) -> int | None:
        if message is None:
            return None
        for at in range(len(self._entries) - 1, -1, -1):
            known = self._entries[at].message
            if known is not None and known.id == message.id:
                return at
        return None

    # --- pictures -----------------------------------------------------------------------------------------------

    def _ask_for_pictures(self, entry: Entry) -> None:
        message = entry.message
        if message is None or message.state is State.COVERED:  # nothing of it is even decoded
            return
        for position in range(len(message.files)):
            if (message.id, position) not in self._asked:
                self._asked.add((message.id, position))
                self._draw_picture(message, position)

    @work(thread=True, group="pictures")
    def _draw_picture(self, message: Message, position: int) -> None:
        """Decoding takes a while, and may take long."""
        file, worker = message.files[position], get_current_worker()
        drawn = picture(file, *_CELLS, blurred=message.state in _BLURRED)
        if not worker.is_cancelled:
            self.app.call_from_thread(self._put_picture, message, position, drawn if "▀" in drawn.plain else None)

    def _put_picture(self, message: Message, position: int, drawn: Text | None) -> None:
        at = self._at(message)
        if at is not None and drawn is not None and self._entries[at].message == message:
            entry = self._entries[at]
            self._replace(at, replace(entry, pictures=(*entry.pictures, (position, drawn))))

    # --- what a person does in it -------------------------------------------------------------------------------

    def watch_scroll_y(self, old: float, new: float) -> None:
        """Near the top, older messages are asked for."""
        super().watch_scroll_y(old, new)
        if new < old and new <= self.size.height // 2:
            self.post_message(self.Older())

    def action_mark(self, step: int) -> None:
        """Marks the next message, passing by what the program said."""
        start = len(self._entries) if self._marked is None else self._marked
        at = start + step
        while 0 <= at < len(self._entries) and self._entries[at].message is None:
            at += step
        if 0 <= at < len(self._entries):
            self._mark(at)
        elif at < 0:
            self.post_message(self.Older())

    def _mark(self, at: int) -> None:
        self._marked = at
        top = self._ends[at] - len(self._rows[at])
        if not self.scroll_offset.y <= top < self.scroll_offset.y + self.size.height - 2:
            self.scroll_to(y=max(0, top - self.size.height // 3), animate=False)
        self.refresh()

    def action_open(self) -> None:
        """The whole of the marked message."""
        if self.marked is not None:
            self.post_message(self.Opened(self.marked))
