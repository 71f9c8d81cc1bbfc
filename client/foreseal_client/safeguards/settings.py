"""What one person's device lets others do. Every setting has an order from loose to tight, so that settings from many
places can be joined without ever becoming looser."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Final

import msgspec

__all__ = [
    "MAX_DAYS", "MAX_FIRST_CONTACTS", "NAMES", "ORDINARY", "YOUNG", "GroupAdds", "Requests", "Safeguards", "looser",
    "tightest",
]  # fmt: skip

MAX_DAYS: Final = 365
"""Days for which a contact can count as new."""
MAX_FIRST_CONTACTS: Final = 50
"""First contacts a day that a device may be set to allow itself."""


class Requests(StrEnum):
    """Who may write first. The second is tighter."""

    ANYONE = "anyone"
    """Whoever the relay lets in; it stays a request until it is accepted."""
    INVITED = "invited"
    """Only who was given an invitation, or gave one. Anything else is dropped unread."""


class GroupAdds(StrEnum):
    """Who may add this person to a group. In this order each is tighter than the one before."""

    CONTACTS = "contacts"
    VERIFIED = "verified"
    """Contacts whose safety number was compared."""
    NOBODY = "nobody"


class Safeguards(msgspec.Struct, frozen=True):
    """The settings of one profile. `first_contacts`: people a day that this device writes to first by their public
    card; the days count from when somebody became a contact (`moment_days`: before files go to them, or are shown from
    them, a card asks for a moment; `plain_links_days`: links of theirs cannot be opened; `reminder_days`: their first
    files or links bring one reminder). Raises `ValueError` for numbers out of range."""

    requests: Requests
    groups: GroupAdds
    may_be_listed: bool
    first_contacts: int
    moment_days: int
    plain_links_days: int
    reminder_days: int
    may_send_receipts: bool
    may_send_typing: bool
    may_disappear: bool
    young: bool

    def __post_init__(self) -> None:
        if not 0 <= self.first_contacts <= MAX_FIRST_CONTACTS:
            raise ValueError(f"first_contacts is a number from 0 to {MAX_FIRST_CONTACTS}")
        for name in ("moment_days", "plain_links_days", "reminder_days"):
            if not 0 <= getattr(self, name) <= MAX_DAYS:
                raise ValueError(f"{name} is a number of days from 0 to {MAX_DAYS}")


ORDINARY: Final = Safeguards(
    requests=Requests.ANYONE, groups=GroupAdds.CONTACTS, may_be_listed=True, first_contacts=10, moment_days=0,
    plain_links_days=0, reminder_days=7, may_send_receipts=True, may_send_typing=True, may_disappear=True, young=False,
)  # fmt: skip
"""What a profile begins with. `may_...` turns nothing on: it says that the person can."""
YOUNG: Final = Safeguards(
    requests=Requests.INVITED, groups=GroupAdds.CONTACTS, may_be_listed=False, first_contacts=2, moment_days=30,
    plain_links_days=30, reminder_days=30, may_send_receipts=False, may_send_typing=False, may_disappear=False,
    young=True,
)  # fmt: skip
"""What a young person's profile begins with. Only the passcode loosens it."""

_TIGHTNESS: Final[Mapping[str, Callable[[Any], int]]] = {
    "requests": list(Requests).index,
    "groups": list(GroupAdds).index,
    "may_be_listed": lambda may: not may,
    "first_contacts": lambda most: -most,
    "moment_days": int,
    "plain_links_days": int,
    "reminder_days": int,
    "may_send_receipts": lambda may: not may,
    "may_send_typing": lambda may: not may,
    "may_disappear": lambda may: not may,
    "young": int,
}
NAMES: Final = tuple(_TIGHTNESS)
"""The settings, by name."""


def tightest(one: Safeguards, other: Safeguards) -> Safeguards:
    """The tighter of each setting."""
    return Safeguards(
        **{name: max(getattr(one, name), getattr(other, name), key=rank) for name, rank in _TIGHTNESS.items()}
    )


def looser(one: Safeguards, than: Safeguards) -> tuple[str, ...]:
    """The settings, by name, in which `one` is looser."""
    return tuple(name for name, rank in _TIGHTNESS.items() if rank(getattr(one, name)) < rank(getattr(than, name)))
