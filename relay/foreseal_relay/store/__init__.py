"""What the relay remembers: the `MailboxStore` interface, its embedded implementation `SqliteStore`, and `store_at`,
which opens that or the one in PostgreSQL (`store.postgres`, loaded only when it is asked for)."""

from foreseal_relay.store.interface import (
    Blob,
    Claim,
    Envelope,
    MailboxStore,
    Outcome,
    Spending,
    Standing,
    StoreAway,
    StoreBusy,
    StoreError,
    StoreFailed,
    StoreFull,
    StoreRefused,
    StoreUncertain,
    StoreUnusable,
)
from foreseal_relay.store.opening import store_at
from foreseal_relay.store.sqlite import SqliteStore

__all__ = [
    "Blob",
    "Claim",
    "Envelope",
    "MailboxStore",
    "Outcome",
    "Spending",
    "SqliteStore",
    "Standing",
    "StoreAway",
    "StoreBusy",
    "StoreError",
    "StoreFailed",
    "StoreFull",
    "StoreRefused",
    "StoreUncertain",
    "StoreUnusable",
    "store_at",
]
