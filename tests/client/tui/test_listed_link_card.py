"""The card for a listed link: it is seen in its text, and what was written can be sent without it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.app import App
from textual.widgets import Button, Static

from foreseal_client.chat.links import listed_link, row_and_column, without
from foreseal_client.draft import Draft
from foreseal_client.tui.cards import Choice, HeldCard
from foreseal_client.tui.composer import Composer
from foreseal_client.tui.listed_link import marked
from foreseal_matcher import Bytes, Entry, Held, Match, Reason, Unreadable

TEXT = "look at https://bad.example/page now"
SPAN = (8, 32)


def held(span: tuple[int, int] | None = SPAN) -> Held:
    return Held(Match(Entry(1, "link", "c", "s"), "demo", "1", 0, 0, span=span), bytes(32), may_override=False)


class Desk(App[None]):
    """A card on an empty desk, and what it answered; below it a composer."""

    def __init__(self, card: HeldCard | None = None) -> None:
        super().__init__()
        self.card = card
        self.answer: Choice | None = None

    def compose(self):  # type: ignore[no-untyped-def]
        yield Composer("composer", "")

    def on_mount(self) -> None:
        if self.card is not None:
            self.push_screen(self.card, self.answered)

    def answered(self, choice: Choice | None) -> None:
        self.answer = choice


def buttons(app: App[None]) -> list[str]:
    return [str(button.label) for button in app.screen.query(Button)]


async def test_the_link_stands_out_and_the_rest_can_be_sent_while_the_focus_is_on_not_sending() -> None:
    app = Desk(HeldCard(held(), Draft(TEXT), []))
    async with app.run_test() as pilot:
        assert buttons(app) == ["Don't send", "Send without it", "Why"]
        shown = app.screen.query_one(".said", Static).content
        assert shown == marked(TEXT, SPAN)
        assert app.focused is not None
        assert app.focused.id == "dont-send"
        await pilot.click("#without-link")
    assert app.answer is Choice.WITHOUT_LINK


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (held(), TEXT[slice(*SPAN)].rjust(32)),
        (Held(Unreadable(Reason.TOO_MANY_LINKS), bytes(32), may_override=False), TEXT),
    ],
    ids=["nothing but the link", "no link was found"],
)
async def test_where_nothing_would_be_left_or_no_link_was_the_reason_it_is_not_offered(found: Held, text: str) -> None:
    app = Desk(HeldCard(found, Draft(text), []))
    async with app.run_test() as pilot:
        assert "Send without it" not in buttons(app)
        await pilot.press("escape")
    assert app.answer is Choice.NOT


async def test_beside_a_file_a_link_alone_can_be_left_out() -> None:
    app = Desk(HeldCard(held(), Draft(TEXT[slice(*SPAN)].rjust(32), (Bytes(b"x", "x.txt"),)), []))
    async with app.run_test():
        assert "Send without it" in buttons(app)


async def test_a_composer_gets_its_text_back_with_the_link_selected_unless_something_else_was_begun() -> None:
    app = Desk()
    async with app.run_test():
        composer = app.query_one(Composer)
        composer.give_back(f"first line\n{TEXT}", (19, 43))
        assert composer.selected_text == TEXT[slice(*SPAN)]
        composer.give_back("something else")
        assert composer.text.endswith(TEXT)


@pytest.mark.parametrize(
    ("text", "span", "left"),
    [
        (TEXT, SPAN, "look at now"),
        ("http://a.example hi", (0, 16), "hi"),
        ("hi\nhttp://a.example", (3, 19), "hi"),
        ("see (http://a.example)", (5, 21), "see ( )"),
        ("http://a.example", (0, 16), ""),
    ],
)
def test_without_the_link_the_text_has_no_gap(text: str, span: tuple[int, int], left: str) -> None:
    assert without(text, span) == left


def test_what_would_command_a_terminal_is_shown_in_the_marked_text_too() -> None:
    assert marked("a\x1b[2J http://a.example", (6, 22)).plain == "a\\x1b[2J http://a.example"


def test_what_was_stopped_for_a_picture_has_no_listed_link() -> None:
    assert listed_link(held(None)) is None
    assert listed_link(held()) == SPAN


@given(st.text(alphabet="ab\n "), st.integers(0, 20))
def test_a_place_in_a_text_is_counted_by_its_lines(text: str, at: int) -> None:
    at = min(at, len(text))
    row, column = row_and_column(text, at)
    lines = text.split("\n")
    assert sum(len(line) + 1 for line in lines[:row]) + column == at
