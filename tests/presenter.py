"""Somebody at the keyboard of the demo, for tests of its screens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from foreseal_client.store import State
from foreseal_client.tui.bubble import Bubble
from foreseal_client.tui.composer import Composer
from foreseal_client.tui.demo import DemoApp
from foreseal_client.tui.person_pane import PersonPane

__all__ = ["Presenter", "at", "presenting"]


class Presenter:
    """Somebody at the keyboard."""

    def __init__(self, app: DemoApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    async def until(self, so: Callable[[], object]) -> None:
        for _ in range(9000):
            if so():
                await self.pilot.pause()
                return
            # Not the pilot's own pause, which asks every widget each time and takes as long as what is waited for.
            await asyncio.sleep(0.01)
        pytest.fail(f"it never came to be; on the screen: {self.seen()}")

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def write(self, text: str, name: str = "Alice") -> None:
        composer = self.app.pane(name).query_one(Composer)
        composer.focus()
        composer.text = text
        await self.press("enter")

    async def choose(self, number: int) -> None:
        await self.press("ctrl+o")
        await self.until(lambda: len(self.app.screen_stack) == 2)
        await self.press(*["down"] * number, "enter")
        await self.until(lambda: self.app.pane("Alice").attached)
        await self.press("enter")

    async def card(self, kind: type[object]) -> None:
        await self.until(lambda: isinstance(self.app.screen, kind))
        await self.pilot.pause()  # until its buttons are there

    def bubbles(self, name: str) -> list[Bubble]:
        return list(self.app.pane(name).query(Bubble))

    def states(self, name: str) -> list[State]:
        return [bubble.message.state for bubble in self.bubbles(name)]

    def seen(self) -> str:
        texts = [str(widget.content) for screen in self.app.screen_stack for widget in screen.query(Static)]
        return "\n".join(texts)


@asynccontextmanager
async def at(app: DemoApp, size: tuple[int, int]) -> AsyncIterator[Presenter]:
    """Before this demo, whose stage may not be set yet."""
    async with app.run_test(size=size) as pilot:
        presenter = Presenter(app, pilot)
        yield presenter
        await presenter.press("ctrl+q")
        await presenter.until(lambda: not app.is_running)


@asynccontextmanager
async def presenting(size: tuple[int, int] = (80, 24)) -> AsyncIterator[Presenter]:
    async with at(DemoApp(), size) as presenter:
        app = presenter.app
        await presenter.until(lambda: app.stage and all(pane.person for pane in app.query(PersonPane)))
        yield presenter
