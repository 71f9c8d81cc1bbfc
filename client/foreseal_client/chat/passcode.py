"""Who may loosen a policy or review what was stopped: whoever knows the passphrase of the profile."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from foreseal_client.errors import StoreError
from foreseal_client.sealing.passphrases import Stretching
from foreseal_client.store.key import KeyRecord

__all__ = ["Passcode"]


@dataclass(frozen=True, slots=True)
class Passcode:
    """The record that the profile was opened by."""

    record: KeyRecord = field(repr=False)

    @property
    def asked(self) -> bool:
        """Whether there is one. A profile that a key file opens has none: whoever has the device has the profile."""
        return self.record.stretching is not None

    async def fits(self, typed: str) -> bool:
        """Whether this is the passphrase; computed in a thread, since Argon2id takes a while on purpose."""
        stretching = self.record.stretching
        return stretching is not None and await asyncio.to_thread(_fits, self.record, stretching, typed)


def _fits(record: KeyRecord, stretching: Stretching, typed: str) -> bool:
    try:
        return record.fits(stretching.key(typed))
    except StoreError:
        return False
