"""Two themes: dark, and light with high contrast for projectors. Nothing is told by a colour alone."""

from __future__ import annotations

from typing import Final

from textual.theme import Theme

__all__ = ["DARK", "LIGHT", "THEMES"]

DARK: Final = Theme(
    name="foreseal-dark", dark=True, primary="#7aa2f7", secondary="#73daca", accent="#e0af68", warning="#ff9e64",
    error="#f7768e", success="#9ece6a", foreground="#d5daf0", background="#14161f", surface="#1b1e2b", panel="#262a3b",
    variables={"footer-key-foreground": "#e0af68", "input-selection-background": "#7aa2f7 35%"},
)  # fmt: skip
LIGHT: Final = Theme(
    name="foreseal-light", dark=False, primary="#0b3d91", secondary="#00543c", accent="#7a3e00", warning="#9a3b00",
    error="#a00020", success="#00543c", foreground="#000000", background="#ffffff", surface="#ffffff", panel="#e6e9f0",
    variables={"footer-key-foreground": "#7a3e00", "text-muted": "#333333", "foreground-muted": "#333333"},
)  # fmt: skip
THEMES: Final = {"dark": DARK, "light": LIGHT}
