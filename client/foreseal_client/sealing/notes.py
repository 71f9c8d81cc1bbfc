"""What a letter says beside its text: when that disappears, what was received, what is to be deleted.

All of it is asked of the other client, which may be a modified one: nothing can make somebody else's device forget.
"""

from __future__ import annotations

from enum import IntFlag
from typing import Final

import msgspec

from foreseal_relay.wire import EID_BYTES

__all__ = [
    "MAX_TIMER", "MAX_TIMER_VERSION", "MAX_TOLD", "MIN_TIMER", "Notes", "Shares", "Timer", "impossible",
    "possible_timer",
]  # fmt: skip

MIN_TIMER: Final = 30
"""Shortest time, in seconds, after which messages disappear."""
MAX_TIMER: Final = 365 * 86_400
"""Longest: a year."""
MAX_TIMER_VERSION: Final = 2**31 - 1
MAX_TOLD: Final = 32
"""Envelopes that one letter may say were delivered, and were read, and asks to delete: so many of each."""


class Shares(IntFlag):
    """What one side lets the other see, and wants to see. It is told only while both do."""

    NOTHING = 0
    RECEIPTS = 1
    """That their messages were delivered, and read."""
    TYPING = 2
    """That something is being typed."""


class Timer(msgspec.Struct, frozen=True, array_like=True):
    """What two have agreed on: after how many `seconds` messages disappear, 0 for never, and the `number` of the change
    that set it, 0 for never changed."""

    number: int = 0
    seconds: int = 0


class Notes(msgspec.Struct, frozen=True, array_like=True):
    """`fades_after`: seconds after which text and files of this letter disappear, 0 for never; `timer`: as this
    side knows it; `shares`: `Shares` of
    this side. `delivered` and `read`: ids of envelopes from the one who reads this; `deleted`: ids of envelopes from
    the one who wrote it, whose content is to go."""

    fades_after: int = 0
    timer: Timer = Timer()
    shares: int = 0
    delivered: tuple[bytes, ...] = ()
    read: tuple[bytes, ...] = ()
    deleted: tuple[bytes, ...] = ()
    typing: bool = False


def possible_timer(seconds: int) -> bool:
    """Whether messages can disappear after so many seconds; 0 stands for never."""
    return seconds == 0 or MIN_TIMER <= seconds <= MAX_TIMER


def impossible(notes: Notes) -> str:
    """Why these notes are refused, or nothing."""
    times = (notes.fades_after, notes.timer.seconds)
    if not (all(map(possible_timer, times)) and 0 <= notes.timer.number <= MAX_TIMER_VERSION):
        return "A message is to disappear after a time that cannot be. It was dropped."
    if not 0 <= notes.shares < 2**32:
        return "A message says of its sender's settings what cannot be. It was dropped."
    for eids in (notes.delivered, notes.read, notes.deleted):
        if len(eids) > MAX_TOLD or any(len(eid) != EID_BYTES for eid in eids):
            return "A message speaks of envelopes that cannot be. It was dropped."
    return ""
