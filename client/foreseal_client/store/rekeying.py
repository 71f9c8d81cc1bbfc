"""A new key for a profile: from a passphrase to a key file, back, or from one passphrase to another.

The database is written anew under the new key and the record exchanged: whoever had the old key, and gets hold of the
profile later, opens nothing. A crash leaves the old key in force, or the new one.
"""

from __future__ import annotations

import os
from pathlib import Path

from foreseal_client.errors import StoreError
from foreseal_client.sealing.passphrases import Stretching
from foreseal_client.store.database import Database
from foreseal_client.store.key import KeyRecord, file_key, open_key_record, sync_folder, write_key_record

__all__ = ["to_key_file", "to_passphrase"]


def to_passphrase(profile: Path, key: bytes, passphrase: str, fresh: Stretching | None = None) -> None:
    """Locks a profile that `key` (32 bytes) opens with a passphrase from now on. `fresh`: other costs than today's.

    Raises `WrongKeyError`, `ProfileInUseError` or `StoreError`; the old key then stays in force.
    """
    stretching = fresh or Stretching.fresh()
    _rekey(profile, key, stretching.key(passphrase), stretching)


def to_key_file(profile: Path, key: bytes, path: Path) -> None:
    """Locks a profile that `key` (32 bytes) opens with a new key file at `path`, which must not be there yet.

    Raises what `to_passphrase` raises.
    """
    if path.exists():
        raise StoreError(f"{path} is there already. A new key file gets a new name: move that one away first.")
    try:
        _rekey(profile, key, file_key(path), None)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _rekey(profile: Path, key: bytes, new: bytes, stretching: Stretching | None) -> None:
    record = open_key_record(key, profile)
    database = Database(profile, key)
    try:
        target = profile / record.next_database
        target.unlink(missing_ok=True)
        database.copy_to(target, new)
        with target.open("rb") as file:
            os.fsync(file.fileno())
        sync_folder(profile)
        write_key_record(KeyRecord.of(new, stretching, target.name), profile)
    finally:
        database.close()
    Database(profile, new).close()  # it opens; and the one under the old key goes
