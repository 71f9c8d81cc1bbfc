"""The purse: the keys that a relay shows to everybody, and anonymous tokens drawn under them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from foreseal_client.store.database import Database
from foreseal_relay.token_wire import Kind

__all__ = ["KEPT_TOKENS", "Purse"]

KEPT_TOKENS: Final = 512
"""Tokens of one kind and relay that are kept; of more, the oldest go."""


class Purse:
    """Reads and writes; the caller holds the transaction. A *purpose* is what tokens are set aside for (an envelope, a
    mailbox or a blob): whoever asks again for the same gets the same, so that a repetition costs nothing."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def listed(self, relay: str) -> bytes | None:
        """The list of keys that this relay showed first."""
        row = self._db.row("SELECT listed FROM issuers WHERE relay = ?", relay)
        return None if row is None else bytes(row[0])

    def pin(self, relay: str, listed: bytes, login: bytes) -> None:
        """Keeps the list of a relay for good. `login`: the seed of a login key used there for drawing alone, where this
        person has no mailbox of their own; empty at their own relay."""
        self._db.run("INSERT OR IGNORE INTO issuers (relay, listed, login) VALUES (?,?,?)", relay, listed, login)

    def extend(self, relay: str, listed: bytes) -> None:
        """Keeps the same list with more kinds in it; the caller has compared them."""
        self._db.run("UPDATE issuers SET listed = ? WHERE relay = ?", listed, relay)

    def forget(self, relay: str) -> None:
        """Takes whatever list the relay shows next; tokens under the one before are lost."""
        for table in ("issuers", "tokens", "draws"):
            self._db.run(f"DELETE FROM {table} WHERE relay = ?", relay)  # noqa: S608

    def forget_tokens(self) -> None:
        """This device was put back to an older state: which tokens were spent since, it does not know. One that is
        shown twice tells a relay that the same device showed it both times; so all of them go, and are drawn anew."""
        for table in ("tokens", "draws"):
            self._db.run(f"DELETE FROM {table}")  # noqa: S608

    def login(self, relay: str) -> bytes:
        """The seed of the login key for drawing, 32 bytes, or nothing."""
        row = self._db.row("SELECT login FROM issuers WHERE relay = ?", relay)
        return b"" if row is None else bytes(row[0])

    def drawn(self, relay: str, kind: Kind) -> int:
        """The day (since 1970) on which this kind was last drawn there; -1: never."""
        row = self._db.row("SELECT day FROM draws WHERE relay = ? AND kind = ?", relay, kind)
        return -1 if row is None else int(row[0])

    def put(self, relay: str, kind: Kind, epoch: int, tokens: Sequence[bytes], day: int) -> None:
        """What was drawn today, which may be nothing."""
        self._db.run("INSERT OR REPLACE INTO draws (relay, kind, day) VALUES (?,?,?)", relay, kind, day)
        for token in tokens:
            self._db.run(
                "INSERT INTO tokens (relay, kind, epoch, token) VALUES (?,?,?,?)", relay, kind.value, epoch, token
            )
        self._db.run("DELETE FROM tokens WHERE epoch < ?", epoch - 1)
        self._db.run(
            "DELETE FROM tokens WHERE purpose IS NULL AND id IN (SELECT id FROM tokens WHERE relay = ? AND kind = ?"
            " ORDER BY id DESC LIMIT -1 OFFSET ?)",
            relay, kind.value, KEPT_TOKENS,
        )  # fmt: skip

    def take(self, relay: str, kind: Kind, purpose: bytes, count: int, epoch: int) -> list[bytes]:
        """`count` tokens set aside for a purpose, the oldest first; fewer when there are no more. `epoch`: that of
        today."""
        have = self._db.rows(
            "SELECT token FROM tokens WHERE relay = ? AND kind = ? AND purpose = ? AND epoch >= ? ORDER BY id",
            relay, kind.value, purpose, epoch - 1,
        )  # fmt: skip
        more = self._db.rows(
            "SELECT id, token FROM tokens WHERE relay = ? AND kind = ? AND purpose IS NULL AND epoch >= ?"
            " ORDER BY id LIMIT ?",
            relay, kind.value, epoch - 1, max(0, count - len(have)),
        )  # fmt: skip
        for position, _ in more:
            self._db.run("UPDATE tokens SET purpose = ? WHERE id = ?", purpose, position)
        return [token for (token,) in have] + [token for _, token in more]

    def spent(self, purpose: bytes) -> None:
        """What was set aside for this has served."""
        self._db.run("DELETE FROM tokens WHERE purpose = ?", purpose)

    def left(self, relay: str, kind: Kind) -> int:
        """Tokens that are not set aside."""
        row = self._db.row(
            "SELECT count(*) FROM tokens WHERE relay = ? AND kind = ? AND purpose IS NULL", relay, kind.value
        )
        return 0 if row is None else int(row[0])
