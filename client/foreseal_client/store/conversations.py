"""What was settled about each conversation, and what its other side is still to be told."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Final

import msgspec

from foreseal_client.sealing.notes import MAX_TOLD, Shares
from foreseal_client.store.database import Database
from foreseal_client.store.messages import Direction, State

__all__ = ["MAX_OWED", "Conversation", "Conversations", "Owed"]

MAX_OWED: Final = 1000
"""Receipts kept for one contact until they are told; the oldest go first."""


class Owed(StrEnum):
    """What somebody is to be told of an envelope."""

    DELIVERED = "delivered"
    READ = "read"
    DELETED = "deleted"


class Conversation(msgspec.Struct, frozen=True):
    """What holds in a conversation. `id`: the contact's identity (32 bytes), or the group's id (16); `timer`: seconds
    after which what is written in it disappears, 0 for never; `version`: how often the two changed that; `shares`:
    what this person lets the other see; `theirs`: what the other says of themselves."""

    id: bytes
    timer: int = 0
    version: int = 0
    shares: Shares = Shares.NOTHING
    theirs: Shares = Shares.NOTHING

    @property
    def shared(self) -> Shares:
        """What both let each other see."""
        return self.shares & self.theirs


class Conversations:
    """Reads and writes; the caller holds the transaction."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self.may_share: Callable[[], Shares] = lambda: ~Shares.NOTHING
        """What this person may let anybody see. More than that holds in no conversation, whatever was settled."""

    def get(self, id_: bytes) -> Conversation:
        """What holds with this contact, or in this group; where nothing was settled, nothing does."""
        row = self._db.row("SELECT timer, version, shares, their_shares FROM conversations WHERE id = ?", id_)
        if row is None:
            return Conversation(id_)
        return Conversation(id_, row[0], row[1], Shares(row[2]) & self.may_share(), Shares(row[3]))

    def put(self, conversation: Conversation) -> None:
        """Stores it."""
        self._db.run(
            "INSERT INTO conversations VALUES (?,?,?,?,?) ON CONFLICT (id) DO UPDATE SET timer = excluded.timer,"
            " version = excluded.version, shares = excluded.shares, their_shares = excluded.their_shares",
            conversation.id, conversation.timer, conversation.version, int(conversation.shares),
            int(conversation.theirs),
        )  # fmt: skip

    def owe(self, identity: bytes, kind: Owed, eid: bytes, due: int) -> None:
        """They are to be told this of an envelope (16 bytes), with any letter, and with one of its own from `due` on
        (seconds since 1970). That something was read says that it was delivered."""
        if kind is Owed.READ:
            self._db.run(
                "DELETE FROM owed WHERE identity = ? AND eid = ? AND kind = ?", identity, eid, Owed.DELIVERED.value
            )
        self._db.run("INSERT OR IGNORE INTO owed (identity, kind, eid, due) VALUES (?,?,?,?)", identity, kind, eid, due)
        self._db.run(
            "DELETE FROM owed WHERE identity = ? AND kind <> ? AND position NOT IN"
            " (SELECT position FROM owed WHERE identity = ? ORDER BY position DESC LIMIT ?)",
            identity, Owed.DELETED.value, identity, MAX_OWED,
        )  # fmt: skip

    def owe_deletions_again(self, due: int) -> None:
        """What is sealed is about to be thrown away, and may hold requests to delete. Which, is not kept: whoever it is
        for is owed all there ever were, and one that they have followed already changes nothing."""
        self._db.run(
            "INSERT OR IGNORE INTO owed (identity, kind, eid, due) SELECT identity, ?, eid, ? FROM messages"
            " WHERE direction = ? AND state = ? AND conversation IS NULL AND eid IS NOT NULL"
            " AND identity IN (SELECT identity FROM outbox) ORDER BY id",
            Owed.DELETED.value, due, Direction.OUT.value, State.DELETED.value,
        )  # fmt: skip

    def take_owed(self, identity: bytes, kind: Owed) -> tuple[bytes, ...]:
        """What one letter tells them of this kind, the oldest first; it is owed no longer."""
        rows = self._db.rows(
            "SELECT position, eid FROM owed WHERE identity = ? AND kind = ? ORDER BY position LIMIT ?",
            identity, kind.value, MAX_TOLD,
        )  # fmt: skip
        for position, _ in rows:
            self._db.run("DELETE FROM owed WHERE position = ?", position)
        return tuple(eid for _, eid in rows)

    def forget_receipts(self, identity: bytes) -> None:
        """They are not told what was delivered or read."""
        self._db.run("DELETE FROM owed WHERE identity = ? AND kind <> ?", identity, Owed.DELETED.value)

    def put_off(self, identity: bytes, due: int) -> None:
        """What they are owed goes in a letter of its own only from then on."""
        self._db.run("UPDATE owed SET due = ? WHERE identity = ?", due, identity)

    def owing(self) -> list[tuple[bytes, int]]:
        """Who is owed something, and the time from which on a letter goes for it alone."""
        return [(who, due) for who, due in self._db.rows("SELECT identity, min(due) FROM owed GROUP BY identity")]
