"""The picture of the README: the card that a person meets when something of theirs is held.

`python tests/readme_picture.py FILE` writes it, and `make pictures` calls it. A real check of a painted picture against
a list that it is on, and the card as every screen shows it; the same on every machine and day.
"""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from pathlib import Path
from typing import Final

from rich.text import Text
from textual.app import App, ComposeResult
from textual.widgets import Static

from foreseal_client import words
from foreseal_client.demo.scene import draft_of
from foreseal_client.demo.shelf import taken
from foreseal_client.demo.stage import HOLD_CLOSED, write_list
from foreseal_client.tui import demo
from foreseal_client.tui.cards import HeldCard
from foreseal_client.tui.chat.themes import DARK
from foreseal_matcher import Held, decide, screen

__all__ = ["held_card"]

_SIZE: Final = (84, 27)
_LEFT_OUT: Final = re.compile(
    r"""\s*(@font-face\s*\{[^}]*\}|<!--.*?-->|<clipPath id="line.*?</clipPath>|<text[^>]*>\s*</text>)"""
    r"""|\sclip-path="url\(\#line[^"]*"|\sshape-rendering="crispEdges\"""",
    re.DOTALL,
)
_NAMES: Final = re.compile(r"terminal-\d+-")
_HALF_BLOCK: Final = re.compile(r'<text class="(\w+)" x="([\d.]+)" y="([\d.]+)"[^>]*>▀</text>')
_CELL: Final = (12.2, 24.4)
_ABOVE_THE_LINE: Final = 18.5
"""How far a cell begins above the line that its letters stand on, in the units of Rich's SVG."""


class _Screen(App[None]):
    CSS_PATH = Path(demo.__file__).with_name("foreseal.tcss")

    def __init__(self, held: Held, card: HeldCard) -> None:
        super().__init__()
        self.register_theme(DARK)
        self.theme = DARK.name
        self._card = card

    def compose(self) -> ComposeResult:
        yield Static(Text(words.DEMO), id="banner")

    def on_mount(self) -> None:
        self.push_screen(self._card)


async def held_card() -> str:
    """The picture, as an SVG that asks nobody for a font."""
    draft = draft_of("", "still-life/sent-on")
    with tempfile.TemporaryDirectory() as folder:
        lists = write_list(Path(folder) / "list", "demo", [taken("still-life")])
        held = decide(screen(draft, lists), HOLD_CLOSED)
    assert isinstance(held, Held)
    app = _Screen(held, HeldCard(held, draft, []))
    async with app.run_test(size=_SIZE) as pilot:
        await pilot.pause()
        return _slender(app.export_screenshot(title="Foreseal", simplify=True))


def _slender(svg: str) -> str:
    """Without the web font and what clips each line, with shorter names, and with half blocks as what they look like:
    few fonts of a reader fill the cell with theirs. No seams show between cells."""
    crisp = "<style>\n    rect:not([rx]) { shape-rendering: crispEdges }"

    def half(found: re.Match[str]) -> str:
        name, x, y = found.groups()
        top = round(float(y) - _ABOVE_THE_LINE, 1)
        return f'<rect class="{name}" x="{x}" y="{top}" width="{_CELL[0] + 0.1:.1f}" height="{_CELL[1] / 2:.1f}"/>'

    return _HALF_BLOCK.sub(half, _LEFT_OUT.sub("", _NAMES.sub("", svg))).replace("<style>", crisp, 1)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(asyncio.run(held_card()), "utf-8")
