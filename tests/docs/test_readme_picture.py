"""The README's picture is what the program shows today, and asks nobody for anything."""

from __future__ import annotations

import re
from html import unescape

from docs.pages import ROOT
from readme_picture import held_card

SHOWN = ROOT / "docs" / "pictures" / "held-card.svg"


def words_in(svg: str) -> list[str]:
    """What can be read in it, line by line. Shades of the painted picture may differ between decoders."""
    return [unescape(text) for text in re.findall(r"<text[^>]*>([^<]*)</text>", svg)]


async def test_the_picture_in_the_readme_says_what_the_card_says_today() -> None:
    shown, made = SHOWN.read_text("utf-8"), await held_card()
    assert words_in(shown) == words_in(made), "make pictures"
    assert shown.count("<rect") == made.count("<rect")
    said = " ".join(words_in(shown)).replace("\xa0", " ")
    assert all(one in said for one in ("Not sent", "Nothing left this device", "Don't send", "Nothing leaves this"))


def test_the_picture_is_small_fetches_nothing_and_stands_on_the_first_screen() -> None:
    shown = SHOWN.read_text("utf-8")
    assert len(shown.encode()) < 60_000
    assert re.findall(r"https?://[^\"]*", shown) == ["http://www.w3.org/2000/svg"]
    assert not re.search(r"<script|<image|@import|@font-face|url\((?!#)|\bon\w+=", shown)
    first = (ROOT / "README.md").read_text("utf-8").splitlines()[:15]
    assert any("](docs/pictures/held-card.svg)" in line for line in first)
