"""The policy of a profile: what its person chose, and at least what the settings ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from foreseal_client.store import Store
from foreseal_matcher import Looks, Mode, OnFailure, Policy

if TYPE_CHECKING:
    from foreseal_client.device import Device

__all__ = ["FIRST", "chosen_policy", "remember_policy"]

FIRST: Final = Policy(Mode.HOLD, OnFailure.CLOSED)
"""What a profile begins with."""
_NAME: Final = "policy"


def chosen_policy(store: Store) -> Policy:
    """What was chosen last. What cannot be read counts as the strictest that a profile begins with."""
    kept = store.preferences.get(_NAME)
    try:
        mode, failure, looks = (kept or "").split()
        return Policy(Mode(mode), OnFailure(failure), Looks(looks))
    except ValueError:
        return FIRST


def remember_policy(device: Device, policy: Policy) -> None:
    """This policy counts from now on, and at the next start."""
    with device.store.transaction():
        device.store.preferences.put(_NAME, f"{policy.mode} {policy.on_failure} {policy.looks}")
    device.policy = policy
