"""Messages as they are kept: sent, held, shown or withheld, with the verdict they passed or stopped under."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from foreseal_client.sealing.spool import Spool
from foreseal_client.store.database import Database
from foreseal_client.store.messages import Cost, Direction, Message, Proof, Received, State
from foreseal_client.verdicts import decode_verdict, encode_verdict
from foreseal_matcher import Clear, Verdict

__all__ = ["History"]


_SELECT: Final = (
    "SELECT id, identity, eid, direction, at, text, state, verdict, digest, note, cost, conversation, fades_after,"
    " fades_at, received FROM messages"
)
_UNSEALED: Final = "(eid IS NULL OR eid NOT IN (SELECT eid FROM outbox))"


_END: Final = 2**62
"""Greater than the id of any message."""


class History:
    """Reads and writes; the caller holds the transaction."""

    def __init__(self, database: Database, profile: Path) -> None:
        self._db = database
        self._profile = profile

    def add(
        self,
        identity: bytes,
        direction: Direction,
        state: State,
        *,
        at: int,
        text: str,
        verdict: Verdict,
        digest: bytes,
        note: str = "",
        cost: Cost | None = None,
        files: tuple[Spool, ...] = (),
        eid: bytes | None = None,
        proof: Proof | None = None,
        group: bytes | None = None,
        fades_after: int = 0,
    ) -> Message:
        """Keeps a message; its files lie in the profile already."""
        row = self._db.insert(
            "INSERT INTO messages"
            " (identity, eid, direction, at, text, state, verdict, digest, note, cost, proof, conversation,"
            " fades_after) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
            identity, eid, direction.value, at, text, state.value, encode_verdict(verdict), digest, note,
            _encoded(cost),
            None if proof is None else msgspec.msgpack.encode(proof), group, fades_after,
        )  # fmt: skip
        self._put_files(row, files)
        return Message(
            row, identity, eid, direction, at, text, state, verdict, digest, note, cost, files, group, fades_after
        )

    def send_held(
        self,
        message: int,
        *,
        at: int,
        verdict: Verdict,
        digest: bytes,
        cost: Cost | None,
        files: tuple[Spool, ...],
        eid: bytes | None,
        fades_after: int = 0,
    ) -> None:
        """What was held leaves after all, in the place where it stood."""
        self._db.run(
            "UPDATE messages SET eid = ?, at = ?, state = ?, verdict = ?, digest = ?, cost = ?, note = '',"
            " fades_after = ? WHERE id = ?",
            eid, at, State.QUEUED.value, encode_verdict(verdict), digest, _encoded(cost), fades_after, message,
        )  # fmt: skip
        self._db.run("DELETE FROM files WHERE message = ?", message)
        self._put_files(message, files)

    def note_checked(self, message: Message) -> None:
        """What looking at a message again came to: its state, verdict, note and cost."""
        self._db.run(
            "UPDATE messages SET state = ?, verdict = ?, note = ?, cost = ? WHERE id = ?",
            message.state.value, encode_verdict(message.verdict), message.note, _encoded(message.cost), message.id,
        )  # fmt: skip

    def checked_otherwise(self, against: bytes) -> list[int]:
        """Messages that held something to check and were last checked against other lists or looks than `against`:
        what was stopped or hidden first, then the newest."""
        rows = self._db.rows(
            "SELECT id, cost FROM messages WHERE cost IS NOT NULL"
            " ORDER BY state IN ('held', 'withheld', 'released') DESC, id DESC"
        )
        return [row for row, cost in rows if msgspec.msgpack.decode(cost, type=Cost).against != against]

    def forget_held_files(self, before: int) -> list[Path]:
        """Lets go of the files of what was held before this time, in seconds since 1970; where they lie."""
        old = "FROM files WHERE message IN (SELECT id FROM messages WHERE state IN ('held', 'released') AND at < ?)"
        paths = [self._profile / "files" / path for (path,) in self._db.rows(f"SELECT path {old}", before)]
        self._db.run(f"DELETE {old}", before)
        return paths

    def _put_files(self, row: int, files: tuple[Spool, ...]) -> None:
        for position, file in enumerate(files):
            self._db.run(
                "INSERT INTO files VALUES (?,?,?,?,?,?,?)",
                row, position, file.name, file.size, file.sha256, file.key, file.path.name,
            )  # fmt: skip

    def reveal(self, message: int) -> None:
        """A withheld or covered message may be shown now."""
        self._db.run(
            "UPDATE messages SET state = ? WHERE id = ? AND state IN (?,?)",
            State.SHOWN.value, message, State.WITHHELD.value, State.COVERED.value,
        )  # fmt: skip

    def mark(self, eid: bytes, state: State) -> None:
        """Moves an outgoing message on."""
        self._db.run(
            "UPDATE messages SET state = ? WHERE eid = ? AND direction = 'out' AND state <> ?",
            state.value, eid, State.DELETED.value,
        )  # fmt: skip

    def notice(self, identity: bytes, note: str, *, at: int) -> Message:
        """A line from this device into a conversation."""
        return self.add(
            identity, Direction.OUT, State.NOTICE, at=at, text="", verdict=Clear(), digest=bytes(32), note=note
        )

    def leave_uncertain(self) -> None:
        """What waited to be sent is not here any more, sealed; whether it left is not known."""
        self._db.run(
            "UPDATE messages SET state = ? WHERE state IN (?,?)",
            State.UNCERTAIN.value, State.QUEUED.value, State.WAITING.value,
        )  # fmt: skip

    def seal_anew(self) -> None:
        """What was sealed for one person and has not left is sealed once more, under the id that it had."""
        self._db.run(
            "UPDATE messages SET state = ? WHERE conversation IS NULL AND eid IS NOT NULL AND state IN (?,?)",
            State.PAUSED.value, State.QUEUED.value, State.WAITING.value,
        )  # fmt: skip

    def paused(self, identity: bytes) -> list[Message]:
        """What waits, unsealed, for the person to look at this contact's new key, or for a new session, in the order
        written."""
        rows = self._db.rows(
            f"{_SELECT} WHERE identity = ? AND conversation IS NULL AND state = ? AND {_UNSEALED} ORDER BY id",
            identity, State.PAUSED.value,
        )  # fmt: skip
        return [self._message(row) for row in rows]

    def pausing(self) -> list[bytes]:
        """The contacts that something waits for in this way."""
        rows = self._db.rows(
            f"SELECT DISTINCT identity FROM messages WHERE conversation IS NULL AND state = ? AND {_UNSEALED}",  # noqa: S608
            State.PAUSED.value,
        )
        return [identity for (identity,) in rows]

    def mark_unread(self, eid: bytes, identity: bytes) -> None:
        """The one it was sent to says that it could not be opened; anybody else's word changes nothing."""
        self._db.run(
            "UPDATE messages SET state = ? WHERE eid = ? AND identity = ? AND direction = 'out' AND state = ?",
            State.UNREAD.value, eid, identity, State.SENT.value,
        )  # fmt: skip

    def with_contact(self, identity: bytes, limit: int = 500, *, before: int = _END) -> list[Message]:
        """The last messages with somebody, oldest first; of those in front of the message `before`."""
        rows = self._db.rows(
            _SELECT + " WHERE identity = ? AND conversation IS NULL AND id < ? ORDER BY id DESC LIMIT ?",
            identity, before, limit,
        )  # fmt: skip
        return [self._message(row) for row in reversed(rows)]

    def in_group(self, group: bytes, limit: int = 500, *, before: int = _END) -> list[Message]:
        """The last messages of a group, oldest first; of those in front of the message `before`."""
        rows = self._db.rows(
            _SELECT + " WHERE conversation = ? AND id < ? ORDER BY id DESC LIMIT ?", group, before, limit
        )
        return [self._message(row) for row in reversed(rows)]

    def get(self, message: int) -> Message | None:
        """The message with this id."""
        row = self._db.row(_SELECT + " WHERE id = ?", message)
        return None if row is None else self._message(row)

    def by_eid(self, eid: bytes) -> Message | None:
        """The outgoing message that this envelope carries."""
        row = self._db.row(_SELECT + " WHERE eid = ? AND direction = 'out'", eid)
        return None if row is None else self._message(row)

    def proof(self, message: int) -> Proof | None:
        """What proves an incoming message."""
        row = self._db.row("SELECT proof FROM messages WHERE id = ?", message)
        return None if row is None or row[0] is None else msgspec.msgpack.decode(row[0], type=Proof)

    def in_states(self, *states: State) -> list[Message]:
        """Messages that stand like this, the newest first."""
        marks = ",".join("?" * len(states))
        rows = self._db.rows(f"{_SELECT} WHERE state IN ({marks}) ORDER BY id DESC", *(state.value for state in states))
        return [self._message(row) for row in rows]

    def shown_file(self, name: str) -> Spool | None:
        """The file of this name in the profile, where it belongs to a message that is not withheld."""
        row = self._db.row(
            "SELECT path, key, name, size, sha256 FROM files WHERE path = ?"
            " AND message NOT IN (SELECT id FROM messages WHERE state IN ('withheld', 'covered'))",
            name,
        )  # fmt: skip
        return None if row is None else Spool(self._profile / "files" / row[0], *row[1:])

    def files(self) -> set[str]:
        """Names of the files that belong to a message."""
        return {path for (path,) in self._db.rows("SELECT path FROM files")}

    def spools(self, where: str = "TRUE") -> Iterator[Spool]:
        """Every file that belongs to a message, of those `where`, in our words, is true of."""
        rows = self._db.rows(
            f"SELECT path, key, name, size, sha256 FROM files WHERE {where} ORDER BY message, position"  # noqa: S608
        )
        for path, *rest in rows:
            yield Spool(self._profile / "files" / path, *rest)

    def _message(self, row: tuple[Any, ...]) -> Message:
        row_id, identity, eid, direction, at, text, state, verdict, digest, note, cost, group, *fading = row
        fades_after, fades_at, received = fading
        files = self._db.rows(
            "SELECT path, key, name, size, sha256 FROM files WHERE message = ? ORDER BY position", row_id
        )
        return Message(
            row_id, identity, eid, Direction(direction), at, text, State(state), decode_verdict(verdict), digest, note,
            None if cost is None else msgspec.msgpack.decode(cost, type=Cost),
            tuple(Spool(self._profile / "files" / path, *rest) for path, *rest in files), group, fades_after,
            fades_at, Received(received),
        )  # fmt: skip


def _encoded(cost: Cost | None) -> bytes | None:
    return None if cost is None else msgspec.msgpack.encode(cost)
