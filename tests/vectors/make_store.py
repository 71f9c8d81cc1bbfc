"""Writes `store-N.sql`: the rows of a small store as version N of its tables held them, for the tests to open.

Run once for each version, before its tables change: python tests/vectors/make_store.py. Keys are random and belong to
nobody; the file is not made again, because what is old cannot be made new.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from foreseal_client.sealing.bundles import open_bundle
from foreseal_client.sealing.keys import DeviceKeys
from foreseal_client.sealing.prekeys import Prekeys
from foreseal_client.store import Account, Arrived, Contact, Direction, Proof, Standing, State, Store
from foreseal_client.store.schema import MIGRATIONS
from foreseal_matcher import Bytes, Clear
from foreseal_relay.wire import mailbox_of

KEY = bytes(range(32))


def fill(store: Store) -> None:
    """An account, somebody known with whom messages went, and what waits in both directions."""
    keys, peer = DeviceKeys.generate(), DeviceKeys.generate()
    mailbox = mailbox_of(peer.login_public)
    prekeys, theirs = Prekeys.generate(1).replenished(keys, mailbox_of(keys.login_public), 2)[0], Prekeys.generate(1)
    bundle = open_bundle(theirs.signed_bundle(peer, mailbox, 1), None, peer.identity_public, mailbox, 1)
    contact = Contact(
        peer.identity_public, "Bob", "http://relay.example", mailbox, b"t" * 32, None, bundle, Standing.ACCEPTED,
        introduced=True,
    )  # fmt: skip
    proof = Proof(b"c" * 32, b"o" * 32, b"s" * 64, 1, b"k" * 8, b"m" * 32)
    with store.keeping([Bytes(b"a kept file", "kept.txt")]) as files, store.transaction():
        store.account.create(Account("Ada", "http://relay.example", keys, b"d" * 32, 7), prekeys)
        store.account.add_invitation(b"i" * 32, 2**40)
        store.people.put(contact)
        store.inbox.mark_seen((b"e" * 16,), 1)
        store.inbox.put(Arrived(b"a" * 16, contact.identity, b"content", proof))
        for direction, state, text in (
            (Direction.OUT, State.SENT, "hello Bob"),
            (Direction.IN, State.SHOWN, "hello Ada"),
            (Direction.OUT, State.QUEUED, "on its way"),
        ):
            store.history.add(
                contact.identity, direction, state, at=60, text=text, verdict=Clear(), digest=bytes(32),
                eid=text.encode().ljust(16), files=files if state is State.SENT else (),
                proof=proof if direction is Direction.IN else None,
            )  # fmt: skip


def statements(store: Store) -> list[str]:
    """One INSERT a row, in an order that foreign keys allow."""
    database, lines = store._database, list[str]()
    for (table,) in database.rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid"):
        columns = [row[1] for row in database.rows(f"PRAGMA table_info({table})")]
        values = " || ',' || ".join(f"quote({column})" for column in columns)
        rows = database.rows(f"SELECT {values} FROM {table}") if table != "sqlite_sequence" else []
        lines += [f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({row[0]});" for row in rows]
    return lines


if __name__ == "__main__":
    target = Path(__file__).with_name(f"store-{len(MIGRATIONS)}.sql")
    if target.exists():
        raise SystemExit(f"{target.name} is there already, and stays as it is.")
    with tempfile.TemporaryDirectory() as folder:
        made = Store(Path(folder), KEY)
        fill(made)
        target.write_text("\n".join(statements(made)) + "\n", encoding="utf-8")
        made.close()
