"""The ledger's lines, where the person has switched it on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from foreseal_client.ledger.chain import BEGINNING, Head, Link, follow_on
from foreseal_client.ledger.lines import Erased, Said, Switched
from foreseal_client.store.database import Database
from foreseal_client.store.reading import Preferences

__all__ = ["LedgerRows"]

_PREFERENCE: Final = "ledger"
_AT_ONCE: Final = 500
"""Lines that are read at once."""


class LedgerRows:
    """Reads and writes; the caller holds the transaction."""

    def __init__(self, database: Database, preferences: Preferences) -> None:
        self._db = database
        self._preferences = preferences

    @property
    def on(self) -> bool:
        """Whether checks are written down. They are not until the person says so."""
        return self._preferences.get(_PREFERENCE) == "on"

    @property
    def head(self) -> Head:
        """Where the ledger stands."""
        row = self._db.row("SELECT number, hash FROM ledger ORDER BY number DESC LIMIT 1")
        return BEGINNING if row is None else Head(row[0], row[1].hex())

    def switch(self, on: bool, day: date) -> bool:
        """Writes checks down from now on, or no more; whether that is another choice than before. The choice is a line
        too, so that a gap shows."""
        if on is self.on:
            return False
        self._preferences.put(_PREFERENCE, "on" if on else "off")
        self._put(Switched(on), day)
        return True

    def append(self, said: Said, day: date) -> None:
        """Writes a line, where the ledger is on."""
        if self.on:
            self._put(said, day)

    def links(self, after: int = 0) -> Iterator[Link]:
        """All lines behind the one of this number, the first one first."""
        while rows := self._db.rows(
            "SELECT number, line, hash FROM ledger WHERE number > ? ORDER BY number LIMIT ?", after, _AT_ONCE
        ):
            after = rows[-1][0]
            yield from (Link(line, hashed.hex()) for _, line, hashed in rows)

    def erase(self, day: date, *, marked: bool) -> Head:
        """Removes every line; where the ledger stood. `marked`: a line says that it was erased, when, and from which
        hash on. Call `forget` after the transaction."""
        head = self.head
        self._db.run("DELETE FROM ledger")
        if marked and head != BEGINNING:
            self._put(Erased(head.hash), day)
        return head

    def forget(self) -> None:
        """After the transaction that erased: folds back the log, which holds pages as they were. Raises
        `StoreError`."""
        self._db.empty_log()

    def _put(self, said: Said, day: date) -> None:
        link, head = follow_on(self.head, said, day)
        self._db.run("INSERT INTO ledger VALUES (?,?,?)", head.lines, link.spelled, bytes.fromhex(link.hash))
