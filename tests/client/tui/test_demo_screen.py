"""The demo's screen, driven by its keys: every card, the policies, the presenter's own file, the relay's view."""

from __future__ import annotations

import inspect
from pathlib import Path

from rich.text import Text
from textual.widgets import Button, DataTable, Input

from foreseal_client import pictures, words
from foreseal_client.store import State
from foreseal_client.tui.cards import HeldCard, PolicyCard, TextCard, WhyCard
from foreseal_client.tui.composer import Composer
from foreseal_client.tui.demo import DemoApp
from presenter import Presenter, at, presenting

BENIGN, ANOTHER, LISTED, BOBS, CUT = range(5)


class NotYet(DemoApp):
    """The demo before its stage is set, for as long as a test wants."""

    CSS_PATH = str(Path(inspect.getfile(DemoApp)).with_name("foreseal.tcss"))

    def _play(self) -> None:  # type: ignore[override]
        """Not yet."""


async def test_two_people_write_and_attach_and_what_cannot_be_sent_listed_or_done_is_said(tmp_path: Path) -> None:
    app = NotYet()
    async with at(app, (80, 24)) as presenter:
        await _what_is_typed_before_the_stage_is_set_is_not_lost(presenter)
        await _bob_may_write_first_and_ask_why_before_anything_was_checked(presenter)
        await _the_relay_does_not_have_what_was_written(presenter)
        await _a_text_that_is_too_long_stays_in_the_composer(presenter)
        await _a_file_that_cannot_be_listed_is_said(presenter, tmp_path)
        await _help_lists_the_keys_and_closes(presenter)


async def _what_is_typed_before_the_stage_is_set_is_not_lost(presenter: Presenter) -> None:
    app = presenter.app
    for early in ("/list somewhere.jpg", "/why", "early bird"):
        await presenter.write(early)
        assert app.pane("Alice").query_one(Composer).text == early
    DemoApp._play(app)
    await presenter.until(lambda: app.stage and app.pane("Bob").person)
    await presenter.press("enter")
    await presenter.until(lambda: presenter.states("Bob") == [State.SHOWN])


async def _bob_may_write_first_and_ask_why_before_anything_was_checked(presenter: Presenter) -> None:
    await presenter.write("/why", "Bob")
    await presenter.card(WhyCard)
    await presenter.press("escape")
    await presenter.write("hello Alice", "Bob")
    await presenter.until(lambda: presenter.states("Alice")[-1] is State.SHOWN)


async def _the_relay_does_not_have_what_was_written(presenter: Presenter) -> None:
    phrase = presenter.app.query_one("#phrase", Input)
    for text, answer in (
        ("early bird", "found in 0 of"),
        ("SQLite format 3", "stored: relay.sqlite"),  # a control: this the relay's store does hold
        ("abc", "at least six characters"),
    ):
        phrase.focus()
        phrase.value = text
        await presenter.press("enter")
        await presenter.until(lambda answer=answer: answer in presenter.seen())  # type: ignore[misc]


async def _a_text_that_is_too_long_stays_in_the_composer(presenter: Presenter) -> None:
    await presenter.write("x" * 30_001)
    await presenter.until(lambda: "Shorten it" in presenter.seen())
    assert presenter.app.pane("Alice").query_one(Composer).text == "x" * 30_001


async def _a_file_that_cannot_be_listed_is_said(presenter: Presenter, folder: Path) -> None:
    (folder / "notes.txt").write_text("no picture")
    await presenter.write(f"/list {folder / 'notes.txt'}")
    await presenter.until(lambda: "notes.txt was not listed: its bytes are no picture." in presenter.seen())
    await presenter.write(f"/attach {folder / 'gone.txt'}")
    await presenter.until(lambda: "gone.txt cannot be attached" in presenter.seen())
    await presenter.write("/nonsense")
    await presenter.until(lambda: "There is no command /nonsense" in presenter.seen())


async def _help_lists_the_keys_and_closes(presenter: Presenter) -> None:
    await presenter.press("f1")
    await presenter.card(TextCard)
    assert "ctrl+o /attach" in presenter.seen()
    await presenter.press("escape")
    await presenter.until(lambda: len(presenter.app.screen_stack) == 1)
    await presenter.press("f4")
    assert presenter.app.query_one("#relay").has_class("large")


async def test_what_is_listed_is_stopped_or_hidden_by_a_card_as_the_policy_says_and_released_when_withdrawn(
    tmp_path: Path,
) -> None:
    async with presenting() as presenter:
        await _a_listed_picture_is_stopped_and_the_safe_choice_has_the_focus(presenter)
        await _the_text_beside_it_comes_back_to_the_composer(presenter)
        await _a_picture_that_cannot_be_checked_is_stopped_with_its_reason(presenter)
        await _what_arrives_on_bobs_list_only_stays_hidden_under_hold(presenter)
        await _what_a_withdrawn_entry_held_is_released(presenter)
        await _the_presenters_own_file_is_listed_and_then_stopped(presenter, tmp_path)
        await _under_warn_the_person_may_send_it_anyway(presenter, tmp_path / "copy.webp")


async def _a_listed_picture_is_stopped_and_the_safe_choice_has_the_focus(presenter: Presenter) -> None:
    before = presenter.app.query_one("#seen", DataTable).row_count
    await presenter.choose(LISTED)
    await presenter.card(HeldCard)
    safe = presenter.app.screen.query_one("#dont-send", Button)
    await presenter.until(lambda: presenter.app.screen.focused is safe)
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


async def _the_text_beside_it_comes_back_to_the_composer(presenter: Presenter) -> None:
    alice = presenter.app.pane("Alice")
    await presenter.press("ctrl+o")
    await presenter.until(lambda: len(presenter.app.screen_stack) == 2)
    await presenter.press(*["down"] * LISTED, "enter")
    await presenter.until(lambda: alice.attached)
    await presenter.write("look at this")
    await presenter.card(HeldCard)
    await presenter.press("escape")
    await presenter.until(lambda: alice.query_one(Composer).text == "look at this")
    assert alice.attached is None
    alice.query_one(Composer).text = ""


async def _a_picture_that_cannot_be_checked_is_stopped_with_its_reason(presenter: Presenter) -> None:
    await presenter.choose(CUT)
    await presenter.card(HeldCard)
    assert "could not be checked: the picture is cut off or damaged" in presenter.seen()
    await presenter.press("escape")
    await presenter.until(lambda: presenter.states("Alice") == [State.HELD] * 3)


async def _what_arrives_on_bobs_list_only_stays_hidden_under_hold(presenter: Presenter) -> None:
    await presenter.choose(BOBS)
    await presenter.until(lambda: presenter.states("Bob") == [State.WITHHELD])
    assert words.HIDDEN in presenter.seen()
    presenter.app.pane("Bob").query_one(Composer).focus()
    await presenter.press("f2")
    await presenter.until(lambda: "The policy hold keeps this hidden" in presenter.seen())
    presenter.app.pane("Alice").query_one(Composer).focus()


async def _what_a_withdrawn_entry_held_is_released(presenter: Presenter) -> None:
    await presenter.write("/send")
    await presenter.until(lambda: "Nothing here was stopped and released since." in presenter.seen())
    await presenter.write("/withdraw")
    await presenter.until(lambda: presenter.states("Alice")[:2] == [State.RELEASED] * 2)
    assert presenter.states("Alice")[2] is State.HELD  # that it could not be checked was no entry's doing
    await presenter.until(lambda: words.WITHDRAWN in presenter.seen())
    await presenter.write("/send")
    await presenter.until(lambda: presenter.states("Alice")[1] is State.SENT)
    await presenter.until(lambda: presenter.states("Bob")[-1] is State.SHOWN)
    await presenter.write("/withdraw")
    await presenter.until(lambda: "Nothing is left to withdraw." in presenter.seen())


async def _the_presenters_own_file_is_listed_and_then_stopped(presenter: Presenter, folder: Path) -> None:
    mine = folder / "mine [bold].jpg"
    mine.write_bytes(pictures.generate("quilt", 9, (400, 300)))
    (folder / "copy.webp").write_bytes(pictures.edited(mine.read_bytes(), "sent-on"))
    assert words.DEMO in presenter.seen()
    await presenter.press("f6")
    await presenter.until(lambda: len(presenter.app.screen_stack) == 2)
    path = presenter.app.screen.query_one(Input)
    path.focus()
    path.value = str(folder / "not there.jpg")
    await presenter.press("enter")
    await presenter.until(lambda: "There is no file at" in presenter.seen())
    path.value = str(mine)
    await presenter.press("enter")
    await presenter.until(lambda: "mine [bold].jpg is on the temporary list" in presenter.seen())
    assert words.OWN_PICTURES in presenter.seen()
    assert words.DEMO not in presenter.seen()
    await _attaches(presenter, folder / "copy.webp")
    await presenter.card(HeldCard)
    await presenter.press("escape")
    await presenter.until(lambda: len(presenter.app.screen_stack) == 1)


async def _attaches(presenter: Presenter, file: Path) -> None:
    await presenter.write(f"/attach {file}")
    await presenter.until(lambda: presenter.app.pane("Alice").attached)
    await presenter.press("enter")


async def _under_warn_the_person_may_send_it_anyway(presenter: Presenter, copy: Path) -> None:
    await presenter.press("f5")
    await presenter.card(PolicyCard)
    await presenter.press("up", "enter")
    await presenter.until(lambda: "check: hold, fail-open" in presenter.seen())
    await presenter.press("f5")
    await presenter.card(PolicyCard)
    await presenter.press("up", "enter")
    await presenter.until(lambda: "check: warn, fail-closed" in presenter.seen())
    await _attaches(presenter, copy)
    await presenter.card(HeldCard)
    presenter.app.screen.query_one("#send-anyway", Button).press()
    await presenter.until(lambda: presenter.states("Alice")[-1] is State.SENT)
    # Bob's device has the same list and policy: it hides the picture, and lets him look.
    await presenter.until(lambda: presenter.states("Bob")[-1] is State.WITHHELD)
    presenter.app.pane("Bob").query_one(Composer).focus()
    await presenter.press("f2")
    await presenter.until(lambda: presenter.states("Bob")[-1] is State.SHOWN)


async def test_in_a_large_terminal_too_a_text_and_a_picture_arrive_and_the_screen_says_what_is_true() -> None:
    async with presenting((130, 42)) as presenter:
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


def test_a_text_from_somebody_else_is_never_markup() -> None:
    assert Text(words.visible("[link=x]y[/link]")).plain == "[link=x]y[/link]"
