"""Whom this person knows to be who they say they are: verified safety numbers, and changes of key."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from foreseal_client.store.database import Database

__all__ = ["Evidence", "KeyChange", "Trust"]


class Evidence(StrEnum):
    """What says that a new key belongs to somebody known."""

    MAILBOX = "mailbox"
    """Their relay hands out this key for the mailbox of a contact."""
    CLAIM = "claim"
    """It came with a letter that names the mailbox of a contact as its own, which any letter can."""
    NAME = "name"
    """It came with the name of a contact. Anybody can take a name."""


class KeyChange(msgspec.Struct, frozen=True):
    """Somebody with a new key where another was known. `identity`, `earlier`: the new and the known identity key, 32
    bytes each; `day`: when it was found, in days since 1970."""

    identity: bytes
    earlier: bytes
    evidence: Evidence
    day: int


class Trust:
    """Reads and writes; the caller holds the transaction."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def verify(self, identity: bytes, day: int) -> None:
        """The safety number with this contact was compared, and is the same."""
        self._db.run(
            "INSERT INTO verified VALUES (?,?) ON CONFLICT (identity) DO UPDATE SET day=excluded.day", identity, day
        )

    def unverify(self, identity: bytes) -> None:
        """It does not count as compared any more."""
        self._db.run("DELETE FROM verified WHERE identity = ?", identity)

    def verified_on(self, identity: bytes) -> int | None:
        """The day (since 1970) on which the safety number was compared; None: never, for this key."""
        row = self._db.row("SELECT day FROM verified WHERE identity = ?", identity)
        return None if row is None else int(row[0])

    def note(self, change: KeyChange) -> bool:
        """Remembers a change of key to be looked at; whether it is news. One that was looked at stays so."""
        if self._db.row("SELECT 1 FROM key_changes WHERE identity = ?", change.identity) is not None:
            return False
        self._db.run(
            "INSERT INTO key_changes (identity, earlier, evidence, day) VALUES (?,?,?,?)",
            change.identity, change.earlier, change.evidence.value, change.day,
        )  # fmt: skip
        return True

    def unseen(self, identity: bytes) -> KeyChange | None:
        """The change that stands between this person and a contact, named by the new key or (where their mailbox
        answers under the new one) by the earlier one."""
        row = self._db.row(
            "SELECT identity, earlier, evidence, day FROM key_changes WHERE NOT looked_at"
            " AND (identity = ? OR (earlier = ? AND evidence = ?))",
            identity, identity, Evidence.MAILBOX.value,
        )  # fmt: skip
        return None if row is None else KeyChange(row[0], row[1], Evidence(row[2]), row[3])

    def look(self, change: KeyChange) -> None:
        """The person has looked at it and decided."""
        self._db.run("UPDATE key_changes SET looked_at = 1 WHERE identity = ?", change.identity)
