"""What contacts hold of the logs that this device follows, and what came of comparing."""

from __future__ import annotations

import msgspec

from foreseal_client.store.database import Database

__all__ = ["ComparedHead", "ComparedHeads"]

_PROVEN = "split-view"


class ComparedHead(msgspec.Struct, frozen=True):
    """`identity`: of the contact, and `log`: the log's key, 32 bytes each; `name`: of the list; `theirs`: their head,
    encoded; `judgement`: what comparing said; `day`: when, in days since 1970; `evidence`: what proves that the log has
    shown two histories, empty where it has not."""

    identity: bytes
    log: bytes
    name: str
    theirs: bytes
    judgement: str
    day: int
    evidence: bytes = b""


class ComparedHeads:
    """Reads and writes; the caller holds the transaction."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def get(self, identity: bytes, log: bytes, name: str) -> ComparedHead | None:
        """What was compared last."""
        row = self._db.row(
            f"{_SELECT} WHERE identity = ? AND log = ? AND name = ?", identity, log, name
        )  # fmt: skip
        return None if row is None else ComparedHead(*row)

    def put(self, found: ComparedHead) -> None:
        """In the place of what was compared before; what is proven stays."""
        self._db.run(
            "INSERT INTO list_heads VALUES (?,?,?,?,?,?,?) ON CONFLICT (identity, log, name) DO UPDATE SET"
            " theirs=excluded.theirs, judgement=excluded.judgement, day=excluded.day, evidence=excluded.evidence"
            " WHERE judgement <> ?",
            found.identity, found.log, found.name, found.theirs, found.judgement, found.day, found.evidence, _PROVEN,
        )  # fmt: skip

    def all(self) -> list[ComparedHead]:
        """Everything that was compared."""
        return [ComparedHead(*row) for row in self._db.rows(f"{_SELECT} ORDER BY rowid")]


_SELECT = "SELECT identity, log, name, theirs, judgement, day, evidence FROM list_heads"
