"""`foreseal desk open`: the queue on the left, one case on the right, its pictures blurred until somebody asks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar, Final

from rich.table import Table
from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import DataTable, Footer, Static

from foreseal_client.chat.card import Card, Choice, told
from foreseal_client.desk.cases import Case, State
from foreseal_client.desk.room import Desk
from foreseal_client.desk.rules import Denied, Voice
from foreseal_client.desk.showing import line, rows
from foreseal_client.ending import when_asked_to_end
from foreseal_client.errors import ClientError
from foreseal_client.reports.said import MAX_WORDS, Category
from foreseal_client.tui.chat.card_screen import CardScreen
from foreseal_client.tui.chat.themes import THEMES
from foreseal_client.tui.halfblocks import picture
from foreseal_client.tui.program import Program

__all__ = ["DeskApp", "run_desk"]

_PAGE: Final = 500
"""Cases that are put on the screen at once; the next page comes with its key."""
_COLUMNS: Final = ("Case", "How pressing", "Age", "How it came", "Category", "State")
_AGREE: Final = (
    "A second person has to say the same, under the same category. Then it goes into the next version that is proposed "
    "to the endorsers, and what resembles it will be stopped on every device that follows the list, without anybody "
    "there being asked. Matching is approximate and can be wrong."
)
_HELP: Final = (
    "Enter or arrows: the case. F2: look at its pictures, which is recorded. a: agree. d: dismiss. n: a note. "
    "s: another state of cases. m: the next page. r: read the queue again. Pictures are blurred again with every case."
)


class DeskApp(Program):
    """The desk, opened by one officer."""

    CSS_PATH: ClassVar[list[str]] = ["../chat/chat.tcss", "desk.tcss"]  # type: ignore[assignment]
    TITLE = "Foreseal desk"
    CALLED = "The desk"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "help", "Help"),
        Binding("f2", "reveal", "Reveal or hide"),
        Binding("a", "agree", "Agree"),
        Binding("d", "dismiss", "Dismiss"),
        Binding("n", "note", "Note"),
        Binding("s", "state", "State"),
        Binding("m", "more", "More"),
        Binding("r", "refresh", "Again", show=False),
        Binding("ctrl+q", "quit", "Quit"),
    ]

    def __init__(self, desk: Desk, theme: str = "dark") -> None:
        super().__init__()
        for one in THEMES.values():
            self.register_theme(one)
        self.theme = THEMES[theme].name
        self.desk = desk
        self.state = State.WAITING
        self.case: Case | None = None
        self.sharp = False
        self._shown = 0

    def compose(self) -> ComposeResult:
        """Status, queue and case, keys."""
        yield Static(id="status")
        with Horizontal():
            yield DataTable(id="queue", cursor_type="row", zebra_stripes=True)
            with VerticalScroll(id="case"):
                yield Static(id="picture")
                yield Static(id="told")
        yield Footer()

    def on_mount(self) -> None:
        """Reads the queue."""
        when_asked_to_end(self.exit)
        self._table.add_columns(*_COLUMNS)
        self._table.focus()
        self.action_refresh()

    @property
    def _table(self) -> DataTable[str]:
        return self.query_one("#queue", DataTable)

    # --- the queue ----------------------------------------------------------------------------------------------

    def action_refresh(self) -> None:
        """Reads the queue again, from its beginning."""
        self._table.clear()
        self._shown = 0
        self._show(None)
        self.action_more()

    def action_more(self) -> None:
        """Adds the next page."""
        found, now = self.desk.tables.queue(self.state, _PAGE, self._shown), self.desk.now
        for case in found:
            self._table.add_row(*line(case, now), key=str(case.id))
        self._shown += len(found)
        total = self.desk.tables.count(self.state)
        officer = self.desk.officer
        self.query_one("#status", Static).update(
            Text(f" {officer.name} ({officer.role}) - {self.state}: {self._shown:,} of {total:,} shown")
        )

    @on(DataTable.RowHighlighted)
    def look_at(self, event: DataTable.RowHighlighted) -> None:
        """Shows the case that the cursor is on."""
        if event.row_key.value is not None:
            self._show(self.desk.tables.case(int(event.row_key.value)))

    def _show(self, case: Case | None, *, sharp: bool = False) -> None:
        self.case, self.sharp = case, sharp
        drawn = Text()
        if case is not None:
            for file in case.files:
                drawn.append_text(picture(file, 44, 14, blurred=not sharp)).append("\n")
        self.query_one("#picture", Static).update(drawn)
        self.query_one("#told", Static).update(
            Text("Nothing is here.") if case is None else _table(rows(case, self.desk.tables.votes(case.id)))
        )

    # --- what an officer does -----------------------------------------------------------------------------------

    def action_reveal(self) -> None:
        """Shows the pictures as they are, or blurs them again. That somebody looked is recorded."""
        if self.case is None or not self.case.files:
            return
        if not self.sharp:
            with self._told():
                for position in range(len(self.case.files)):
                    self.desk.note_look(self.case.id, position + 1)
        self._show(self.case, sharp=not self.sharp)

    @work
    async def action_agree(self) -> None:
        """Asks under which category, and says so."""
        if self.case is None:
            return
        choices = [Choice(one.value, f"Agree: {one.value}") for one in Category]
        card = Card("Agree to list it", _AGREE, (Choice("leave", "Leave it"), *choices))
        reply = await self.push_screen_wait(CardScreen(card))
        if reply.choice != "leave":
            await self._vote(Voice.AGREE, Category(reply.choice))

    @work
    async def action_dismiss(self) -> None:
        """Asks once more, and says so."""
        if self.case is None:
            return
        text = "A second person has to dismiss it, too. Nothing is deleted, and both may think again."
        card = Card("Dismiss it", text, (Choice("leave", "Leave it"), Choice("dismiss", "Dismiss")))
        if (await self.push_screen_wait(CardScreen(card))).choice == "dismiss":
            await self._vote(Voice.DISMISS, None)

    @work
    async def action_note(self) -> None:
        """Asks what to write down."""
        if self.case is None:
            return
        choices = (Choice("leave", "Leave it"), Choice("keep", "Keep it"))
        text = f"At most {MAX_WORDS:,} characters. Notes stay."
        card = Card("A note", text, choices, field="what you want to be remembered")
        reply = await self.push_screen_wait(CardScreen(card))
        if reply.choice == "keep":
            with self._told():
                self.desk.note(self.case.id, reply.text)
            self._show(self.desk.tables.case(self.case.id), sharp=self.sharp)

    @work
    async def action_state(self) -> None:
        """Asks which cases to show."""
        choices = [Choice(one.value, f"{one.value} ({self.desk.tables.count(one):,})") for one in State]
        reply = await self.push_screen_wait(
            CardScreen(Card("Which cases", "", (Choice("leave", "Leave it"), *choices)))
        )
        if reply.choice != "leave":
            self.state = State(reply.choice)
            self.action_refresh()

    @work
    async def action_help(self) -> None:
        """Every key."""
        await self.push_screen_wait(CardScreen(told("Help", _HELP)))

    async def _vote(self, voice: Voice, category: Category | None) -> None:
        if self.case is None:
            return
        with self._told():
            outcome = self.desk.vote(self.case.id, voice, category)
            if isinstance(outcome, Denied):
                await self.push_screen_wait(CardScreen(told("Not taken", f"{outcome.value.capitalize()}.")))
                return
            if outcome is not self.state:
                self._table.remove_row(str(self.case.id))
                self._shown -= 1
            self._show(self.desk.tables.case(self.case.id))

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Faults and refusals as a line of their own, and not as the end of the program."""
        try:
            yield
        except (ClientError, ValueError) as fault:
            self.query_one("#status", Static).update(Text(f" {fault}"))


def run_desk(desk: Desk, theme: str = "dark") -> int:
    """Shows the desk until it is closed, and returns an exit code: 0, or 1 for a fault of ours, which was printed."""
    app = DeskApp(desk, theme)
    app.run()
    return app.return_code or 0


def _table(told_rows: list[tuple[str, str]]) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold")
    grid.add_column(overflow="fold")
    for name, value in told_rows:
        grid.add_row(Text(name), Text(value))
    return grid
