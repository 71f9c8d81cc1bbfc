"""Broken sessions: with whom a new one has to begin, and which envelopes could not be opened."""

from __future__ import annotations

from typing import Final

import msgspec

from foreseal_client.store.database import Database
from foreseal_client.store.people import Standing

__all__ = ["MEND_AGAIN", "Broken", "Mending"]

MEND_AGAIN: Final = 3600
"""Seconds after which a session with the same contact is mended once more: two devices that cannot open each other's
messages must not keep answering each other, and nobody who can write to a mailbox may keep it busy."""
_KEPT: Final = 256


class Broken(msgspec.Struct, frozen=True):
    """A contact with whom a new session has to begin."""

    identity: bytes


class Mending:
    """Reads and writes; the caller holds the transaction."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def note(self, identity: bytes, eid: bytes, round_: int, now: int) -> bool:
        """An envelope of this contact could not be opened. `round_`: of the session that it claims to belong to;
        `now`: seconds since 1970. Whether a new session has to begin because of it; if not, one did a while ago."""
        self._db.run("INSERT OR IGNORE INTO unopened (eid, identity) VALUES (?,?)", eid, identity)
        self._db.run(
            "DELETE FROM unopened WHERE identity = ? AND eid NOT IN"
            " (SELECT eid FROM unopened WHERE identity = ? ORDER BY position DESC LIMIT ?)",
            identity, identity, _KEPT,
        )  # fmt: skip
        row = self._db.row("SELECT round, began FROM mending WHERE identity = ?", identity)
        if row is not None and 0 <= now - row[1] < MEND_AGAIN:
            return False
        known = 0 if row is None else row[0]
        self._db.run("INSERT OR REPLACE INTO mending VALUES (?,?,?,1)", identity, max(known, round_), now)
        return True

    def due(self, identity: bytes) -> int | None:
        """The round to go past when a new session with this contact has to begin, else `None`."""
        row = self._db.row("SELECT round FROM mending WHERE identity = ? AND due", identity)
        return None if row is None else int(row[0])

    def begun(self, identity: bytes) -> None:
        """The new session was made."""
        self._db.run("UPDATE mending SET due = 0 WHERE identity = ?", identity)

    def take_unopened(self, identity: bytes, at_most: int) -> tuple[bytes, ...]:
        """Ids of envelopes of this contact that could not be opened, to be told them once; the oldest first."""
        rows = self._db.rows("SELECT eid FROM unopened WHERE identity = ? ORDER BY position LIMIT ?", identity, at_most)
        for (eid,) in rows:
            self._db.run("DELETE FROM unopened WHERE eid = ?", eid)
        return tuple(eid for (eid,) in rows)

    def forget(self) -> None:
        """Sessions begin anew with everybody: nothing is broken any more."""
        self._db.run("DELETE FROM mending")
        self._db.run("DELETE FROM unopened")

    def relays(self) -> set[str]:
        """The relays of contacts with whom a new session has to begin."""
        rows = self._db.rows(
            "SELECT DISTINCT relay FROM mending JOIN contacts USING (identity) WHERE due AND standing IN (?,?)",
            Standing.ACCEPTED,
            Standing.MEMBER,
        )
        return {relay for (relay,) in rows}

    def waiting(self, relay: str) -> list[Broken]:
        """Those at one relay."""
        rows = self._db.rows(
            "SELECT identity FROM mending JOIN contacts USING (identity) WHERE due AND standing IN (?,?) AND relay = ?",
            Standing.ACCEPTED, Standing.MEMBER, relay,
        )  # fmt: skip
        return [Broken(identity) for (identity,) in rows]
