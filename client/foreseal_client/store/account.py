"""This person's own account, and the small records that keep a message from being taken twice."""

from __future__ import annotations

from typing import Final

import msgspec

from foreseal_client.sealing.first_form import is_first_form, read_first_form
from foreseal_client.sealing.keys import DeviceKeys
from foreseal_client.sealing.prekeys import Prekeys
from foreseal_client.store.database import Database
from foreseal_client.store.messages import Proof

__all__ = ["SEEN_DAYS", "Account", "AccountRows", "Arrived", "Inbox"]

SEEN_DAYS: Final = 90
"""Days that an envelope is remembered: no relay keeps one for more than 30."""


class Account(msgspec.Struct, frozen=True):
    """Who this device is. `delivery_token`: 32 bytes, what contacts show the relay; `generation`: grows with each
    login, so that the relay can tell a device that was restored from an old state."""

    name: str
    relay: str
    keys: DeviceKeys
    delivery_token: bytes
    generation: int
    rolled_back: bool = False
    begun_anew: int = 0
    """When this device last found itself put back and began anew, in seconds since 1970."""


class AccountRows:
    """Reads and writes; the caller holds the transaction."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def create(self, account: Account, prekeys: Prekeys) -> None:
        """Writes the account of a new profile."""
        self._db.run(
            "INSERT INTO account (id, name, relay, keys, prekeys, delivery_token, generation) VALUES (1,?,?,?,?,?,?)",
            account.name, account.relay, msgspec.msgpack.encode(account.keys), prekeys.save(), account.delivery_token,
            account.generation,
        )  # fmt: skip

    def get(self) -> Account | None:
        """The account, if this profile has one."""
        row = self._db.row("SELECT name, relay, keys, delivery_token, generation, rolled_back, begun_anew FROM account")
        if row is None:
            return None
        name, relay, keys, token, generation, rolled_back, begun_anew = row
        opened = msgspec.msgpack.decode(keys, type=DeviceKeys)
        return Account(name, relay, opened, token, generation, bool(rolled_back), begun_anew)

    def prekeys(self) -> Prekeys:
        """The prekey secrets."""
        state, keys = self._db.row("SELECT prekeys, keys FROM account") or (b"", b"")
        return read_first_form(state, keys) if is_first_form(state) else Prekeys.restore(state)

    def put_prekeys(self, prekeys: Prekeys) -> None:
        """Stores the prekey secrets."""
        self._db.run("UPDATE account SET prekeys = ?", prekeys.save())

    def put_delivery_token(self, token: bytes) -> None:
        """Another token for the own mailbox; contacts and the relay have to be told."""
        self._db.run("UPDATE account SET delivery_token = ?", token)

    def takes_requests(self) -> bool:
        """Whether people who only have this person's card may write."""
        return bool(self._db.row("SELECT takes_requests FROM account") == (1,))

    def take_requests(self, *, is_open: bool) -> None:
        """Lets them, or not; the relay has to be told."""
        self._db.run("UPDATE account SET takes_requests = ?", int(is_open))

    def begin_anew(self, generation: int, token: bytes, now: int) -> None:
        """Goes on above a relay's counter, under another delivery token. `now`: seconds since 1970."""
        self._db.run("UPDATE account SET generation = ?, delivery_token = ?, begun_anew = ?", generation, token, now)

    def note_rolled_back(self) -> None:
        """Another device goes on in this one's place; it never sends again."""
        self._db.run("UPDATE account SET rolled_back = 1")

    def next_generation(self) -> int:
        """Moves the generation on by one and returns it."""
        self._db.run("UPDATE account SET generation = generation + 1")
        (generation,) = self._db.row("SELECT generation FROM account") or (0,)
        return int(generation)

    def add_invitation(self, token: bytes, expires: int) -> None:
        """Remembers a token that was given by hand."""
        self._db.run("INSERT INTO invitations VALUES (?,?)", token, expires)

    def take_invitation(self, token: bytes | None, now: int) -> bool:
        """Whether this token was given by us and is still good; it is used up by being asked."""
        row = self._db.row("SELECT expires FROM invitations WHERE token = ?", token or b"")
        self._db.run("DELETE FROM invitations WHERE token = ? OR expires <= ?", token or b"", now)
        return row is not None and row[0] > now


class Arrived(msgspec.Struct, frozen=True):
    """A letter that was opened and acknowledged, and still has to be fetched for, screened and decided on. `group`: the
    id of the group that it speaks of, if it does."""

    eid: bytes
    identity: bytes
    content: bytes
    proof: Proof
    group: bytes | None = None


class Inbox:
    """What was taken from the relay. Reads and writes; the caller holds the transaction."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def seen(self, *names: bytes) -> bool:
        """Whether this envelope was taken before, under its id or another: `names` are its id and, where it was
        opened, the first half of its body's SHA-256, 16 bytes each."""
        return any(self._db.row("SELECT 1 FROM seen WHERE eid = ?", name) is not None for name in names)

    def mark_seen(self, names: tuple[bytes, ...], day: int) -> None:
        """Never take this envelope again; forgotten once no relay may hold it any more."""
        for name in names:
            self._db.run("INSERT OR IGNORE INTO seen VALUES (?,?)", name, day)
        self._db.run("DELETE FROM seen WHERE day < ?", day - SEEN_DAYS)

    def put(self, arrived: Arrived) -> None:
        """Keeps an opened letter until it was screened."""
        self._db.run(
            "INSERT INTO arrived (eid, identity, content, proof, conversation) VALUES (?,?,?,?,?)",
            arrived.eid, arrived.identity, arrived.content, msgspec.msgpack.encode(arrived.proof), arrived.group,
        )  # fmt: skip

    def relays(self) -> set[str]:
        """The relays of people who are let in and whose letters have not been looked at."""
        return {relay for (relay,) in self._db.rows("SELECT DISTINCT relay FROM to_admit")}

    def waiting(self, relay: str) -> list[Arrived]:
        """Letters to be looked at of people at this relay who are let in, in the order taken."""
        rows = self._db.rows(
            "SELECT eid, identity, content, proof, conversation FROM to_admit WHERE relay = ?"
            " ORDER BY position LIMIT 100",
            relay,
        )  # fmt: skip
        return [
            Arrived(eid, who, content, msgspec.msgpack.decode(proof, type=Proof), group)
            for eid, who, content, proof, group in rows
        ]

    def holds(self, eid: bytes) -> bool:
        """Whether this letter still waits to become a message: somebody may have been blocked since it was taken."""
        return self._db.row("SELECT 1 FROM arrived WHERE eid = ?", eid) is not None

    def eids(self) -> set[str]:
        """The envelopes that brought what has not become a message yet, in hex."""
        return {eid.hex() for (eid,) in self._db.rows("SELECT eid FROM arrived")}

    def done(self, eid: bytes) -> None:
        """The letter has become a message."""
        self._db.run("DELETE FROM arrived WHERE eid = ?", eid)
