"""Changing what a profile keeps of its safeguards. Tightening is always free; loosening a young person's profile takes
the passcode, and nothing else does."""

from __future__ import annotations

import asyncio

import msgspec

from foreseal_client.device import Device
from foreseal_client.errors import SettingError
from foreseal_client.safeguards.passcode import Lock, Opened, TooSoon, Wrong
from foreseal_client.safeguards.settings import YOUNG, Safeguards, looser, tightest
from foreseal_client.sealing.passphrases import Stretching

__all__ = ["Changed", "PasscodeWanted", "begin_young", "change_passcode", "change_settings", "loosen_settings"]


class Changed(msgspec.Struct, frozen=True):
    """The settings that the profile keeps now."""

    settings: Safeguards


class PasscodeWanted(msgspec.Struct, frozen=True):
    """These settings would become looser, which takes the passcode. Nothing was changed. `wait`: seconds until one is
    looked at."""

    loosened: tuple[str, ...]
    holder: str
    wait: int


def begin_young(device: Device, lock: Lock) -> None:
    """Makes this a young person's profile: whatever was looser is as tight as `YOUNG` now. Raises `SettingError` for a
    profile that has a passcode already."""
    rows = device.store.safeguards
    if rows.lock() is not None:
        raise SettingError("This profile has a passcode already. Nothing was changed.")
    with device.store.transaction():
        rows.put(tightest(rows.settings(), YOUNG), lock)


def change_settings(
    device: Device, wanted: Safeguards, passcode: str | None = None
) -> Changed | PasscodeWanted | Wrong | TooSoon:
    """Keeps other settings. Takes as long as Argon2id does where a passcode is looked at."""
    rows = device.store.safeguards
    lock, loosened = rows.lock(), looser(wanted, rows.settings())
    if lock is not None and loosened:
        if passcode is None:
            return PasscodeWanted(loosened, lock.holder, lock.wait(device.now))
        tried = _unlock(device, lock, passcode)
        if not isinstance(tried, Opened):
            return tried
    with device.store.transaction():
        rows.put(wanted, rows.lock())
    return Changed(wanted)


def change_passcode(
    device: Device, passcode: str, holder: str, new: str, stretching: Stretching | None = None
) -> Opened | Wrong | TooSoon:
    """Gives the passcode into other hands, or takes another one. Raises `SettingError`."""
    lock = _lock(device)
    made = Lock.new(holder, new, stretching)
    tried = _unlock(device, lock, passcode)
    if isinstance(tried, Opened):
        with device.store.transaction():
            device.store.safeguards.put(device.store.safeguards.settings(), made)
    return tried


async def loosen_settings(device: Device, wanted: Safeguards, passcode: str) -> Changed | Wrong | TooSoon:
    """Keeps other settings than a passcode is needed for. It is looked at in a thread, so that a screen stays live.
    Raises `SettingError` for a profile that has none."""
    tried = _begun(device, _lock(device))
    if isinstance(tried, TooSoon):
        return tried
    outcome = _judged(device, tried, fits=await asyncio.to_thread(tried.fits, passcode))
    if isinstance(outcome, Wrong):
        return outcome
    with device.store.transaction():
        device.store.safeguards.put(wanted, device.store.safeguards.lock())
    return Changed(wanted)


def _lock(device: Device) -> Lock:
    lock = device.store.safeguards.lock()
    if lock is None:
        raise SettingError("This profile has no passcode. Nothing was changed.")
    return lock


def _unlock(device: Device, lock: Lock, passcode: str) -> Opened | Wrong | TooSoon:
    tried = _begun(device, lock)
    return tried if isinstance(tried, TooSoon) else _judged(device, tried, fits=tried.fits(passcode))


def _begun(device: Device, lock: Lock) -> Lock | TooSoon:
    if wait := lock.wait(device.now):
        return TooSoon(wait)
    tried, rows = lock.tried(device.now), device.store.safeguards
    with device.store.transaction():
        rows.put(rows.settings(), tried)  # counted before it is judged
    return tried


def _judged(device: Device, tried: Lock, *, fits: bool) -> Opened | Wrong:
    if not fits:
        return Wrong(tried.wait(device.now))
    rows = device.store.safeguards
    with device.store.transaction():
        rows.put(rows.settings(), tried.opened())
    return Opened()
