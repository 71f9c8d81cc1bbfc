"""What every program on a screen does, whatever it shows: it comes back whole, and fails telling nothing it holds."""

from __future__ import annotations

import traceback
from typing import ClassVar

from textual.app import App

__all__ = ["Program"]


class Program(App[None]):
    """`CALLED`: what it is called where it says that it stopped."""

    CALLED: ClassVar[str]

    def on_mount(self) -> None:
        """A program that was stopped and goes on (SIGTSTP, SIGCONT) draws all of its screen again."""
        self.app_resume_signal.subscribe(self, lambda _: self.refresh(layout=True))

    def _fatal_error(self) -> None:
        """A fault of ours. Textual would print the local variables of every frame; keys and texts are among them."""
        self.exit(return_code=1, message=f"{self.CALLED} stopped by a fault of its own.\n{traceback.format_exc()}")
