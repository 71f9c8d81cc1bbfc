"""What the desk keeps, encrypted: cases, votes, notes, the audit trail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from foreseal_client.desk.audit import Record
from foreseal_client.desk.cases import SEVERITY, Case, Evidence, Kind, Note, State
from foreseal_client.desk.rules import Role, Voice, Vote
from foreseal_client.reports.said import Category, Said
from foreseal_client.sealing.spool import Spool
from foreseal_client.store.database import Database

__all__ = ["Tables"]

_SCHEMA: Final = (
    """
    CREATE TABLE officers (
        name TEXT PRIMARY KEY, key BLOB NOT NULL UNIQUE, role TEXT NOT NULL, here INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE cases (
        id INTEGER PRIMARY KEY AUTOINCREMENT, number BLOB NOT NULL UNIQUE, kind TEXT NOT NULL, category TEXT NOT NULL,
        severity INTEGER NOT NULL, at INTEGER NOT NULL, state TEXT NOT NULL, said BLOB NOT NULL,
        listable INTEGER NOT NULL, entry INTEGER, decided INTEGER, proposed INTEGER, withdrawn INTEGER,
        evidence BLOB NOT NULL
    ) STRICT;
    CREATE INDEX cases_by_urgency ON cases (state, severity DESC, at, id);
    CREATE INDEX cases_by_entry ON cases (entry);
    -- Messages that were handed in, so that the same one is known again.
    CREATE TABLE reported (mailbox BLOB NOT NULL, eid BLOB NOT NULL, PRIMARY KEY (mailbox, eid)) STRICT;
    CREATE TABLE files (
        id INTEGER PRIMARY KEY, "case" INTEGER NOT NULL REFERENCES cases, path TEXT NOT NULL, key BLOB NOT NULL,
        name TEXT NOT NULL, size INTEGER NOT NULL, sha256 BLOB NOT NULL
    ) STRICT;
    CREATE INDEX files_by_case ON files ("case");
    CREATE TABLE votes (
        "case" INTEGER NOT NULL REFERENCES cases, officer TEXT NOT NULL, voice TEXT NOT NULL, category TEXT NOT NULL,
        PRIMARY KEY ("case", officer)
    ) STRICT;
    CREATE TABLE notes (
        id INTEGER PRIMARY KEY, "case" INTEGER NOT NULL REFERENCES cases, officer TEXT NOT NULL, at INTEGER NOT NULL,
        text TEXT NOT NULL
    ) STRICT;
    CREATE INDEX notes_by_case ON notes ("case");
    -- Append-only: what was done stays done.
    CREATE TABLE audit (number INTEGER PRIMARY KEY, packed BLOB NOT NULL, signature BLOB NOT NULL) STRICT;
    CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'append only'); END;
    CREATE TRIGGER audit_is_not_cut BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'append only'); END;
    -- Submissions that nothing was made of, by the reason.
    CREATE TABLE refused (reason TEXT PRIMARY KEY, times INTEGER NOT NULL) STRICT;
    """,
)
_CASE: Final = (
    "SELECT id, kind, category, severity, at, state, said, listable, entry, decided, proposed, withdrawn, evidence"
    " FROM cases"
)
_said: Final = msgspec.msgpack.Decoder[Said](Said)
_evidence: Final = msgspec.msgpack.Decoder(tuple[Evidence, ...])


class Tables:
    """Reads and writes; the caller holds the transaction. Raises `WrongKeyError`, `ProfileInUseError` or `StoreError`
    on opening."""

    def __init__(self, folder: Path, key: bytes) -> None:
        self._db = Database(folder, key, _SCHEMA)
        self._files = folder / "files"
        self._files.mkdir(mode=0o700, exist_ok=True)
        self.transaction = self._db.transaction

    def close(self) -> None:
        """Closes the database."""
        self._db.close()

    def new_file(self, name: str) -> Path:
        """A path for a file of a case. `name`: one that no other file has."""
        return self._files / name

    # --- officers -----------------------------------------------------------------------------------------------

    def put_officer(self, name: str, key: bytes, role: Role, *, here: bool = True) -> None:
        """Takes somebody in, or out; a key once known stays known, for what was signed with it."""
        self._db.run(
            "INSERT INTO officers VALUES (?,?,?,?) ON CONFLICT (name) DO UPDATE SET role = excluded.role,"
            " here = excluded.here", name, key, role.value, int(here),
        )  # fmt: skip

    def officers(self) -> list[tuple[str, bytes, Role, bool]]:
        """Name, public key, role, and whether they are still at the desk."""
        return [
            (name, key, Role(role), bool(here))
            for name, key, role, here in self._db.rows("SELECT name, key, role, here FROM officers ORDER BY rowid")
        ]

    # --- cases --------------------------------------------------------------------------------------------------

    def put_case(
        self, number: bytes, kind: Kind, category: Category, at: int, said: Said, evidence: tuple[Evidence, ...],
        *, listable: bool, entry: int | None = None,
    ) -> int:  # fmt: skip
        """A new case; its id."""
        return self._db.insert(
            "INSERT INTO cases (number, kind, category, severity, at, state, said, listable, entry, evidence)"
            " VALUES (?,?,?,?,?,?,?,?,?,?)",
            number, kind.value, category.value, SEVERITY[category], at, State.WAITING.value,
            msgspec.msgpack.encode(said), int(listable), entry, msgspec.msgpack.encode(evidence),
        )  # fmt: skip

    def put_file(self, case: int, spool: Spool) -> None:
        """A file of a case."""
        self._db.run(
            'INSERT INTO files ("case", path, key, name, size, sha256) VALUES (?,?,?,?,?,?)',
            case, spool.path.name, spool.key, spool.name, spool.size, spool.sha256,
        )  # fmt: skip

    def mark_reported(self, mailbox: bytes, eid: bytes) -> None:
        """This message was handed in."""
        self._db.run("INSERT OR IGNORE INTO reported VALUES (?,?)", mailbox, eid)

    def reported(self, mailbox: bytes, eid: bytes) -> bool:
        """Whether it was handed in before."""
        return self._db.row("SELECT 1 FROM reported WHERE mailbox = ? AND eid = ?", mailbox, eid) is not None

    def case_numbered(self, number: bytes) -> int | None:
        """The case that was handed in under this number."""
        row = self._db.row("SELECT id FROM cases WHERE number = ?", number)
        return None if row is None else int(row[0])

    def case(self, id: int) -> Case | None:
        """One case with all that belongs to it."""
        row = self._db.row(_CASE + " WHERE id = ?", id)
        return None if row is None else self._case(row, whole=True)

    def queue(self, state: State = State.WAITING, limit: int = 200, after: int = 0) -> list[Case]:
        """Cases in a state, the most pressing first and of those the oldest; `after`: so many are left out."""
        rows = self._db.rows(
            _CASE + " WHERE state = ? ORDER BY severity DESC, at, id LIMIT ? OFFSET ?", state.value, limit, after
        )
        return [self._case(row, whole=False) for row in rows]

    def count(self, state: State) -> int:
        """How many cases are in a state."""
        row = self._db.row("SELECT count(*) FROM cases WHERE state = ?", state.value)
        return 0 if row is None else int(row[0])

    @property
    def greatest_entry(self) -> int:
        """The greatest id that a case ever had on the list; 0 before the first."""
        row = self._db.row("SELECT max(entry) FROM cases WHERE kind <> ?", Kind.APPEAL.value)
        return 0 if row is None or row[0] is None else int(row[0])

    def about(self, entry: int) -> int | None:
        """The case that brought an entry onto the list."""
        row = self._db.row("SELECT id FROM cases WHERE entry = ? AND kind <> ?", entry, Kind.APPEAL.value)
        return None if row is None else int(row[0])

    def move(self, id: int, state: State, category: Category | None = None, **times: int | None) -> None:
        """Moves a case on. `times`: which of `decided`, `proposed`, `withdrawn`, `entry` to set."""
        changes = {"state": state.value, **times}
        if category is not None:
            changes |= {"category": category.value, "severity": SEVERITY[category]}
        names = ", ".join(f"{name} = ?" for name in changes)
        self._db.run(f"UPDATE cases SET {names} WHERE id = ?", *changes.values(), id)  # noqa: S608

    def times(self) -> Iterator[tuple[str, str, str, int, int | None, int | None, int | None]]:
        """Of every case its kind, category and state, and when it came, was decided, proposed and withdrawn."""
        yield from self._db.rows("SELECT kind, category, state, at, decided, proposed, withdrawn FROM cases")

    # --- what officers say --------------------------------------------------------------------------------------

    def put_vote(self, case: int, vote: Vote) -> None:
        """The officer's last word on a case."""
        self._db.run(
            "INSERT OR REPLACE INTO votes VALUES (?,?,?,?)",
            case, vote.officer, vote.voice.value, vote.category.value,
        )  # fmt: skip

    def votes(self, case: int) -> list[Vote]:
        """Everybody's last word on a case."""
        rows = self._db.rows('SELECT officer, voice, category FROM votes WHERE "case" = ? ORDER BY officer', case)
        return [Vote(officer, Voice(voice), Category(category)) for officer, voice, category in rows]

    def put_note(self, case: int, note: Note) -> None:
        """Adds a note."""
        self._db.run('INSERT INTO notes ("case", officer, at, text) VALUES (?,?,?,?)', case, note.officer, note.at,
                     note.text)  # fmt: skip

    # --- the trail ----------------------------------------------------------------------------------------------

    def append(self, number: int, record: Record) -> None:
        """The next record of the audit trail."""
        self._db.run("INSERT INTO audit VALUES (?,?,?)", number, record.packed, record.signature)

    def trail(self, since: int = 0) -> list[Record]:
        """The audit trail, from the record behind `since` on."""
        rows = self._db.rows("SELECT packed, signature FROM audit WHERE number > ? ORDER BY number", since)
        return [Record(packed, signature) for packed, signature in rows]

    def last_record(self) -> Record | None:
        """The newest record."""
        row = self._db.row("SELECT packed, signature FROM audit ORDER BY number DESC LIMIT 1")
        return None if row is None else Record(*row)

    def note_refused(self, reason: str) -> None:
        """One more submission that nothing was made of."""
        self._db.run("INSERT INTO refused VALUES (?, 1) ON CONFLICT (reason) DO UPDATE SET times = times + 1", reason)

    def refused(self) -> dict[str, int]:
        """How many of them, by reason."""
        return dict(self._db.rows("SELECT reason, times FROM refused ORDER BY reason"))

    def _case(self, row: Sequence[Any], *, whole: bool) -> Case:
        id, kind, category, severity, at, state, said, listable, entry, decided, proposed, withdrawn, evidence = row
        files: tuple[Spool, ...] = ()
        notes: tuple[Note, ...] = ()
        if whole:
            found = self._db.rows('SELECT path, key, name, size, sha256 FROM files WHERE "case" = ? ORDER BY id', id)
            files = tuple(Spool(self._files / path, *rest) for path, *rest in found)
            written = self._db.rows('SELECT officer, at, text FROM notes WHERE "case" = ? ORDER BY id', id)
            notes = tuple(Note(*one) for one in written)
        return Case(
            id, Kind(kind), Category(category), severity, at, State(state), _said.decode(said), bool(listable), entry,
            decided, proposed, withdrawn, _evidence.decode(evidence), files, notes,
        )  # fmt: skip
