"""How far this person has read each conversation, and finding again what was said."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Final

from foreseal_client.store.database import Database

__all__ = ["Preferences", "Reading"]

_AT_ONCE: Final = 500
"""Messages that are read at once while searching."""
_TEXTS: Final = (
    "SELECT id, text || char(10) || coalesce((SELECT group_concat(name, char(10)) FROM files"
    " WHERE message = messages.id), '') FROM messages WHERE {where} AND id < ?"
    " AND state NOT IN ('withheld', 'notice', 'unopened') ORDER BY id DESC LIMIT ?"
)
_OF_CONTACT: Final = "identity = ? AND conversation IS NULL"
_OF_GROUP: Final = "conversation = ?"


class Reading:
    """Reads and writes; the caller holds the transaction. A conversation is named by the identity key of a contact
    (32 bytes) or the id of a group (16 bytes)."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def mark_read(self, conversation: bytes) -> None:
        """Everything that is in it now was on the screen."""
        self._db.run(
            f"INSERT INTO read_up_to SELECT ?, coalesce(max(id), 0) FROM messages WHERE {_of(conversation)}"  # noqa: S608
            " ON CONFLICT (conversation) DO UPDATE SET message = excluded.message",
            conversation, conversation,
        )  # fmt: skip

    def unread(self, conversation: bytes) -> int:
        """How many messages of other people have come since."""
        row = self._db.row(
            f"SELECT count(*) FROM messages WHERE {_of(conversation)} AND direction = 'in' AND id >"  # noqa: S608
            " coalesce((SELECT message FROM read_up_to WHERE conversation = ?), 0)",
            conversation, conversation,
        )  # fmt: skip
        return 0 if row is None else int(row[0])

    def find(self, phrase: str, conversation: bytes | None = None, *, limit: int = 50) -> list[int]:
        """Ids of the newest messages with this phrase in their text or in the name of a file, whatever its case; the
        newest first. What is hidden is not searched: a find would tell what is in it. `conversation`: in one alone."""
        wanted, found = _folded(phrase), list[int]()
        for message, text in self._texts(conversation):
            if wanted in _folded(text):
                found.append(message)
                if len(found) == limit:
                    break
        return found

    def _texts(self, conversation: bytes | None) -> Iterator[tuple[int, str]]:
        where, values = "1", tuple[bytes, ...]()
        if conversation is not None:
            where, values = _of(conversation), (conversation,)
        before = 2**62
        while True:
            rows = self._db.rows(_TEXTS.format(where=where), *values, before, _AT_ONCE)
            yield from rows
            if len(rows) < _AT_ONCE:
                return
            before = rows[-1][0]


class Preferences:
    """What this person chose, by name; the caller holds the transaction."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def get(self, name: str) -> str | None:
        """What was chosen, if anything was."""
        row = self._db.row("SELECT value FROM preferences WHERE name = ?", name)
        return None if row is None else str(row[0])

    def put(self, name: str, value: str) -> None:
        """Remembers a choice."""
        self._db.run(
            "INSERT INTO preferences VALUES (?,?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, value
        )


def _of(conversation: bytes) -> str:
    return _OF_CONTACT if len(conversation) == 32 else _OF_GROUP


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()
