"""A picture as half blocks: each cell shows two pixels, one above the other. It works in every terminal and browser."""

from __future__ import annotations

from rich.style import Style
from rich.text import Text

from foreseal_matcher import Undecodable
from foreseal_matcher.content import Item

__all__ = ["picture"]


def picture(item: Item, columns: int, rows: int, *, blurred: bool = False) -> Text:
    """The item drawn in at most `columns` x `rows` cells; what is no picture is named with its size instead."""
    # Loaded here: it brings numpy, and a conversation of texts has no use for that.
    from foreseal_matcher.preview import preview

    try:
        with item.open() as reader:
            pixels = preview(reader.read(), columns, rows, blurred=blurred)
    except (Undecodable, OSError):
        return Text(f"[a file of {item.size:,} bytes, which cannot be shown as a picture]", style="italic")
    text = Text(no_wrap=True, end="")
    for y in range(0, len(pixels) - 1, 2):
        for above, below in zip(pixels[y], pixels[y + 1], strict=True):
            text.append("▀", Style(color=_hex(above), bgcolor=_hex(below)))
        text.append("\n")
    text.right_crop(1)
    return text


def _hex(colour: tuple[int, int, int]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
