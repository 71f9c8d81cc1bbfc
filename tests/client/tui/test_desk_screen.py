"""The desk on a screen: what is shown, what stays blurred, what is asked before it counts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from rich.text import Span, Text
from textual.pilot import Pilot
from textual.widgets import Button, DataTable, Static

from desk_stage import LEAD, REVIEWER, at, new_desk
from foreseal_client.desk.cases import Kind, State
from foreseal_client.desk.room import Desk
from foreseal_client.desk.rules import Voice
from foreseal_client.desk.tips import tip_file, tip_link
from foreseal_client.reports.said import Category, TipOff
from foreseal_client.tui.chat.card_screen import CardScreen
from foreseal_client.tui.desk.app import DeskApp
from sample_pictures import encoded, picture


@asynccontextmanager
async def shown(desk: Desk) -> AsyncIterator[tuple[DeskApp, Pilot[None]]]:
    app = DeskApp(desk)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        yield app, pilot


async def answer(app: DeskApp, pilot: Pilot[None], choice: str) -> None:
    await until(pilot, lambda: isinstance(app.screen, CardScreen))
    screen = app.screen
    assert isinstance(screen, CardScreen)
    await until(pilot, lambda: isinstance(screen.focused, Button))
    assert screen.focused is screen.query_one("#choice-0", Button)
    number = [one.name for one in screen.card.choices].index(choice)
    screen.query_one(f"#choice-{number}", Button).press()
    await until(pilot, lambda: app.screen is not screen)


async def until(pilot: Pilot[None], so: Callable[[], object]) -> None:
    for _ in range(500):
        if so():
            return
        await pilot.pause()
    pytest.fail("it never came to be")


def drawn(app: DeskApp) -> list[Span]:
    text = app.query_one("#picture", Static).content
    assert isinstance(text, Text)
    return text.spans


def told(app: DeskApp) -> str:
    console = app.console
    with console.capture() as capture:
        console.print(app.query_one("#told", Static).content)
    return capture.get()


async def test_a_picture_is_blurred_until_asked_and_each_look_is_recorded(tmp_path: Path) -> None:
    new_desk(tmp_path / "desk")
    file = tmp_path / "brought.png"
    file.write_bytes(encoded(picture(41), "PNG"))
    desk = at(tmp_path / "desk")
    case = tip_file(desk, file, Category.OTHER)
    async with shown(desk) as (app, pilot):
        await until(pilot, lambda: app.case is not None)
        blurred = drawn(app)
        await pilot.press("f2")
        assert drawn(app) != blurred
        await pilot.press("f2")
        assert drawn(app) == blurred
    looks = [one.act for one in desk.tables.trail() if one.act.what == "looked"]
    assert [(act.officer, act.case) for act in looks] == [(LEAD, case)]
    desk.close()


async def test_the_second_officer_confirms_and_the_safe_choice_has_the_focus(tmp_path: Path) -> None:
    new_desk(tmp_path / "desk")
    desk = at(tmp_path / "desk", REVIEWER)
    case = tip_link(desk, "https://listed.example/\x1b[31m", Category.OTHER, "look")
    desk.vote(case, Voice.AGREE, Category.THREAT)
    desk.close()
    desk = at(tmp_path / "desk")
    async with shown(desk) as (app, pilot):
        await until(pilot, lambda: app.case is not None)
        assert "\x1b[31m" not in told(app)
        assert f"{REVIEWER} says" in told(app)
        await pilot.press("a")
        await answer(app, pilot, "leave")
        assert len(desk.tables.votes(case)) == 1
        await pilot.press("a")
        await answer(app, pilot, Category.THREAT.value)
        await until(pilot, lambda: app.query_one(DataTable).row_count == 0)
    found = desk.tables.case(case)
    assert found is not None
    assert (found.state, found.category) == (State.CONFIRMED, Category.THREAT)
    desk.close()


async def test_a_queue_of_ten_thousand_is_opened_by_pages(tmp_path: Path) -> None:
    new_desk(tmp_path / "desk")
    desk = at(tmp_path / "desk")
    with desk.tables.transaction():
        for number in range(10_000):
            tip_link_quickly(desk, number)
    async with shown(desk) as (app, pilot):
        table = app.query_one(DataTable)
        assert table.row_count == 500
        assert table.get_row_at(0)[1] == "highest"
        assert "500 of 10,000" in str(app.query_one("#status", Static).content)
        await pilot.press("m")
        assert table.row_count == 1000
    desk.close()


def tip_link_quickly(desk: Desk, number: int) -> None:
    category = Category.CHILD_ABUSE if number % 10 == 7 else Category.OTHER
    said = TipOff(category, "", f"https://{number}.example")
    desk.tables.put_case(number.to_bytes(16, "big"), Kind.TIP_OFF, category, number, said, (), listable=True)
