"""A link that is listed, in the text that it stands in: where it is, and the text without it."""

from __future__ import annotations

from foreseal_matcher import Held, Match

__all__ = ["Span", "listed_link", "parts", "row_and_column", "without"]

Span = tuple[int, int]
"""A link's first character in a text, and the one after its last."""


def listed_link(held: Held) -> Span | None:
    """Where the link stands that something was stopped for; None where it was stopped for something else."""
    return held.verdict.span if isinstance(held.verdict, Match) else None


def without(text: str, span: Span) -> str:
    """The text without the link and without the gap that it leaves; empty where nothing else stands there."""
    before, _, after = parts(text, span)
    return f"{before.rstrip(' ')} {after.lstrip(' ')}".strip()


def row_and_column(text: str, at: int) -> tuple[int, int]:
    """A place in a text as a text area counts it."""
    before = text[:at].split("\n")
    return len(before) - 1, len(before[-1])


def parts(text: str, span: Span) -> tuple[str, str, str]:
    """What stands in front of a link, the link, and what stands behind it."""
    start, end = span
    return text[:start], text[start:end], text[end:]
