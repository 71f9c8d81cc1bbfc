"""What the relay sees: a line for each thing it gets, and a search in everything it has."""

from __future__ import annotations

import asyncio
import time

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import DataTable, Input, Static

from foreseal_client import words
from foreseal_client.demo.search import Needle, search
from foreseal_client.demo.stage import Stage
from foreseal_relay import wire

__all__ = ["RelayView"]


class RelayView(Vertical):
    """The relay's side of the stage."""

    def __init__(self) -> None:
        super().__init__(id="relay")
        self.border_title = "What the relay sees"
        self._stage: Stage | None = None

    def compose(self) -> ComposeResult:
        """Search box, answer, table, and what can still be inferred."""
        yield Input(placeholder="Type a phrase from the chat and press Enter: does the relay have it?", id="phrase")
        yield Static(Text(words.INFERRED), id="inferred")
        table: DataTable[str] = DataTable(id="seen", cursor_type="none", zebra_stripes=True)
        table.add_columns("time", "what", "mailbox or blob", "bytes", "first bytes")
        yield table

    def watch_stage(self, stage: Stage) -> None:
        """Shows from now on what passes to the relay."""
        self._stage = stage
        self.watch_newcomers()

    def watch_newcomers(self) -> None:
        """Shows also what passes from those who arrived on the stage since."""
        for person in () if self._stage is None else self._stage.people:
            if self._see not in person.tap.observers:
                person.tap.observers.append(self._see)

    def _see(self, piece: bytes) -> None:
        row = _row(piece)
        if row is None:
            return
        table = self.query_one("#seen", DataTable)
        table.add_row(time.strftime("%H:%M:%S"), *row)
        table.scroll_end(animate=False)

    @on(Input.Submitted, "#phrase")
    async def _search(self, event: Input.Submitted) -> None:
        if self._stage is None or not event.value:
            return
        answer = self.query_one("#inferred", Static)
        if len(event.value.encode()) < 6:
            answer.update(Text("Type at least six characters: shorter ones turn up by chance in random bytes."))
            return
        stage = self._stage
        saw = stage.saw()
        hits = await asyncio.to_thread(search, [Needle("phrase", event.value.encode())], saw)
        where = "" if not hits else " In: " + ", ".join(hit.haystack for hit in hits)
        size = sum(map(len, saw.values()))
        answer.update(
            Text(
                f"{event.value!r}: found in {len(hits)} of {len(saw)} places "
                f"({size:,} bytes stored, logged, received and sent).{where}"
            )
        )


def _row(piece: bytes) -> tuple[str, str, str, str] | None:
    if piece.startswith(b"PUT /v1/blobs/"):
        head = piece.split(b"\r\n")
        length = next(
            (h.split(b":")[1].strip().decode() for h in head if h.lower().startswith(b"content-length:")), "?"
        )
        return (
            "blob",
            piece.split(b" ")[1].decode()[-32:-24] + "...",
            f"{int(length):,}" if length.isdigit() else "?",
            "",
        )
    try:
        frame = wire.decode_drop(piece)
    except wire.WireError:
        return None
    if isinstance(frame, wire.Send):
        return "envelope", frame.mailbox.hex()[:8] + "...", f"{len(frame.body):,}", frame.body[:16].hex(" ", 2)
    return "asks for keys", frame.mailbox.hex()[:8] + "...", str(len(piece)), ""
