"""The project's own pages, as the tests of the documents read them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language ("" where none is named), its text, and the page's line on which it begins."""

    language: str
    text: str
    line: int


@cache
def pages() -> dict[str, str]:
    """Every page at the root and below docs/, by its path from the root."""
    found = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in found}


def blocks(page: str) -> list[Block]:
    """The fenced blocks of a page."""
    text = pages()[page]
    fences = re.finditer(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [Block(fence[1], fence[2], text[: fence.start()].count("\n") + 1) for fence in fences]


def only_block(page: str, language: str) -> str:
    """The text of the page's one fenced block in a language."""
    (found,) = (one.text for one in blocks(page) if one.language == language)
    return found


def prose(page: str) -> str:
    """A page without its fenced blocks."""
    return re.sub(r"^```.*?^```$", "", pages()[page], flags=re.MULTILINE | re.DOTALL)


def rows(page: str, columns: int) -> list[list[str]]:
    """The rows of a page's tables that have this many columns, heads and rules left out."""
    table: list[list[str]] = []
    lines = pages()[page].splitlines()
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        is_head = following.startswith("| ---")
        if line.startswith("| ") and not line.startswith("| ---") and not is_head and len(cells) == columns:
            table.append(cells)
    return table
