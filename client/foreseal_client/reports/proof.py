"""What the proof of a reported message shows: who signed it, that nothing in it was changed, that it was delivered.

In this order, each a question that the one before has not answered: is it the reporter's message at all; is the
content the one that the sender committed to; did the sender named sign it for this mailbox and envelope; did the
relay deliver it. The relay alone can answer the last (`docs/reports.md`).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from foreseal_client.reports.said import Disclosed
from foreseal_client.sealing import franking

__all__ = ["LISTABLE", "Finding", "finding"]


class Finding(StrEnum):
    """What is known of one reported message."""

    PROVEN = "proven"
    """The sender named wrote exactly this, and the relay delivered it to the reporter's mailbox."""
    UNCONFIRMED = "unconfirmed"
    """The sender named wrote exactly this. Whether it was delivered the relay could not be asked."""
    NOT_THEIRS = "not-theirs"
    """It came to another mailbox than the reporter's: it is somebody else's message."""
    ALTERED = "altered"
    """The content is not what the sender committed to."""
    FORGED = "forged"
    """The sender named did not sign this for this mailbox and envelope."""
    UNDELIVERED = "undelivered"
    """The relay never delivered it: its stamp was invented, or its writer hands in what was never sent."""
    REPEATED = "repeated"
    """The same message was handed in before."""


LISTABLE: Final = frozenset({Finding.PROVEN, Finding.UNCONFIRMED})
"""Findings under which what a message holds may be put on a list, if two people agree."""


def finding(one: Disclosed, mailbox: bytes, *, delivered: bool | None, known: bool = False) -> Finding:
    """What holds of a message that the owner of `mailbox` (16 bytes) hands in. `delivered`: what the relay says of its
    stamp, None where it could not be asked; `known`: whether it was handed in before."""
    if one.mailbox != mailbox:
        return Finding.NOT_THEIRS
    if not franking.opens(one.commitment, one.opening, one.content):
        return Finding.ALTERED
    if not franking.signed_by(one.sender, one.signature, one.commitment, one.opening, one.mailbox, one.eid):
        return Finding.FORGED
    if delivered is False:
        return Finding.UNDELIVERED
    if known:
        return Finding.REPEATED
    return Finding.PROVEN if delivered else Finding.UNCONFIRMED
