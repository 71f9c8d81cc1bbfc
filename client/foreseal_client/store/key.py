"""The key of the local store: from a passphrase by Argon2id, or from a key file.

SQLCipher writes to stderr when its key is wrong, and Textual draws on stderr; so the key is checked here, against a
small record beside the database, before SQLCipher sees it. The record also names the database: a new key comes with a
new database, and exchanging the record is what makes both count, in one step that a crash cannot halve.
"""

from __future__ import annotations

import hmac
import os
import re
import secrets
from pathlib import Path
from typing import Final, Literal

import msgspec

from foreseal_client.errors import StoreError, WrongKeyError
from foreseal_client.sealing.passphrases import KEY_BYTES, MEMORY, PASSES, Stretching, key_check

__all__ = [
    "KEY_BYTES",
    "KeyRecord",
    "derive_key",
    "file_key",
    "open_key_record",
    "read_key_record",
    "sync_folder",
    "write_key_record",
]

RECORD: Final = "key.json"
_LABEL: Final = b"foreseal/1 key check"
_DATABASE: Final = re.compile(r"store(?:-\d{1,9})?\.db", re.ASCII)


class KeyRecord(msgspec.Struct, frozen=True):
    """What stands beside a database, in the open. `salt`: hex, empty with a key file; `passes` and `memory` (bytes):
    the costs of Argon2id; `check`: hex, see `key_check`; `database`: its file's name. Records of version 1 end after
    `check`: they were all written with the costs below, for the one database there was."""

    version: int
    kdf: Literal["argon2id", "file"]
    salt: str
    check: str
    database: str = "store.db"
    passes: int = PASSES
    memory: int = MEMORY

    @classmethod
    def of(cls, key: bytes, stretching: Stretching | None, database: str = "store.db") -> KeyRecord:
        """The record for a key, stretched from a passphrase or (None) lying in a file."""
        check = key_check(key, _LABEL).hex()
        if stretching is None:
            return cls(2, "file", "", check, database)
        return cls(2, "argon2id", stretching.salt.hex(), check, database, stretching.passes, stretching.memory)

    @property
    def stretching(self) -> Stretching | None:
        """How a passphrase becomes the key; None where the key lies in a file."""
        return Stretching(bytes.fromhex(self.salt), self.passes, self.memory) if self.kdf == "argon2id" else None

    @property
    def next_database(self) -> str:
        """A name for the database that comes after this one."""
        return f"store-{int(re.sub('[^0-9]', '', self.database) or 1) + 1}.db"

    def fits(self, key: bytes) -> bool:
        """Whether this is the record of that key."""
        return hmac.compare_digest(self.check, key_check(key, _LABEL).hex())


def file_key(path: Path) -> bytes:
    """The 32-byte key in a key file, made on first use, readable by its owner only. Raises `StoreError`."""
    try:
        if not path.exists():
            _write_whole(path, secrets.token_bytes(KEY_BYTES))
    except OSError as fault:
        raise StoreError(f"The key file {path} cannot be written: {fault.strerror}.") from fault
    try:
        key = path.read_bytes()
    except OSError as fault:
        raise StoreError(f"The key file {path} cannot be read: {fault.strerror}.") from fault
    if len(key) != KEY_BYTES:
        raise StoreError(f"The key file {path} has {len(key)} bytes, not {KEY_BYTES}: it is none of Foreseal's.")
    return key


def derive_key(passphrase: str, profile: Path, fresh: Stretching | None = None) -> bytes:
    """The 32-byte key for a passphrase, by the costs in the profile's record; a new profile gets a record with those
    of `fresh`, or today's. Raises `WrongKeyError` for a profile that a key file opens, and `StoreError`."""
    record = read_key_record(profile)
    if record is None:
        stretching = fresh or Stretching.fresh()
        key = stretching.key(passphrase)
        write_key_record(KeyRecord.of(key, stretching), profile)
        return key
    if record.stretching is None:
        raise WrongKeyError("This profile is opened by a key file and not by a passphrase. Nothing was changed.")
    return record.stretching.key(passphrase)


def open_key_record(key: bytes, profile: Path) -> KeyRecord:
    """The profile's record, made on first use. Raises `WrongKeyError` when it is that of another key."""
    record = read_key_record(profile)
    if record is None:
        record = KeyRecord.of(key, None)
        write_key_record(record, profile)
    elif not record.fits(key):
        raise WrongKeyError
    return record


def read_key_record(profile: Path) -> KeyRecord | None:
    """The profile's record; None where there is none yet. Raises `StoreError` for one that is damaged or cannot be
    read."""
    path = profile / RECORD
    try:
        record = msgspec.json.decode(path.read_bytes(), type=KeyRecord)
        sound = _DATABASE.fullmatch(record.database) and (record.stretching is None or record.stretching.possible)
    except FileNotFoundError:
        return None
    except OSError as fault:
        why = fault.strerror or type(fault).__name__
        raise StoreError(
            f"{path} cannot be read: {why}. See that this user may read it; nothing was changed."
        ) from fault
    except ValueError as fault:
        raise StoreError(f"{path} is damaged. Restore it from a copy: nothing opens without.") from fault
    if record.version > 2:
        raise StoreError("This profile was written by a newer Foreseal. Update this one to open it.")
    if not sound:
        raise StoreError(f"{path} is damaged. Restore it from a copy: nothing opens without.")
    return record


def write_key_record(record: KeyRecord, profile: Path) -> None:
    """Puts a record in the place of the one before, durably and in one step. Raises `StoreError`."""
    try:
        profile.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_whole(profile / RECORD, msgspec.json.encode(record))
    except OSError as fault:
        raise StoreError(f"{profile} cannot be written: {fault.strerror}.") from fault


def _write_whole(path: Path, content: bytes) -> None:
    """Whole and on the disk, or not at all: a key or a salt that is lost opens nothing ever again."""
    partial = path.with_name(path.name + ".partial")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as target:
        target.write(content)
        target.flush()
        os.fsync(target.fileno())
    partial.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Makes names in a folder durable. Windows has no handle on a folder; its renames are durable by themselves."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
