"""The demo's screen, driven by its keys: every card, the policies, the presenter's own file, the relay's view."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest
from rich.text import Text
from textual.widgets import Button, DataTable, Input

from foreseal_client import pictures, words
from foreseal_client.store import State
from foreseal_client.tui.cards import HeldCard, PolicyCard, TextCard, WhyCard
from foreseal_client.tui.composer import Composer
from foreseal_client.tui.demo import DemoApp
from foreseal_client.tui.trust import SafetyCard
from presenter import Presenter, presenting

BENIGN, ANOTHER, LISTED, BOBS, CUT = range(5)


@pytest.mark.parametrize("size", [(130, 42), (80, 24)])
async def test_a_text_and_a_picture_arrive_and_the_screen_says_what_is_true(size: tuple[int, int]) -> None:
    async with presenting(size) as presenter:
        await presenter.write("[red]Hello[/red] \x1b[2J Bob")
        await presenter.until(lambda: presenter.states("Bob") == [State.SHOWN])
        assert "[red]Hello[/red] \\x1b[2J Bob" in presenter.seen()
        await presenter.choose(BENIGN)
        await presenter.until(lambda: presenter.states("Bob") == [State.SHOWN] * 2)
        await presenter.until(lambda: presenter.states("Alice") == [State.SENT] * 2)
        assert presenter.app.query_one("#seen", DataTable).row_count >= 3  # two envelopes and a blob
        seen = presenter.seen()
        assert words.DEMO in seen
        assert "check: hold, fail-closed - list demo-" in seen


async def test_a_listed_picture_is_stopped_by_a_card_whose_safe_choice_has_the_focus() -> None:
    async with presenting() as presenter:
        before = presenter.app.query_one("#seen", DataTable).row_count
        await presenter.choose(LISTED)
        await presenter.card(HeldCard)
        assert presenter.app.screen.focused is presenter.app.screen.query_one("#dont-send", Button)
        assert not presenter.app.screen.query("#send-anyway")
        assert "It resembles an entry on the list demo" in presenter.seen()
        await presenter.press("f3")
        await presenter.card(WhyCard)
        await presenter.press("escape")
        await presenter.card(HeldCard)
        await presenter.press("escape")
        await presenter.until(lambda: presenter.states("Alice") == [State.HELD])
        assert presenter.states("Bob") == []
        assert presenter.app.query_one("#seen", DataTable).row_count == before


async def test_the_text_beside_a_stopped_picture_comes_back_to_the_composer() -> None:
    async with presenting() as presenter:
        await presenter.press("ctrl+o")
        await presenter.until(lambda: len(presenter.app.screen_stack) == 2)
        await presenter.press(*["down"] * LISTED, "enter")
        await presenter.until(lambda: presenter.app.pane("Alice").attached)
        await presenter.write("look at this")
        await presenter.card(HeldCard)
        await presenter.press("escape")
        await presenter.until(lambda: presenter.app.pane("Alice").query_one(Composer).text == "look at this")
        assert presenter.app.pane("Alice").attached is None


async def test_under_warn_the_person_may_send_it_anyway() -> None:
    async with presenting() as presenter:
        await presenter.press("f5")
        await presenter.card(PolicyCard)
        await presenter.press("up", "enter")
        await presenter.until(lambda: "check: hold, fail-open" in presenter.seen())
        await presenter.press("f5")
        await presenter.card(PolicyCard)
        await presenter.press("up", "enter")
        await presenter.until(lambda: "check: warn, fail-closed" in presenter.seen())
        await presenter.choose(LISTED)
        await presenter.card(HeldCard)
        presenter.app.screen.query_one("#send-anyway", Button).press()
        await presenter.until(lambda: State.SENT in presenter.states("Alice"))
        # Bob's device has the same list and policy: it hides the picture, and lets him look.
        await presenter.until(lambda: presenter.states("Bob") == [State.WITHHELD])
        presenter.app.pane("Bob").query_one(Composer).focus()
        await presenter.press("f2")
        await presenter.until(lambda: presenter.states("Bob") == [State.SHOWN])


async def test_what_arrives_on_bobs_list_only_is_hidden_and_stays_so_under_hold() -> None:
    async with presenting() as presenter:
        await presenter.choose(BOBS)
        await presenter.until(lambda: presenter.states("Bob") == [State.WITHHELD])
        assert words.HIDDEN in presenter.seen()
        presenter.app.pane("Bob").query_one(Composer).focus()
        await presenter.press("f2")
        await presenter.until(lambda: "The policy hold keeps this hidden" in presenter.seen())


async def test_what_a_withdrawn_entry_held_or_hid_is_released_on_both_screens() -> None:
    async with presenting() as presenter:
        await presenter.write("/send")
        await presenter.until(lambda: "Nothing here was stopped and released since." in presenter.seen())
        await presenter.choose(LISTED)
        await presenter.card(HeldCard)
        await presenter.press("escape")
        await presenter.until(lambda: presenter.states("Alice") == [State.HELD])
        await presenter.write("/withdraw")
        await presenter.until(lambda: presenter.states("Alice") == [State.RELEASED])
        await presenter.until(lambda: words.WITHDRAWN in presenter.seen())
        await presenter.write("/send")
        await presenter.until(lambda: presenter.states("Alice") == [State.SENT])
        await presenter.until(lambda: presenter.states("Bob") == [State.SHOWN])
        await presenter.write("/withdraw")
        await presenter.until(lambda: "Nothing is left to withdraw." in presenter.seen())


async def test_bob_may_write_first_and_ask_why_before_anything_was_checked() -> None:
    async with presenting() as presenter:
        await presenter.write("/why", "Bob")
        await presenter.card(WhyCard)
        await presenter.press("escape")
        await presenter.write("/safety", "Bob")
        await presenter.card(SafetyCard)
        await presenter.press("escape")
        await presenter.write("hello Alice", "Bob")
        await presenter.until(lambda: presenter.states("Alice") == [State.SHOWN])


async def test_a_text_that_is_too_long_is_said_and_stays_in_the_composer() -> None:
    async with presenting() as presenter:
        await presenter.write("x" * 30_001)
        await presenter.until(lambda: "Shorten it" in presenter.seen())
        assert presenter.app.pane("Alice").query_one(Composer).text == "x" * 30_001


async def test_a_picture_that_cannot_be_checked_is_stopped_with_its_reason() -> None:
    async with presenting() as presenter:
        await presenter.choose(CUT)
        await presenter.card(HeldCard)
        assert "could not be checked: the picture is cut off or damaged" in presenter.seen()
        await presenter.press("escape")


async def test_the_presenters_own_file_is_listed_and_then_stopped(tmp_path: Path) -> None:
    mine = tmp_path / "mine [bold].jpg"
    mine.write_bytes(pictures.generate("quilt", 9, (400, 300)))
    (tmp_path / "copy.webp").write_bytes(pictures.edited(mine.read_bytes(), "sent-on"))
    async with presenting() as presenter:
        await presenter.press("f6")
        await presenter.until(lambda: len(presenter.app.screen_stack) == 2)
        path = presenter.app.screen.query_one(Input)
        path.focus()
        path.value = str(tmp_path / "not there.jpg")
        await presenter.press("enter")
        await presenter.until(lambda: "There is no file at" in presenter.seen())
        path.value = str(mine)
        await presenter.press("enter")
        await presenter.until(lambda: "mine [bold].jpg is on the temporary list" in presenter.seen())
        assert words.OWN_PICTURES in presenter.seen()
        assert words.DEMO not in presenter.seen()
        await presenter.write(f"/attach {tmp_path / 'copy.webp'}")
        await presenter.until(lambda: presenter.app.pane("Alice").attached)
        await presenter.press("enter")
        await presenter.card(HeldCard)
        await presenter.press("escape")


async def test_a_file_that_cannot_be_listed_is_said(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no picture")
    async with presenting() as presenter:
        await presenter.write(f"/list {tmp_path / 'notes.txt'}")
        await presenter.until(lambda: "notes.txt was not listed: its bytes are no picture." in presenter.seen())
        await presenter.write(f"/attach {tmp_path / 'gone.txt'}")
        await presenter.until(lambda: "gone.txt cannot be attached" in presenter.seen())
        await presenter.write("/nonsense")
        await presenter.until(lambda: "There is no command /nonsense" in presenter.seen())


async def test_the_relay_does_not_have_what_was_written_and_the_search_says_what_it_searched() -> None:
    async with presenting() as presenter:
        await presenter.write("meet me at the lighthouse")
        await presenter.until(lambda: presenter.states("Bob") == [State.SHOWN])
        phrase = presenter.app.query_one("#phrase", Input)
        for text, answer in (
            ("at the lighthouse", "found in 0 of"),
            ("SQLite format 3", "stored: relay.sqlite"),  # a control: this the relay's store does hold
            ("abc", "at least six characters"),
        ):
            phrase.focus()
            phrase.value = text
            await presenter.press("enter")
            await presenter.until(lambda answer=answer: answer in presenter.seen())  # type: ignore[misc]


async def test_help_lists_the_keys_and_closes() -> None:
    async with presenting() as presenter:
        await presenter.press("f1")
        await presenter.card(TextCard)
        assert "ctrl+o /attach" in presenter.seen()
        await presenter.press("escape")
        await presenter.until(lambda: len(presenter.app.screen_stack) == 1)
        await presenter.press("f4")
        assert presenter.app.query_one("#relay").has_class("large")


class NotYet(DemoApp):
    """The demo before its stage is set, for as long as a test wants."""

    CSS_PATH = str(Path(inspect.getfile(DemoApp)).with_name("foreseal.tcss"))

    def _play(self) -> None:  # type: ignore[override]
        """Not yet."""


async def test_what_is_typed_before_the_stage_is_set_is_not_lost() -> None:
    app = NotYet()
    async with app.run_test(size=(100, 30)) as pilot:
        presenter = Presenter(app, pilot)
        for early in ("/list somewhere.jpg", "/why", "early bird"):
            await presenter.write(early)
            assert app.pane("Alice").query_one(Composer).text == early
        DemoApp._play(app)
        await presenter.until(lambda: app.pane("Bob").person)
        await presenter.press("enter")
        await presenter.until(lambda: presenter.states("Bob") == [State.SHOWN])
        await presenter.press("ctrl+q")
        await presenter.until(lambda: not app.is_running)


def test_a_text_from_somebody_else_is_never_markup() -> None:
    assert Text(words.visible("[link=x]y[/link]")).plain == "[link=x]y[/link]"
