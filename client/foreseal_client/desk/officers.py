"""The officers of a desk: who opens it, each with a passphrase and a signing key of their own.

All of them sit at one machine, one after the other. What a passphrase opens is the key of the whole desk and the seed
of that officer's own signing key: nobody can vote in another's name, and everybody who is in sees everything.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import msgspec

from foreseal_client.desk.rules import Role
from foreseal_client.errors import StoreError
from foreseal_client.sealing.keys import DeviceKeys
from foreseal_client.sealing.passphrases import Stretching
from foreseal_client.sealing.slots import Slot, make_slot, open_slot
from foreseal_client.store.key import sync_folder

__all__ = ["MAX_OFFICERS", "Officer", "Opened", "add_slot", "drop_slot", "opened_by", "slots_in"]

MAX_OFFICERS: Final = 64
MAX_OFFICER_NAME: Final = 64
_FILE: Final = "officers.json"
_SEED: Final = 32


class Officer(msgspec.Struct, frozen=True):
    """Who sits here now. `seed`: of their signing key, 32 bytes."""

    name: str
    role: Role
    key: bytes
    seed: bytes


class Opened(msgspec.Struct, frozen=True):
    """What a passphrase opened: the desk's key and the officer's seed, 32 bytes each."""

    desk_key: bytes
    seed: bytes


def slots_in(folder: Path) -> dict[str, Slot]:
    """The slots of a desk by officer; empty where there is no desk. Raises `StoreError` for a damaged file."""
    path = folder / _FILE
    try:
        slots = msgspec.json.decode(path.read_bytes(), type=list[Slot])
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as fault:
        raise StoreError(f"{path} is damaged. Put back a copy of it: nobody opens the desk without.") from fault
    return {slot.name: slot for slot in slots}


def opened_by(folder: Path, name: str, passphrase: str) -> Opened:
    """Opens an officer's slot. Raises `WrongPassphraseError`, and `StoreError` where there is no such officer."""
    slot = slots_in(folder).get(name)
    if slot is None:
        raise StoreError(f"Nobody called {name} is an officer of the desk in {folder}.")
    secret = open_slot(slot, passphrase)
    return Opened(secret[:_SEED], secret[_SEED:])


def add_slot(folder: Path, name: str, passphrase: str, desk_key: bytes, stretching: Stretching) -> bytes:
    """A slot and a new signing key for somebody; its public part (32 bytes). Raises `StoreError`."""
    slots = slots_in(folder)
    if name in slots or not (0 < len(name) <= MAX_OFFICER_NAME and name.isprintable() and name.strip() == name):
        raise StoreError(f"{name!r} is an officer already, or no name of 1 to {MAX_OFFICER_NAME} signs.")
    if len(slots) >= MAX_OFFICERS:
        raise StoreError(f"A desk has at most {MAX_OFFICERS} officers.")
    keys = DeviceKeys.generate()
    _write(folder, [*slots.values(), make_slot(name, passphrase, desk_key + keys.identity, stretching)])
    return keys.identity_public


def drop_slot(folder: Path, name: str) -> None:
    """Takes an officer's slot away. Who copied the folder before still opens that copy."""
    _write(folder, [slot for slot in slots_in(folder).values() if slot.name != name])


def _write(folder: Path, slots: list[Slot]) -> None:
    partial = folder / f"{_FILE}.partial"
    try:
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as target:
            target.write(msgspec.json.encode(slots))
            target.flush()
            os.fsync(target.fileno())
        partial.replace(folder / _FILE)
        sync_folder(folder)
    except OSError as fault:
        raise StoreError(f"{folder} cannot be written: {fault.strerror}. Nothing was changed.") from fault
