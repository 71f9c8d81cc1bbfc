"""Looking a whole store through: every page of the database, every file. Never at a start, which would then take
longer with each message; `foreseal profile check` and `foreseal doctor --profile` ask for it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator

from foreseal_client.errors import StoreError
from foreseal_client.sealing.spool import CHUNK, Spool
from foreseal_client.store.database import Database
from foreseal_client.store.history import History

__all__ = ["damages", "file_damage"]


def damages(database: Database, history: History) -> Iterator[str]:
    """What is damaged, each in words for a person; nothing where all is well. Reads everything once."""
    complaints = database.complaints()
    yield from (f"database: {found}" for found in complaints)
    if complaints:
        return  # what the database says of the files cannot be relied on either
    for file in history.spools():
        if (found := file_damage(file)) is not None:
            yield found


def file_damage(file: Spool) -> str | None:
    """What is wrong with a kept file; None where it is the one that was kept."""
    digest = hashlib.sha256()
    try:
        with file.open() as reader:
            while chunk := reader.read(CHUNK):
                digest.update(chunk)
    except StoreError as fault:
        return f"file {file.name!r}: {fault}"
    if not hmac.compare_digest(digest.digest(), file.sha256):
        return f"file {file.name!r}: it is not the one that was kept."
    return None
