"""Small stores for tests: filled by the code of today, or with the rows of an older version."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Final

from foreseal_client.sealing.keys import DeviceKeys
from foreseal_client.sealing.passphrases import Stretching
from foreseal_client.sealing.prekeys import Prekeys
from foreseal_client.store import Account, Contact, Direction, Message, Standing, State, Store
from foreseal_client.store.database import Database
from foreseal_client.store.schema import MIGRATIONS
from foreseal_matcher import Bytes, Clear

__all__ = ["BOB", "CHEAP", "KEY", "VERSIONS", "chat", "old_store", "people_and_messages"]

KEY: Final = bytes(range(32))
CHEAP: Final = Stretching.fresh(passes=1, memory=8192)
"""Argon2id at its least, so that tests are quick."""
VECTORS: Final = Path(__file__).with_name("vectors")
VERSIONS: Final = range(1, len(MIGRATIONS))
BOB: Final = b"B" * 32


def people_and_messages(store: Store) -> None:
    """An account, Bob, and one message with him of each kind that matters."""
    keys = DeviceKeys.generate()
    prekeys = Prekeys.generate(1).replenished(keys, b"m" * 16, 1)[0]
    bob = Contact(BOB, "Bob", "http://r", b"m" * 16, b"t" * 32, None, None, Standing.ACCEPTED, introduced=True)
    with store.transaction():
        store.account.create(Account("Ada", "http://r", keys, b"OWN DELIVERY TOKEN".ljust(32), 7), prekeys)
        store.account.add_invitation(b"AN INVITATION".ljust(32), 2**40)
        store.people.put(bob)
        store.trust.verify(BOB, 3)
    chat(store, "hello", State.SENT, bytes(100_000))
    chat(store, "on its way", State.QUEUED)


def chat(store: Store, text: str, state: State = State.SENT, file: bytes | None = None) -> Message:
    """One message to Bob, with a file where bytes are given."""
    items = [] if file is None else [Bytes(file, f"{text}.bin")]
    with store.keeping(items) as files, store.transaction():
        return store.history.add(
            BOB, Direction.OUT, state, at=60, text=text, verdict=Clear(), digest=bytes(32), files=files,
            eid=secrets.token_bytes(16),
        )  # fmt: skip


def old_store(profile: Path, version: int) -> None:
    """A profile as that version of the tables wrote it."""
    database = Database(profile, KEY, MIGRATIONS[:version])
    with database.transaction():
        for statement in (VECTORS / f"store-{version}.sql").read_text(encoding="utf-8").splitlines():
            database.run(statement)
    database.close()
