"""Message requests: what of a stranger's letters is shown before anybody has decided about them.

The text, as far as it is short; how many files there are, none of which was fetched; nothing else. The letters stay
whole on the device, so that accepting shows all of them and keeping them proves what was written.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from foreseal_client.safeguards.newness import unlinked

__all__ = ["MAX_REQUESTS", "MAX_REQUEST_LETTERS", "MAX_REQUEST_TEXT", "Request", "as_shown", "refusal"]

MAX_REQUEST_TEXT: Final = 500
"""Characters of all texts of one request that are shown."""
MAX_REQUEST_LETTERS: Final = 8
"""Letters kept of one stranger who was not accepted; later ones are dropped unread."""
MAX_REQUESTS: Final = 64
"""Strangers who may wait to be decided about; later ones are dropped unread."""


class Request(msgspec.Struct, frozen=True):
    """Somebody who is no contact wrote. `text`: with links that cannot be opened; `shortened`: there is more of it;
    `files`: how many wait at the relay, unseen; `hidden`: letters whose text this device does not show; `resembles`:
    the name of a contact that they bear; `left`: the person has chosen to leave it, and it is not counted."""

    identity: bytes
    name: str
    text: str
    shortened: bool
    files: int
    hidden: int
    resembles: str | None
    left: bool


def as_shown(texts: Sequence[str]) -> tuple[str, bool]:
    """What is shown of a stranger's texts, and whether there is more of them."""
    whole = "\n".join(text for text in texts if text)
    return unlinked(whole[:MAX_REQUEST_TEXT]), len(whole) > MAX_REQUEST_TEXT


def refusal(name: str, *, invited_only: bool, letters: int, waiting: int) -> str:
    """Why a stranger's letter is dropped unread, or nothing. `letters`: of theirs that are here; `waiting`: other
    strangers who wait."""
    if invited_only:
        return f"{name} wrote without an invitation, and this profile takes none such. It was dropped unread."
    if letters >= MAX_REQUEST_LETTERS:
        return f"{name} has written {letters} times without an answer. What else they sent was dropped unread."
    if waiting >= MAX_REQUESTS:
        return f"{waiting} people wait to be accepted already. What {name} sent was dropped unread."
    return ""
