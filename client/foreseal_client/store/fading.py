"""Letting go of messages: when their time is over, when somebody deletes them. Rows are overwritten (`secure_delete`),
files are unlinked, and with the row went the only key to what a disk may still hold of its file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from foreseal_client.errors import StoreError
from foreseal_client.store.database import Database
from foreseal_client.store.history import History
from foreseal_client.store.messages import Direction, Message, Received, State
from foreseal_client.verdicts import encode_verdict
from foreseal_matcher import Clear

__all__ = ["MAX_WITHDRAWN", "Fading"]

MAX_WITHDRAWN: Final = 1000
"""Envelopes of one contact that are remembered as deleted by them: a deletion may come before what it deletes."""

_GONE_FROM_HERE: Final = ", ".join(
    f"'{state}'" for state in (State.SENT, State.REFUSED, State.UNREAD, State.UNCERTAIN, State.DELETED)
)
"""What has left, or never will: its writer wanted it to disappear either way."""


class Fading:
    """Reads and writes; the caller holds the transaction, and calls `let_go` after it."""

    def __init__(self, database: Database, history: History, profile: Path) -> None:
        self._db = database
        self._history = history
        self._folder = profile / "files"
        self._unlinked: set[str] = set()
        self._erased = False

    # --- by the clock ---------------------------------------------------------------------------------------------

    def begin_sent(self, now: int) -> None:
        """The time of what has left begins to run. `now`: seconds since 1970, here and below."""
        self._db.run(
            f"UPDATE messages SET fades_at = ? + fades_after WHERE fades_after > 0 AND fades_at IS NULL"  # noqa: S608
            f" AND direction = 'out' AND state IN ({_GONE_FROM_HERE})",
            now,
        )

    def note_read(self, message: int, now: int) -> bool:
        """This person has read a message that arrived, and its time begins to run; whether it was the first time."""
        row = self._db.row(
            "SELECT 1 FROM messages WHERE id = ? AND direction = ? AND state IN (?,?) AND received <> ?",
            message, Direction.IN.value, State.SHOWN.value, State.WITHHELD.value, Received.READ,
        )  # fmt: skip
        if row is None:
            return False
        self._db.run(
            "UPDATE messages SET received = ?, fades_at = CASE WHEN fades_after > 0 THEN ? + fades_after END"
            " WHERE id = ?",
            Received.READ, now, message,
        )  # fmt: skip
        return True

    def due(self, now: int) -> list[int]:
        """Messages whose time is over."""
        rows = self._db.rows("SELECT id FROM messages WHERE fades_after > 0 AND fades_at <= ? ORDER BY id", now)
        return [message for (message,) in rows]

    def next_due(self) -> int | None:
        """When the next one's is."""
        row = self._db.row("SELECT min(fades_at) FROM messages WHERE fades_after > 0")
        return None if row is None or row[0] is None else int(row[0])

    # --- letting go -----------------------------------------------------------------------------------------------

    def remove(self, message: int) -> None:
        """A message leaves no row."""
        self._condemn(message)
        self._db.run("DELETE FROM group_sends WHERE message = ?", message)
        self._db.run("DELETE FROM messages WHERE id = ?", message)

    def blank(self, message: int) -> None:
        """Only that there was a message stays, from whom, and when."""
        self._condemn(message)
        self._db.run("DELETE FROM group_sends WHERE message = ?", message)
        self._db.run(
            "UPDATE messages SET state = ?, text = '', note = '', verdict = ?, digest = zeroblob(32), cost = NULL,"
            " proof = NULL WHERE id = ?",
            State.DELETED.value, encode_verdict(Clear()), message,
        )  # fmt: skip

    def let_go(self) -> None:
        """After the transaction: unlinks the files of what was let go of, and folds the log back, which holds pages
        as they were. What a crash keeps from this is done at the next start. Raises `StoreError`."""
        wanted = {path for (path,) in self._db.rows("SELECT path FROM files")} if self._unlinked else set()
        try:
            for name in self._unlinked - wanted:
                (self._folder / name).unlink(missing_ok=True)
        except OSError as fault:
            raise StoreError(f"A deleted file is still on the disk ({fault.strerror}). It is tried again.") from fault
        if self._erased:
            self._db.empty_log()
        self._unlinked, self._erased = set(), False

    def _condemn(self, message: int) -> None:
        self._unlinked.update(path for (path,) in self._db.rows("SELECT path FROM files WHERE message = ?", message))
        self._db.run("DELETE FROM files WHERE message = ?", message)
        self._db.run("DELETE FROM appeals WHERE message = ?", message)
        self._erased = True

    # --- by their writers' word -----------------------------------------------------------------------------------

    def withdraw(self, identity: bytes, eids: Iterable[bytes]) -> list[int]:
        """This person wants the content of envelopes of theirs gone; the messages here that were blanked. Those that
        have not arrived will be."""
        blanked = []
        for eid in eids:
            self._db.run("INSERT OR IGNORE INTO withdrawn (eid, identity) VALUES (?,?)", eid, identity)
            row = self._db.row(
                "SELECT id FROM messages WHERE eid = ? AND identity = ? AND direction = 'in' AND state <> ?",
                eid, identity, State.DELETED.value,
            )  # fmt: skip
            if row is not None:
                self.blank(row[0])
                blanked.append(row[0])
        self._db.run(
            "DELETE FROM withdrawn WHERE identity = ? AND position NOT IN"
            " (SELECT position FROM withdrawn WHERE identity = ? ORDER BY position DESC LIMIT ?)",
            identity, identity, MAX_WITHDRAWN,
        )  # fmt: skip
        return blanked

    def blanked(self, identity: bytes, eid: bytes) -> Message | None:
        """What is left of a message that its writer deleted."""
        row = self._db.row(
            "SELECT id FROM messages WHERE eid = ? AND identity = ? AND direction = 'in' AND state = ?",
            eid, identity, State.DELETED.value,
        )  # fmt: skip
        return None if row is None else self._history.get(row[0])

    def is_withdrawn(self, identity: bytes, eid: bytes) -> bool:
        """Whether its writer wants the content of this envelope gone."""
        return self._db.row("SELECT 1 FROM withdrawn WHERE identity = ? AND eid = ?", identity, eid) is not None

    def note_received(self, identity: bytes, eids: Iterable[bytes], received: Received) -> None:
        """They say so of messages to them; nobody else's word counts, and nothing is taken back."""
        for eid in eids:
            self._db.run(
                "UPDATE messages SET received = ? WHERE eid = ? AND identity = ? AND direction = 'out'"
                " AND conversation IS NULL AND received < ? AND state = ?",
                received, eid, identity, received, State.SENT.value,
            )  # fmt: skip
