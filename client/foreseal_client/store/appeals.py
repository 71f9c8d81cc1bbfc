"""What a person says was stopped or hidden wrongly: a queue on this device, for somebody who looks at it here."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final

import msgspec

from foreseal_client.errors import StoreError
from foreseal_client.store.database import Database

__all__ = ["MAX_APPEAL", "Appeal", "Appeals", "Ground", "Outcome"]

MAX_APPEAL: Final = 2000
"""Longest text of an appeal, in characters."""


class Ground(StrEnum):
    """Why somebody says that it was stopped wrongly."""

    OTHER_PICTURE = "other-picture"
    """It shows something else than what is listed."""
    WRONGLY_LISTED = "wrongly-listed"
    """It is what is listed, and should not be listed."""
    SOMETHING_ELSE = "something-else"


class Outcome(StrEnum):
    """What the reviewer said."""

    WAITING = "waiting"
    OVERTURNED = "overturned"
    """It was stopped wrongly: this message, as it is, passes this device."""
    UPHELD = "upheld"


class Appeal(msgspec.Struct, frozen=True):
    """What a person says of one message. `message`: its id; `at`: seconds since 1970."""

    message: int
    ground: Ground
    text: str
    at: int
    outcome: Outcome


class Appeals:
    """Reads and writes; the caller holds the transaction."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def put(self, message: int, ground: Ground, text: str, *, at: int) -> Appeal:
        """Queues an appeal; one that waits for the same message is replaced. Raises `StoreError` for a text longer than
        `MAX_APPEAL`."""
        if len(text) > MAX_APPEAL:
            raise StoreError(f"An appeal has at most {MAX_APPEAL} characters; this one has {len(text)}. Shorten it.")
        self._db.run(
            "INSERT INTO appeals VALUES (?,?,?,?,?) ON CONFLICT (message) DO UPDATE SET ground = excluded.ground,"
            " text = excluded.text, at = excluded.at, outcome = excluded.outcome",
            message, ground.value, text, at, Outcome.WAITING.value,
        )  # fmt: skip
        return Appeal(message, ground, text, at, Outcome.WAITING)

    def settle(self, message: int, outcome: Outcome) -> None:
        """The reviewer has looked at it."""
        self._db.run("UPDATE appeals SET outcome = ? WHERE message = ?", outcome.value, message)

    def get(self, message: int) -> Appeal | None:
        """What was said of this message."""
        row = self._db.row("SELECT * FROM appeals WHERE message = ?", message)
        return None if row is None else _appeal(row)

    def waiting(self) -> list[Appeal]:
        """What nobody has looked at yet, the oldest first; what was let go of since is left out."""
        rows = self._db.rows(
            "SELECT appeals.* FROM appeals JOIN messages ON messages.id = message"
            " WHERE outcome = ? AND state IN ('held', 'withheld') ORDER BY appeals.at, message",
            Outcome.WAITING.value,
        )
        return [_appeal(row) for row in rows]

    def reviewed(self, message: int) -> frozenset[bytes]:
        """The digest of this message, where a reviewer found that it was stopped wrongly; else nothing. It is one that
        was stopped: once it has left or is shown, the review has done what it was for."""
        row = self._db.row(
            "SELECT digest FROM appeals JOIN messages ON messages.id = message"
            " WHERE message = ? AND outcome = ? AND state IN ('held', 'withheld', 'queued', 'waiting')",
            message, Outcome.OVERTURNED.value,
        )  # fmt: skip
        return frozenset() if row is None else frozenset([row[0]])


def _appeal(row: tuple[Any, ...]) -> Appeal:
    message, ground, text, at, outcome = row
    return Appeal(message, Ground(ground), text, at, Outcome(outcome))
