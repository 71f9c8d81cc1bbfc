"""What a young person's profile says of itself, in simple words: short sentences, no terms of the trade."""

from __future__ import annotations

from typing import Final

from foreseal_client.safeguards.settings import Safeguards
from foreseal_client.safeguards.words import settings_lines
from foreseal_client.shown import visible

__all__ = ["WHAT_REMAINS", "about_the_holder", "explained", "if_the_holder_is_the_danger"]

WHAT_REMAINS: Final = (
    "Some things this cannot do.",
    "Someone who can unlock this device can read what is on it.",
    "Someone can make you show them the screen.",
    "Someone can take the device away.",
    "A person you trust can still hurt you.",
    "If you are in danger now, call the emergency number.",
)


def explained(settings: Safeguards, holder: str) -> list[str]:
    """What this profile does, and why."""
    return [
        "This profile has extra safety.",
        *settings_lines(settings),
        "You can make it safer at any time.",
        "To make it less safe, you need the passcode.",
        *about_the_holder(holder),
        "You can block anybody at any time.",
        "You can get help at any time.",
        "You need no passcode for that.",
    ]


def about_the_holder(holder: str) -> list[str]:
    """Who has the passcode, and what it is good for."""
    return [
        f"The passcode is held by: {visible(holder)}.",
        "With the passcode, they can change these settings on this device.",
        "The passcode does not let them read your messages.",
        "It does not show them who you write to.",
        "It does not send them anything.",
        "It cannot stop you from blocking or from getting help.",
    ]


def if_the_holder_is_the_danger(holder: str) -> list[str]:
    """What to do when the person with the passcode is the one to be afraid of."""
    return [
        f"What if {visible(holder)} is the one who hurts you?",
        "You can get help without them.",
        "The help lines are open to you here.",
        "They do not ask for a passcode.",
        "Nobody is told that you looked.",
        "You can keep what they wrote, and choose a passphrase they do not know.",
        "You can block them here too.",
        "Use a device they cannot open, if you can.",
        "A friend, a teacher or a help line can lend one.",
        *WHAT_REMAINS,
    ]
