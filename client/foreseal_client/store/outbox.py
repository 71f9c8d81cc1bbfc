"""What was sealed and has not been accepted by a relay yet. It survives a crash: a row here is a promise."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from foreseal_client.sealing.seal import Envelope, Sealed
from foreseal_client.store.database import Database

__all__ = ["Outbox", "Pending"]


_AT_ONCE: Final = 100
"""Envelopes read at once: thousands may wait after a long time away."""


class Pending(msgspec.Struct, frozen=True):
    """An envelope that waits, for whom, and the sealed blobs that have to be at the relay before it."""

    identity: bytes
    envelope: Envelope
    blobs: tuple[tuple[bytes, Path], ...]


class Outbox:
    """Reads and writes; the caller holds the transaction."""

    def __init__(self, database: Database, profile: Path) -> None:
        self._db = database
        self._profile = profile

    def put(self, identity: bytes, sealed: Sealed) -> None:
        """Keeps a sealed message until a relay has accepted it."""
        envelope = sealed.envelope
        self._db.run(
            "INSERT INTO outbox (eid, identity, envelope) VALUES (?,?,?)",
            envelope.eid, identity, msgspec.msgpack.encode(envelope),
        )  # fmt: skip
        for ref, path in sealed.blobs:
            self._db.run("INSERT INTO outbox_blobs VALUES (?,?,?)", envelope.eid, ref.blob, path.name)

    def relays(self) -> set[str]:
        """The relays that something can be tried at now."""
        rows = self._db.rows("SELECT DISTINCT relay FROM outbox JOIN contacts USING (identity) WHERE state = 'waiting'")
        return {relay for (relay,) in rows}

    def waiting(self, relay: str) -> list[Pending]:
        """What can be tried now at this relay, in the order written."""
        rows = self._db.rows(
            "SELECT eid, identity, envelope FROM outbox JOIN contacts USING (identity)"
            " WHERE state = 'waiting' AND relay = ? ORDER BY position LIMIT ?",
            relay, _AT_ONCE,
        )  # fmt: skip
        return [
            Pending(identity, msgspec.msgpack.decode(envelope, type=Envelope), self._blobs(eid))
            for eid, identity, envelope in rows
        ]

    def current(self, pending: Pending) -> Pending | None:
        """What was read a while ago as it stands now; `None`: it is not to leave any more."""
        if self._db.row("SELECT 1 FROM outbox WHERE eid = ?", pending.envelope.eid) is None:
            return None
        return msgspec.structs.replace(pending, blobs=self._blobs(pending.envelope.eid))

    def remove(self, eid: bytes) -> tuple[Path, ...]:
        """The relay has it, or never will. The blobs' files that nobody else waits for, to be removed after the
        transaction."""
        files = tuple(path for _, path in self._blobs(eid))
        self._db.run("DELETE FROM outbox WHERE eid = ?", eid)
        self._db.run("DELETE FROM outbox_blobs WHERE eid = ?", eid)
        wanted = self.files()
        return tuple(path for path in files if path.name not in wanted)

    def clear(self) -> tuple[Path, ...]:
        """Nothing of what is sealed leaves; the blobs' files, to be removed after the transaction."""
        files = tuple(self._profile / "outgoing" / path for path in self.files())
        self._db.run("DELETE FROM outbox")
        self._db.run("DELETE FROM outbox_blobs")
        return files

    def note_uploaded(self, eid: bytes, relay: str) -> None:
        """The blobs of this envelope are at this relay: others that go there need not bring them again."""
        self._db.run(
            "DELETE FROM outbox_blobs WHERE blob IN (SELECT blob FROM outbox_blobs WHERE eid = ?) AND eid IN"
            " (SELECT eid FROM outbox JOIN contacts USING (identity) WHERE relay = ? AND eid <> ?)",
            eid, relay, eid,
        )  # fmt: skip

    def park(self, eid: bytes) -> None:
        """The relay refused the token it was sent with; it waits for a new one."""
        self._db.run("UPDATE outbox SET state = 'parked' WHERE eid = ?", eid)

    def unpark(self, identity: bytes) -> None:
        """There is a new token for this contact: try again."""
        self._db.run("UPDATE outbox SET state = 'waiting' WHERE identity = ?", identity)

    def unpark_all(self) -> None:
        """A new login: whatever waited for a token is tried once more."""
        self._db.run("UPDATE outbox SET state = 'waiting'")

    def files(self) -> set[str]:
        """Names of the blob files that are still needed."""
        return {path for (path,) in self._db.rows("SELECT path FROM outbox_blobs")}

    def _blobs(self, eid: bytes) -> tuple[tuple[bytes, Path], ...]:
        rows = self._db.rows("SELECT blob, path FROM outbox_blobs WHERE eid = ? ORDER BY rowid", eid)
        return tuple((blob, self._profile / "outgoing" / path) for blob, path in rows)
