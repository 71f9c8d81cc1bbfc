"""What this person handed to a desk, so that they can see what became of it and take it back."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec

from foreseal_client.store.database import Database

__all__ = ["HandedIn", "HandedRow", "Progress"]


class Progress(StrEnum):
    """How far it has come, as far as this device can know: a desk answers nobody."""

    WAITING = "waiting"
    """It has not left this device yet."""
    RECEIVED = "received"
    """The relay has it for the desk."""
    ACTIVE = "active"
    """A list on this device has it."""
    WITHDRAWN = "withdrawn"
    """A list on this device had it, and has it no more."""
    TAKEN_BACK = "taken-back"
    """The desk was told that it is taken back."""


class HandedRow(msgspec.Struct, frozen=True):
    """One submission. `number`: 16 random bytes, which whoever has can take it back; `card`: the desk's; `at`: seconds
    since 1970; `said`: its exact bytes while it waits, and later where its state can be told from lists."""

    number: bytes
    card: str
    kind: str
    at: int
    state: Progress
    said: bytes | None


class HandedIn:
    """Reads and writes; the caller holds the transaction."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def put(self, row: HandedRow) -> None:
        """Keeps a submission, before it leaves."""
        self._db.run(
            "INSERT INTO handed_in VALUES (?,?,?,?,?,?)",
            row.number, row.card, row.kind, row.at, row.state.value, row.said,
        )  # fmt: skip

    def move(self, number: bytes, state: Progress) -> None:
        """It has come further."""
        self._db.run("UPDATE handed_in SET state = ? WHERE number = ?", state.value, number)

    def receive(self, number: bytes) -> None:
        """A relay has it for the desk. What was taken back while it was on its way stays taken back."""
        self._db.run(
            "UPDATE handed_in SET state = ? WHERE number = ? AND state = ?",
            Progress.RECEIVED.value, number, Progress.WAITING.value,
        )  # fmt: skip

    def forget_content(self, number: bytes) -> None:
        """What it said is not needed here any more."""
        self._db.run("UPDATE handed_in SET said = NULL WHERE number = ?", number)

    def all(self) -> list[HandedRow]:
        """Everything, the oldest first."""
        return [_row(found) for found in self._db.rows("SELECT * FROM handed_in ORDER BY at, rowid")]

    def forget(self, number: bytes) -> None:
        """Removes every trace of it here; after this it cannot be taken back from this device."""
        self._db.run("DELETE FROM handed_in WHERE number = ?", number)


def _row(found: tuple[Any, ...]) -> HandedRow:
    number, card, kind, at, state, said = found
    return HandedRow(number, card, kind, at, Progress(state), said)
