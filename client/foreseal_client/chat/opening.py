"""How a profile is opened for the chat. It is opened before a screen is there, so that what is wrong is said in the
terminal; what is needed only once it is connected is loaded behind the first screen."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from foreseal_client.chat.policies import chosen_policy
from foreseal_matcher import ListSet, Policy

if TYPE_CHECKING:
    from foreseal_client.device import Device
    from foreseal_client.safeguards.asked import Asked
    from foreseal_client.store.key import KeyRecord

__all__ = ["Opening"]


@dataclass(frozen=True, slots=True)
class Opening:
    """How a profile is opened. `key`: 32 bytes, which fit `record`; `floor`: the loosest policy that the settings
    allow; `keys`: of commands, by command, where a person set them; `asked`: what the settings ask of the safeguards;
    `code`: a registration code, as bytes; `proxy`: a SOCKS5 proxy's URL, which may hold a password."""

    profile: Path
    key: bytes = field(repr=False)
    record: KeyRecord = field(repr=False)
    lists: tuple[Path, ...]
    floor: Policy
    keys: dict[str, str]
    theme: str = "dark"
    asked: tuple[Asked, ...] = ()
    code: bytes | None = field(default=None, repr=False)
    proxy: str | None = field(default=None, repr=False)

    def device(self) -> Device:
        """The device, with the policy of the profile and at least that of the settings. Raises what `Device` does."""
        from foreseal_client.device import Device

        device = Device(self.profile, self.key, lists=ListSet.empty(), policy=self.floor, clock=time.time)
        device.policy = Policy.tightest(chosen_policy(device.store), self.floor)
        device.asked = self.asked
        return device
