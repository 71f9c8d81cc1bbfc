"""Text from somebody else on this person's screen: a name, a message, a file's name, words from a list."""

from __future__ import annotations

import unicodedata
from typing import Final

__all__ = ["counted", "visible"]

_ACTING: Final = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn"})
"""Unicode's general categories of what acts and is not seen: controls, invisible and direction marks, separators of
lines; and of what has no meaning of its own, as bytes of a name that are no text."""
_JOINER: Final = "\u200d"
"""Emoji are made with it."""


def visible(text: str, *, lines: bool = False) -> str:
    """`text` with what a terminal would obey shown as Python writes it, instead of obeyed. `lines`: line breaks are
    kept."""
    return "".join(c if (lines and c == "\n") or not _acts(c) else ascii(c)[1:-1] for c in text)


def counted(number: int, noun: str) -> str:
    """1 line, 2 lines, 1,204 lines. `noun`: one whose plural takes an s."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _acts(character: str) -> bool:
    return unicodedata.category(character) in _ACTING and character != _JOINER
