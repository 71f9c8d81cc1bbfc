"""The key of the local store: from a passphrase by Argon2id, or from a key file.

SQLCipher writes to stderr when its key is wrong, and Textual draws on stderr; so the key is checked here, against a
small record beside the database, before SQLCipher sees it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from pathlib import Path
from typing import Final

from nacl import pwhash

from foreseal_client.errors import StoreError, WrongKeyError

__all__ = ["KEY_BYTES", "derive_key", "file_key", "open_key_record"]

KEY_BYTES: Final = 32
_RECORD: Final = "key.json"
_OPS: Final = pwhash.argon2id.OPSLIMIT_MODERATE
_MEM: Final = pwhash.argon2id.MEMLIMIT_MODERATE


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


def derive_key(passphrase: str, profile: Path) -> bytes:
    """The 32-byte key for a passphrase (Argon2id, RFC 9106; 3 passes over 256 MiB). The salt stands in the record."""
    salt = bytes.fromhex(str(_read(profile).get("salt") or "")) or secrets.token_bytes(pwhash.argon2id.SALTBYTES)
    key = pwhash.argon2id.kdf(KEY_BYTES, passphrase.encode(), salt, opslimit=_OPS, memlimit=_MEM)
    if not (profile / _RECORD).exists():
        _write(profile, key, salt)
    return key


def open_key_record(key: bytes, profile: Path) -> None:
    """Checks `key` against the profile's record, or makes the record. Raises `WrongKeyError`."""
    record = _read(profile)
    if not record:
        _write(profile, key, b"")
    elif not hmac.compare_digest(str(record.get("check", "")), _check(key)):
        raise WrongKeyError


def _check(key: bytes) -> str:
    return hmac.digest(key, b"foreseal/1 key check", hashlib.sha256).hex()


def _read(profile: Path) -> dict[str, object]:
    try:
        record = json.loads((profile / _RECORD).read_text())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as fault:
        raise StoreError(f"{profile / _RECORD} is damaged. Restore it from a copy: nothing opens without.") from fault
    return record if isinstance(record, dict) else {}


def _write(profile: Path, key: bytes, salt: bytes) -> None:
    record = {"version": 1, "kdf": "argon2id" if salt else "file", "salt": salt.hex(), "check": _check(key)}
    try:
        profile.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_whole(profile / _RECORD, json.dumps(record).encode())
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
    if os.name != "nt":  # Windows has no handle on a folder; its renames are durable by themselves
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
