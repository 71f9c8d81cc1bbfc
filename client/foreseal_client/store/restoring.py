"""Putting a backup back. It is read to its end into a folder of its own, looked through, and only then takes its place.

Sessions begin anew: the restored device has the same keys and so the same mailbox and safety numbers, but new prekeys,
a new delivery token and no ratchets. At its first login it writes to every contact, which begins a session with each.
Its counter goes on above any that a relay can have seen, so that the device it was copied from finds itself outdated.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import msgspec

from foreseal_client.errors import BackupError, StoreError
from foreseal_client.sealing.archive import open_archive
from foreseal_client.sealing.prekeys import Prekeys
from foreseal_client.sealing.sessions import Sessions
from foreseal_client.store import Account, Store
from foreseal_client.store.backup import KEPT, Backup, End, File, Head, Part, Record, Row
from foreseal_client.store.database import Database
from foreseal_client.store.key import sync_folder
from foreseal_client.store.schema import MIGRATIONS
from foreseal_relay.wire import TOKEN_BYTES

__all__ = ["NOTE", "restore_backup"]

NOTE: Final = (
    "This device was restored from a backup. What came after that backup is not here, and messages that were on their "
    "way then are lost: ask for them again."
)
_FILE: Final = re.compile(r"[0-9a-f]{32}", re.ASCII)
_COLUMN: Final = re.compile(r"[a-z0-9_]{1,32}", re.ASCII)
_DAMAGED: Final = "This backup is damaged. Nothing was changed. Use another one."


def restore_backup(
    path: Path, profile: Path, passphrase: str, lock: Callable[[Path], bytes], *, now: int, replace: bool = False
) -> Backup:
    """Makes the profile that a backup was made of. `lock`: gives the key (32 bytes) of the new profile, which lies in
    the folder it is handed until it is whole; `now`: seconds since 1970; `replace`: a profile that is there is moved
    aside, to its name with `.replaced` behind it.

    Raises `BackupError` (`WrongPassphraseError` among it) for what is no whole backup, with nothing changed, and
    `StoreError`.
    """
    if not path.is_file():
        raise BackupError(f"There is no backup in {path}. Nothing was changed. Name the file that holds one.")
    aside = profile.with_name(profile.name + ".replaced")
    if profile.exists() and any(profile.iterdir()) and not replace:
        raise BackupError(f"{profile} holds a profile already. Nothing was changed.")
    if replace and aside.exists():
        raise BackupError(f"{aside} is still there from before. Nothing was changed. Remove it or move it away.")
    building = profile.with_name(profile.name + ".restoring")
    try:
        shutil.rmtree(building, ignore_errors=True)  # of a restore that was cut short; the name is ours
        building.mkdir(mode=0o700, parents=True)
        restored = _build(path, building, passphrase, lock(building), now)
        if profile.exists():
            _make_way(profile, aside)
        building.rename(profile)
        sync_folder(profile.absolute().parent)
    except OSError as fault:
        raise StoreError(f"The backup could not be put back: {fault.strerror}. Nothing was changed.") from fault
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return restored


def _make_way(profile: Path, aside: Path) -> None:
    if any(profile.iterdir()):
        profile.rename(aside)
    else:
        profile.rmdir()


def _build(path: Path, folder: Path, passphrase: str, key: bytes, now: int) -> Backup:
    with path.open("rb") as source:
        records = (_decoded(record) for record in open_archive(source, passphrase))
        head = next(records, None)
        if not isinstance(head, Head):
            raise BackupError(_DAMAGED)
        if not 1 <= head.schema <= len(MIGRATIONS):
            raise BackupError("This backup was made by a newer Foreseal. Nothing was changed. Update this one.")
        counted = _fill(folder, key, MIGRATIONS[: head.schema], records)
    store = Store(folder, key)  # of today's version: the tables are migrated, and files that no row names are removed
    try:
        _begin_anew(store, head, now)
        for damage in store.damages():
            raise BackupError(f"{_DAMAGED} ({damage})")
    finally:
        store.close()
    return counted


def _fill(folder: Path, key: bytes, migrations: tuple[str, ...], records: Iterator[Record]) -> Backup:
    (folder / "files").mkdir(mode=0o700)
    database, counted = Database(folder, key, migrations), dict.fromkeys(KEPT, 0)
    try:
        with database.transaction():
            end = _fill_in(database, folder / "files", records, counted)
    finally:
        database.close()
    if end != End(sum(counted.values()), counted["files"]) or next(records, None) is not None:
        raise BackupError(_DAMAGED)
    return Backup(counted["contacts"], counted["messages"], counted["files"])


def _fill_in(database: Database, files: Path, records: Iterator[Record], counted: dict[str, int]) -> End | None:
    """Rows into tables and parts into files, to the end that the backup names; None where it names none."""
    target: Path | None = None
    for record in records:
        match record:
            case Row(table, columns, values):
                _insert(database, table, columns, values)
                counted[table] += 1
            case File(path) if _FILE.fullmatch(path) and not (files / path).exists():
                target = files / path
                os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            case Part(content) if target is not None:
                with target.open("ab") as file:
                    file.write(content)
            case End():
                return record
            case _:
                raise BackupError(_DAMAGED)
    return None


def _insert(database: Database, table: str, columns: tuple[str, ...], values: tuple[object, ...]) -> None:
    """The names go into a statement, so they are looked at although whoever wrote them knew the passphrase."""
    if table not in KEPT or len(columns) != len(values) or not all(map(_COLUMN.fullmatch, columns)):
        raise BackupError(_DAMAGED)
    try:
        database.run(
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(values))})",  # noqa: S608
            *values,
        )
    except StoreError as fault:
        raise BackupError(_DAMAGED) from fault


def _begin_anew(store: Store, head: Head, now: int) -> None:
    token = secrets.token_bytes(TOKEN_BYTES)
    # Seconds since 1970 are far above any count of logins, and grow with each restore.
    account = Account(head.name, head.relay, head.keys, token, generation=now)
    with store.transaction():
        store.account.create(account, Prekeys.begun_anew(now // 86_400, head.seal_keys))
        store.history.leave_uncertain()
        rounds = dict(head.rounds)
        for contact in store.people.all():
            last = rounds.get(contact.identity, 0)
            if last:
                store.people.put_sessions(contact.identity, Sessions.after_round(last))
            store.history.notice(contact.identity, NOTE, at=now)


def _decoded(record: bytes) -> Record:
    try:
        decoded: Record = _decoder.decode(record)
        return decoded
    except (msgspec.DecodeError, RecursionError) as fault:
        raise BackupError(_DAMAGED) from fault


_decoder = msgspec.msgpack.Decoder[Record](Record)
