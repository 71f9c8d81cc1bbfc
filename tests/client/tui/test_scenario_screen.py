"""A scenario on the screen: space goes on, a card is a card, and what is shown is what was done."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from textual.pilot import Pilot
from textual.widgets import Button, Input, Static

from foreseal_client.demo.scenario import named
from foreseal_client.tui.cards import HeldCard
from foreseal_client.tui.composer import Composer
from foreseal_client.tui.scenario import ScenarioApp


class Presenter:
    """Somebody before an audience, with one key."""

    def __init__(self, app: ScenarioApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    async def until(self, so: Callable[[], object]) -> None:
        for _ in range(3000):
            if so():
                return
            await asyncio.sleep(0.01)
        pytest.fail(f"it never came to be; on the screen: {self.seen()}")

    async def next(self) -> None:
        done = len(self.app.settled)
        await self.pilot.press("space")
        await self.until(lambda: len(self.app.settled) == done + 1 and self.app.waits and self.app.is_drawn)

    def card_is_open(self) -> bool:
        return isinstance(self.app.screen, HeldCard)

    def seen(self) -> str:
        return "\n".join(str(one.content) for screen in self.app.screen_stack for one in screen.query(Static))


@asynccontextmanager
async def before_an_audience(name: str, size: tuple[int, int]) -> AsyncIterator[Presenter]:
    app = ScenarioApp(named(name), "light")
    async with app.run_test(size=size) as pilot:
        presenter = Presenter(app, pilot)
        await presenter.until(lambda: app.waits)
        yield presenter
        await app.action_quit()
        await presenter.until(lambda: not app.is_running)


async def test_space_goes_on_from_step_to_step_and_closes_the_card_and_is_a_letter_in_the_search() -> None:
    async with before_an_audience("known-picture-held", (80, 24)) as presenter:
        app = presenter.app
        assert "press space for the first step" in presenter.seen()
        assert not any(composer.display for composer in app.query(Composer))
        for _ in range(3):
            await presenter.next()
        assert "✓ holds: A picture on no list arrives byte for byte." in presenter.seen()
        assert all(pane.region.height >= 6 for pane in app.query(".person"))
        phrase = app.query_one("#phrase", Input)
        phrase.focus()
        phrase.value = "lighthouse at"
        await presenter.pilot.press("end", "space", *"seven")
        assert phrase.value == "lighthouse at seven"
        assert len(app.settled) == 3
        await presenter.pilot.press("enter")
        await presenter.until(lambda: "found in 0 of" in presenter.seen())
        app.set_focus(None)
        await presenter.next()
        assert presenter.card_is_open()
        focused = app.focused
        assert isinstance(focused, Button)
        assert focused.id == "dont-send"
        await presenter.next()
        assert not presenter.card_is_open()
        assert [one.held_up for one in app.settled] == [True] * 5
        await presenter.pilot.press("space")
        await presenter.until(lambda: "5 of 5 claims hold." in presenter.seen())
        assert app.scenario.limits in presenter.seen()
        assert len(app.frames) == 5


async def test_a_presenter_who_leaves_in_the_middle_is_let_go() -> None:
    async with before_an_audience("policy-from-afar", (120, 40)) as presenter:
        await presenter.next()
        await presenter.pilot.press("ctrl+q")
        await presenter.until(lambda: not presenter.app.is_running)
        assert presenter.app.return_code in (None, 0)
