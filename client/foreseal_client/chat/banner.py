"""What a young person's profile says of itself at all times."""

from __future__ import annotations

from typing import TYPE_CHECKING

from foreseal_client.shown import visible

if TYPE_CHECKING:
    from foreseal_client.device import Device

__all__ = ["banner"]


def banner(device: Device) -> str:
    """What stands on the screen of a young person's profile at all times; nothing on others."""
    lock = device.store.safeguards.lock()
    if not device.safeguards.young:
        return ""
    held = "" if lock is None else f" Passcode: {visible(lock.holder)}."
    return f"Extra safety is on.{held} /safeguards says more. /help-me needs no passcode."
