"""What the relay remembers: the `MailboxStore` interface and its embedded implementation, `SqliteStore`."""

from foreseal_relay.store.interface import (
    Blob,
    Claim,
    Envelope,
    MailboxStore,
    Outcome,
    Spending,
    Standing,
    StoreBusy,
    StoreError,
    StoreFailed,
    StoreRefused,
    StoreUnusable,
)
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
    "StoreBusy",
    "StoreError",
    "StoreFailed",
    "StoreRefused",
    "StoreUnusable",
]
