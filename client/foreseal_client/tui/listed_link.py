"""A link that is listed, in the text that it stands in: where it is, how it is shown, and the text without it."""

from __future__ import annotations

from rich.text import Text

from foreseal_client.shown import visible
from foreseal_matcher import Held, Match

__all__ = ["listed_link", "marked", "row_and_column", "without"]

Span = tuple[int, int]
"""A link's first character in a text, and the one after its last."""


def listed_link(held: Held) -> Span | None:
    """Where the link stands that something was stopped for; None where it was stopped for something else."""
    return held.verdict.span if isinstance(held.verdict, Match) else None


def marked(text: str, span: Span) -> Text:
    """The text with the link in reverse and underlined, which is seen without colours too."""
    before, link, after = (visible(part, lines=True) for part in _parts(text, span))
    return Text.assemble(before, (link, "reverse underline"), after)


def without(text: str, span: Span) -> str:
    """The text without the link and without the gap that it leaves; empty where nothing else stands there."""
    before, _, after = _parts(text, span)
    return f"{before.rstrip(' ')} {after.lstrip(' ')}".strip()


def row_and_column(text: str, at: int) -> tuple[int, int]:
    """A place in a text as a text area counts it."""
    before = text[:at].split("\n")
    return len(before) - 1, len(before[-1])


def _parts(text: str, span: Span) -> tuple[str, str, str]:
    start, end = span
    return text[:start], text[start:end], text[end:]
