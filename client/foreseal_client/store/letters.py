"""Letters as they came, byte for byte: without them no proof of a message holds. And what was kept as evidence."""

from __future__ import annotations

import msgspec

from foreseal_client.store.account import Arrived
from foreseal_client.store.database import Database
from foreseal_client.store.messages import Proof

__all__ = ["Kept", "Letters"]


class Kept(msgspec.Struct, frozen=True, array_like=True):
    """One letter that was kept as evidence. `identity`: who signed it; `day`: when it was kept, in days since 1970;
    `content` with `proof`: what a checker needs."""

    eid: bytes
    identity: bytes
    name: str
    day: int
    content: bytes
    proof: Proof


class Letters:
    """Reads and writes; the caller holds the transaction. A message's letter goes with the message, and when its text
    or its proof is removed."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def put(self, message: int, content: bytes) -> None:
        """The letter that brought this message."""
        self._db.run("INSERT INTO letters VALUES (?,?)", message, content)

    def of(self, message: int) -> Arrived | None:
        """The letter that brought this message, with what proves it; None where either is not kept any more."""
        row = self._db.row(
            "SELECT eid, identity, content, proof, conversation FROM messages JOIN letters ON message = id"
            " WHERE id = ? AND direction = 'in' AND eid IS NOT NULL AND proof IS NOT NULL",
            message,
        )  # fmt: skip
        if row is None:
            return None
        eid, identity, content, proof, group = row
        return Arrived(eid, identity, content, msgspec.msgpack.decode(proof, type=Proof), group)

    def of_request(self, identity: bytes) -> list[Arrived]:
        """What somebody wrote who was not let in, in the order taken."""
        rows = self._db.rows(
            "SELECT eid, identity, content, proof, conversation FROM arrived WHERE identity = ? AND awaits IS NULL"
            " ORDER BY rowid",
            identity,
        )  # fmt: skip
        return [
            Arrived(eid, who, content, msgspec.msgpack.decode(proof, type=Proof), group)
            for eid, who, content, proof, group in rows
        ]

    def asking(self) -> set[bytes]:
        """Of whom there are such letters."""
        return {identity for (identity,) in self._db.rows("SELECT identity FROM arrived WHERE awaits IS NULL")}

    def drop_request(self, identity: bytes) -> None:
        """Removes what somebody wrote who was not let in."""
        self._db.run("DELETE FROM arrived WHERE identity = ?", identity)

    def keep(self, identity: bytes, name: str, day: int) -> int:
        """Copies everything of this person that can be proven to the evidence; how many letters that are new there."""
        before = self._count()
        for source in (
            "SELECT eid, ?1, ?2, ?3, content, proof FROM messages JOIN letters ON message = id"
            " WHERE identity = ?1 AND direction = 'in' AND proof IS NOT NULL",
            "SELECT eid, ?1, ?2, ?3, content, proof FROM arrived WHERE identity = ?1",
        ):
            self._db.run(f"INSERT OR IGNORE INTO evidence {source}", identity, name, day)
        return self._count() - before

    def kept(self) -> list[Kept]:
        """All of the evidence, in the order kept."""
        rows = self._db.rows("SELECT eid, identity, name, day, content, proof FROM evidence ORDER BY rowid")
        return [
            Kept(eid, identity, name, day, content, msgspec.msgpack.decode(proof, type=Proof))
            for eid, identity, name, day, content, proof in rows
        ]

    def forget_kept(self, identity: bytes) -> None:
        """Removes the evidence about one person."""
        self._db.run("DELETE FROM evidence WHERE identity = ?", identity)

    def _count(self) -> int:
        (count,) = self._db.row("SELECT count(*) FROM evidence") or (0,)
        return int(count)
