"""A scenario played on a screen that nobody looks at, to be written down."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from textual.pilot import Pilot

from foreseal_client.demo.recording import Frame
from foreseal_client.demo.scenario import Scenario
from foreseal_client.tui.scenario import ScenarioApp

__all__ = ["recorded"]

_SIZE: Final = (112, 40)
_TRIES: Final = 6000
_PAUSE: Final = 0.02


async def recorded(scenario: Scenario, theme: str = "light") -> list[Frame]:
    """Plays it as a presenter would, and returns a frame for each step. Raises `TimeoutError` when the screen did not
    come to show a step in two minutes, and `RuntimeError` when it ended before its time."""
    app = ScenarioApp(scenario, theme)
    async with app.run_test(size=_SIZE) as pilot:
        await _until(lambda: app.waits, app, pilot)
        for number in range(1, len(scenario.steps) + 1):
            app.action_next()
            await _until(lambda n=number: len(app.settled) == n and app.waits and app.is_drawn, app, pilot)  # type: ignore[misc]
            await pilot.pause()  # what was mounted last has no size yet, and would be missing in the picture
        app.action_next()
        await _until(lambda: len(app.frames) == len(scenario.steps), app, pilot)
        await app.action_quit()
        await _until(lambda: not app.is_running, app, pilot)
    return app.frames


async def _until(so: Callable[[], bool], app: ScenarioApp, pilot: Pilot[None]) -> None:
    for _ in range(_TRIES):
        if so():
            return
        if app.return_code:
            raise RuntimeError("The screen ended before the scenario did.")
        await pilot.pause(_PAUSE)
    raise TimeoutError
