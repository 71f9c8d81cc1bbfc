"""The demo, or a scenario of it, drawn for a window of a browser: `python -m foreseal_client.tui.in_browser THEME
[SCENARIO]`. `foreseal demo --web` starts it; `web/screen.py` says what goes through its pipes."""

from __future__ import annotations

import asyncio
import contextlib
import sys

from textual.drivers.web_driver import WebDriver

from foreseal_client.demo.scenario import named
from foreseal_client.tui.demo import DemoApp, run_to_its_end
from foreseal_client.tui.scenario import ScenarioApp

__all__ = ["PipeDriver", "main"]


class PipeDriver(WebDriver):
    """Quits when its input ends, as it does when the server closes it, is ended or is killed."""

    def write(self, data: str) -> None:
        """Draws, as long as somebody looks: a server that was killed reads no more."""
        with contextlib.suppress(BrokenPipeError):
            super().write(data)

    def run_input_thread(self) -> None:
        """Reads until there is no more."""
        super().run_input_thread()
        if not self.exit_event.is_set():
            asyncio.run_coroutine_threadsafe(self._app.action_quit(), self._loop)


def main(theme: str, scenario: str | None = None) -> None:
    """Draws on standard output. Exits 1 when it could not start."""
    app = DemoApp(theme) if scenario is None else ScenarioApp(named(scenario), theme)
    app.driver_class = PipeDriver
    run_to_its_end(app)


if __name__ == "__main__":
    main(*sys.argv[1:])
