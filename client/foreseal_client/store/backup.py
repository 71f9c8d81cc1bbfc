"""Backups: what a profile would be missed for, in one file, and nothing that must not live twice.

Kept: the account's keys, contacts, whom one verified, groups, messages and their files. Left out, so that no copy of
them can be put back: ratchet sessions, prekeys, the own delivery token, invitations, sealed envelopes, the relay's
counter. What is kept is named here column by column; a table that nobody named stays at home.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from foreseal_client.errors import BackupError, StoreError
from foreseal_client.sealing.archive import seal_archive
from foreseal_client.sealing.keys import DeviceKeys
from foreseal_client.sealing.passphrases import Stretching
from foreseal_client.sealing.spool import chunks_of
from foreseal_client.store import Store
from foreseal_client.store.key import sync_folder

__all__ = ["KEPT", "Backup", "End", "File", "Head", "Part", "Record", "Row", "write_backup"]

KEPT: Final = {
    "contacts": ("identity", "name", "relay", "mailbox", "token", "standing"),
    "verified": ("identity", "day"),
    "key_changes": ("identity", "earlier", "evidence", "day", "looked_at"),
    "groups": ("id", "root", "standing"),
    "group_states": ("id", "hash", "packed", "waiting"),
    "group_members": ("id", "identity"),
    "arrived": ("eid", "identity", "content", "proof", "conversation"),
    "messages": (
        "id", "identity", "eid", "direction", "at", "text", "state", "verdict", "digest", "note", "cost", "proof",
        "conversation", "received",
    ),
    "files": ("message", "position", "name", "size", "sha256", "key", "path"),
    "conversations": ("id", "timer", "version", "shares", "their_shares"),
    "owed": ("identity", "kind", "eid", "due"),
    "withdrawn": ("eid", "identity"),
    # A backup that left these at home would be a way round the passcode.
    "safeguards": ("id", "settings", "passcode"),
    "acquaintances": ("identity", "day", "reminded"),
    "letters": ("message", "content"),
    "evidence": ("eid", "identity", "name", "day", "content", "proof"),
}  # fmt: skip
"""Table -> the columns that are kept of it, in the order in which they can be written again."""
_OF_ONE_THAT_STAYS: Final = "message IN (SELECT id FROM messages WHERE fades_after = 0)"
_STAY: Final = {"messages": "fades_after = 0", "files": _OF_ONE_THAT_STAYS, "letters": _OF_ONE_THAT_STAYS}
"""What is to disappear is in no backup: there it would stay."""


class Head(msgspec.Struct, frozen=True, array_like=True, tag="head"):
    """What a backup is of. `schema`: version of the store it was made from; `made`: seconds since 1970."""

    schema: int
    made: int
    name: str
    relay: str
    keys: DeviceKeys
    seal_keys: tuple[tuple[bytes, bytes], ...] = ()
    """What envelopes are sealed to from outside, the newest first: contacts go on with a bundle that they know, and
    what nobody can unwrap could not begin to mend."""
    rounds: tuple[tuple[bytes, int], ...] = ()
    """The highest round of a session with each contact (by identity key): those begun anew go past it."""


class Row(msgspec.Struct, frozen=True, array_like=True, tag="row"):
    """One row of a table of `KEPT`; values are numbers, texts, bytes or nothing."""

    table: str
    columns: tuple[str, ...]
    values: tuple[Any, ...]


class File(msgspec.Struct, frozen=True, array_like=True, tag="file"):
    """The file that a row of `files` calls `path`; its parts follow. It stays encrypted under that row's key."""

    path: str


class Part(msgspec.Struct, frozen=True, array_like=True, tag="part"):
    """The next bytes of the file."""

    content: bytes


class End(msgspec.Struct, frozen=True, array_like=True, tag="end"):
    """All of it has come: so many rows and files."""

    rows: int
    files: int


Record = Head | Row | File | Part | End


class Backup(msgspec.Struct, frozen=True):
    """What went into a backup."""

    contacts: int
    messages: int
    files: int


def write_backup(store: Store, path: Path, passphrase: str, *, now: int, fresh: Stretching | None = None) -> Backup:
    """Writes a backup to `path`, which appears only when all of it is on the disk. `now`: seconds since 1970; `fresh`:
    other costs of Argon2id than today's.

    Raises `BackupError` when `path` is there already or a file of the store is gone, `StoreError` when it cannot be
    written.
    """
    if path.exists():
        raise BackupError(f"{path} is there already, and is not overwritten. Choose another name.")
    partial = path.with_name(path.name + ".partial")
    encoder, counted = msgspec.msgpack.Encoder(), dict.fromkeys(KEPT, 0)
    try:
        with store.transaction(), os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as to:
            for piece in seal_archive(map(encoder.encode, _records(store, now, counted)), passphrase, fresh):
                to.write(piece)
            to.flush()
            os.fsync(to.fileno())
        partial.replace(path)
        sync_folder(path.absolute().parent)
    except OSError as fault:
        raise StoreError(f"{path} cannot be written: {fault.strerror}.") from fault
    finally:
        partial.unlink(missing_ok=True)
    return Backup(counted["contacts"], counted["messages"], counted["files"])


def _records(store: Store, now: int, counted: dict[str, int]) -> Iterator[Record]:
    account = store.account.get()
    if account is None:
        raise BackupError("This profile has no account yet: there is nothing to keep.")
    people, seal_keys = store.people, tuple(store.account.prekeys().seal_keys)
    rounds = tuple((one.identity, people.sessions(one.identity).last_round) for one in people.all())
    yield Head(store.schema_version, now, account.name, account.relay, account.keys, seal_keys, rounds)
    for table, columns in KEPT.items():
        for row in store.rows_of(table, columns, _STAY.get(table, "TRUE")):
            counted[table] += 1
            yield Row(table, columns, row)
    for spool in store.history.spools(_STAY["files"]):
        yield File(spool.path.name)
        try:
            with spool.path.open("rb") as source:
                yield from (Part(chunk) for chunk in chunks_of(source))
        except FileNotFoundError as fault:
            raise BackupError(
                f"The file {spool.name!r} is gone from this profile, so no whole backup can be made. See what else is "
                "missing: foreseal profile check"
            ) from fault
    yield End(sum(counted.values()), counted["files"])
