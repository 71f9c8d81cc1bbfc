"""When receipts and typing leave: in slots of the clock that have nothing to do with when something was read or typed.

The slots of one contact lie a fixed step apart and begin at an offset that is drawn from a secret, anew each day: they
tell nothing about the device's other conversations, and nobody can wait for them.
"""

from __future__ import annotations

import hmac
from typing import Final

__all__ = ["RECEIPT_SLOT", "TYPING_SLOT", "next_slot"]

RECEIPT_SLOT: Final = 3600
"""Seconds between two letters that carry nothing but receipts to one contact, at least."""
TYPING_SLOT: Final = 20
"""Seconds between two letters that say nothing but that something is being typed."""

_DAY: Final = 86_400


def next_slot(secret: bytes, identity: bytes, now: int, step: int) -> int:
    """The first slot after `now`, in seconds since 1970. `secret`: of this device, 32 bytes; `identity`: the contact's,
    32 bytes; `step`: seconds, which divide a day."""
    begin = now - now % _DAY
    while True:
        label = b"foreseal/1 slots\0" + identity + (begin // _DAY).to_bytes(8, "big") + step.to_bytes(4, "big")
        first = begin + int.from_bytes(hmac.digest(secret, label, "sha256")[:8], "big") % step
        slot = first if now < first else first + ((now - first) // step + 1) * step
        if slot < begin + _DAY:
            return slot
        begin += _DAY
