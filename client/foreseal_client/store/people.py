"""Contacts and the sessions with them."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec

from foreseal_client.errors import StoreError
from foreseal_client.sealing.bundles import PeerBundle
from foreseal_client.sealing.sessions import Sessions
from foreseal_client.store.database import Database

__all__ = ["Contact", "People", "Standing"]


class Standing(StrEnum):
    """How somebody stands to this person."""

    ACCEPTED = "accepted"
    REQUESTED = "requested"
    """Wrote without an invitation. Nothing is shown of it but the request, until it is accepted."""
    BLOCKED = "blocked"
    MEMBER = "member"
    """Known only because they are in a group with this person."""


class Contact(msgspec.Struct, frozen=True):
    """Somebody this person can write to. `identity`: 32 bytes; `token`: what the relay wants for an envelope to them;
    `invitation`: the token they gave us, shown to them until they answer; `introduced`: whether they know our
    address."""

    identity: bytes
    name: str
    relay: str
    mailbox: bytes
    token: bytes
    invitation: bytes | None
    bundle: PeerBundle | None
    standing: Standing
    introduced: bool


class People:
    """Reads and writes; the caller holds the transaction."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def put(self, contact: Contact) -> None:
        """Adds or replaces a contact."""
        bundle = None if contact.bundle is None else msgspec.msgpack.encode(contact.bundle)
        self._db.run(
            "INSERT INTO contacts VALUES (?,?,?,?,?,?,?,?,?) ON CONFLICT (identity) DO UPDATE SET name=excluded.name,"
            " relay=excluded.relay, mailbox=excluded.mailbox, token=excluded.token, invitation=excluded.invitation,"
            " bundle=excluded.bundle, standing=excluded.standing, introduced=excluded.introduced",
            contact.identity, contact.name, contact.relay, contact.mailbox, contact.token, contact.invitation, bundle,
            contact.standing.value, contact.introduced,
        )  # fmt: skip

    def change(self, identity: bytes, **changes: object) -> Contact:
        """The contact with some fields changed, as it stands now: what a caller read before it waited for anything
        may be old. Raises `StoreError` when there is no such contact."""
        current = self.get(identity)
        if current is None:
            raise StoreError("This contact is not on this device any more.")
        contact = msgspec.structs.replace(current, **changes)
        self.put(contact)
        return contact

    def get(self, identity: bytes) -> Contact | None:
        """The contact with this identity key."""
        row = self._db.row("SELECT * FROM contacts WHERE identity = ?", identity)
        return None if row is None else _contact(row)

    def all(self) -> list[Contact]:
        """Every contact, by name."""
        return [_contact(row) for row in self._db.rows("SELECT * FROM contacts ORDER BY name, identity")]

    def relays(self) -> set[str]:
        """The relays of those who wrote to us with an address and cannot be answered yet, or were not told ours."""
        return {relay for (relay,) in self._db.rows("SELECT DISTINCT relay FROM to_introduce")}

    def waiting(self, relay: str) -> list[Contact]:
        """Those at one relay."""
        return [_contact(row) for row in self._db.rows("SELECT * FROM to_introduce WHERE relay = ?", relay)]

    def sessions(self, identity: bytes) -> Sessions:
        """The sessions with a contact."""
        row = self._db.row("SELECT state FROM sessions WHERE identity = ?", identity)
        return Sessions() if row is None else Sessions.restore(row[0])

    def put_sessions(self, identity: bytes, sessions: Sessions) -> None:
        """Stores their state."""
        self._db.run(
            "INSERT INTO sessions VALUES (?,?) ON CONFLICT (identity) DO UPDATE SET state = excluded.state",
            identity, sessions.save(),
        )  # fmt: skip


def _contact(row: tuple[Any, ...]) -> Contact:
    identity, name, relay, mailbox, token, invitation, bundle, standing, introduced = row
    opened = None if bundle is None else msgspec.msgpack.decode(bundle, type=PeerBundle)
    return Contact(identity, name, relay, mailbox, token, invitation, opened, Standing(standing), bool(introduced))
