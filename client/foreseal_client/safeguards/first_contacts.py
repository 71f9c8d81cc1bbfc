"""How many people a day this device writes to first. The relay has its own limit, which an altered client cannot lift
(tokens that it gives out); this one is a person's own, and says so before a relay refuses."""

from __future__ import annotations

import msgspec

from foreseal_client.safeguards.settings import Safeguards

__all__ = ["TooMany", "may_write_first"]


class TooMany(msgspec.Struct, frozen=True):
    """As many people were written to first today as the settings allow. Nothing was sent; those who are contacts can
    be written to as ever."""

    today: int
    limit: int


def may_write_first(today: int, settings: Safeguards) -> TooMany | None:
    """`today`: people written to first since midnight UTC. `None`: one more is fine."""
    return TooMany(today, settings.first_contacts) if today >= settings.first_contacts else None
