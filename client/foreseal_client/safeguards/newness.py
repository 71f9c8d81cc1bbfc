"""How new a contact is, and what follows from it. None of it looks at what a picture shows."""

from __future__ import annotations

from typing import Final

import msgspec

from foreseal_client.safeguards.settings import Safeguards
from foreseal_matcher.link_finding import links_in

__all__ = ["Moment", "Reminder", "days_known", "has_links", "links_open", "moment_for", "reminder_for", "unlinked"]

_BRACKETED: Final = {":": "[:]", ".": "[.]"}


class Moment(msgspec.Struct, frozen=True):
    """Take a moment: files are about to go to somebody new, or came from them. Nothing was compared with anything for
    this, nothing was sent, and nobody was told. `days`: since they were let in; None: they are no contact."""

    identity: bytes
    days: int | None
    outgoing: bool


class Reminder(msgspec.Struct, frozen=True):
    """Said once: somebody new has sent a file or a link for the first time. `days`: since they were let in."""

    identity: bytes
    days: int


def days_known(since: int | None, today: int) -> int | None:
    """Days since somebody was let in; 0 where a clock was put back, None for somebody who never was."""
    return None if since is None else max(0, today - since)


def moment_for(identity: bytes, known: int | None, settings: Safeguards, *, outgoing: bool) -> Moment | None:
    """What a card says before files go to somebody, or come up from them. `known`: in days."""
    if settings.moment_days and (known is None or known < settings.moment_days):
        return Moment(identity, known, outgoing)
    return None


def reminder_for(identity: bytes, known: int | None, settings: Safeguards) -> Reminder | None:
    """What is said when the first file or link of a contact comes."""
    return None if known is None or known >= settings.reminder_days else Reminder(identity, known)


def links_open(known: int | None, settings: Safeguards) -> bool:
    """Whether links of somebody may be opened by a click. Those of somebody who is no contact never."""
    return known is not None and known >= settings.plain_links_days


def has_links(text: str) -> bool:
    """Whether anything in a text is a link."""
    return next(links_in(text), None) is not None


def unlinked(text: str) -> str:
    """The text with each link written so that no terminal opens it: `https[:]//example[.]org`. The rest is as it
    was."""
    pieces, at = [], 0
    for found in sorted(links_in(text), key=lambda link: link.start):
        start = max(at, found.start)
        pieces += [text[at:start], *(_BRACKETED.get(sign, sign) for sign in text[start : found.end])]
        at = max(at, found.end)
    # What no rule here calls a link may still be one to a terminal.
    return "".join([*pieces, text[at:]]).replace("://", "[:]//")
