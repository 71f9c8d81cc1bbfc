"""A link that is listed, as it is drawn in the text that it stands in."""

from __future__ import annotations

from rich.text import Text

from foreseal_client.chat.links import Span, parts
from foreseal_client.shown import visible

__all__ = ["marked"]


def marked(text: str, span: Span) -> Text:
    """The text with the link in reverse and underlined, which is seen without colours too."""
    before, link, after = (visible(part, lines=True) for part in parts(text, span))
    return Text.assemble(before, (link, "reverse underline"), after)
