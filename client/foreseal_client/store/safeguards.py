"""What this profile keeps of its safeguards: settings, passcode, since when contacts are known, first contacts made,
and the counts of what the safeguards did."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from foreseal_client.safeguards.passcode import Lock
from foreseal_client.safeguards.settings import ORDINARY, Safeguards
from foreseal_client.store.database import Database

__all__ = ["Consequence", "SafeguardRows"]


class Consequence(StrEnum):
    """What a safeguard led to, as it is counted on this device and nowhere else."""

    SHOWN = "shown"
    """A card said that something was stopped."""
    WHY_OPENED = "why_opened"
    CANCELLED = "cancelled"
    """The person chose not to send after all."""
    APPEALED = "appealed"
    OVERTURNED = "overturned"
    PAUSED = "paused"
    """A card asked to take a moment."""
    REMINDED = "reminded"
    REQUESTS_ACCEPTED = "requests_accepted"
    REQUESTS_BLOCKED = "requests_blocked"


class SafeguardRows:
    """Reads and writes; the caller holds the transaction."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def settings(self) -> Safeguards:
        """What the profile keeps; flags, environment and configuration can only tighten it."""
        row = self._db.row("SELECT settings FROM safeguards")
        return ORDINARY if row is None else msgspec.json.decode(row[0], type=Safeguards)

    def lock(self) -> Lock | None:
        """The passcode of a young person's profile."""
        row = self._db.row("SELECT passcode FROM safeguards")
        return None if row is None or row[0] is None else msgspec.msgpack.decode(row[0], type=Lock)

    def put(self, settings: Safeguards, lock: Lock | None) -> None:
        """Replaces both."""
        self._db.run("DELETE FROM safeguards")
        packed = None if lock is None else msgspec.msgpack.encode(lock)
        self._db.run("INSERT INTO safeguards VALUES (1,?,?)", msgspec.json.encode(settings).decode(), packed)

    # --- since when somebody is known ----------------------------------------------------------------------------

    def meet(self, identity: bytes, day: int) -> None:
        """Somebody was let in on this day (since 1970). Being let in again makes nobody less new, or more."""
        self._db.run("INSERT OR IGNORE INTO acquaintances VALUES (?,?,0)", identity, day)

    def met_on(self, identity: bytes) -> int | None:
        """The day on which somebody was let in; None: never."""
        row = self._db.row("SELECT day FROM acquaintances WHERE identity = ?", identity)
        return None if row is None else int(row[0])

    def remind(self, identity: bytes) -> bool:
        """Whether nothing was said yet about the first files or links of this contact; asking counts as saying."""
        due = self._db.row("SELECT 1 FROM acquaintances WHERE identity = ? AND NOT reminded", identity) is not None
        self._db.run("UPDATE acquaintances SET reminded = 1 WHERE identity = ?", identity)
        return due

    # --- first contacts and requests -----------------------------------------------------------------------------

    def note_first_contact(self, identity: bytes, day: int) -> None:
        """This device wrote to somebody first; earlier days are forgotten."""
        self._db.run("DELETE FROM first_contacts WHERE day < ?", day - 1)
        self._db.run("INSERT OR REPLACE INTO first_contacts VALUES (?,?)", identity, day)

    def first_contacts(self, day: int) -> int:
        """How many people were written to first on this day, or on one that a clock put back calls later."""
        (count,) = self._db.row("SELECT count(*) FROM first_contacts WHERE day >= ?", day) or (0,)
        return int(count)

    def leave(self, identity: bytes) -> None:
        """A request is left as it is, and counted no more."""
        self._db.run("INSERT OR IGNORE INTO left_requests VALUES (?)", identity)

    def left(self) -> set[bytes]:
        """The strangers whose requests are left."""
        return {identity for (identity,) in self._db.rows("SELECT identity FROM left_requests")}

    # --- counts --------------------------------------------------------------------------------------------------

    def count(self, what: Consequence) -> None:
        """It happened once more."""
        self._db.run(
            "INSERT INTO consequences VALUES (?,1) ON CONFLICT (what) DO UPDATE SET times = times + 1", what.value
        )

    def counts(self) -> dict[str, int]:
        """How often each has happened since the counts were erased last."""
        found: dict[str, int] = dict(self._db.rows("SELECT what, times FROM consequences"))
        return {what.value: found.get(what.value, 0) for what in Consequence}

    def erase_counts(self) -> None:
        """Nothing has happened."""
        self._db.run("DELETE FROM consequences")
