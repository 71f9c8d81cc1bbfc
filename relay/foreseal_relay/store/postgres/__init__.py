"""The PostgreSQL store, for any number of relays over one database. Needs `foreseal[postgres]`."""

from foreseal_relay.store.postgres.store import PostgresStore, opened

__all__ = ["PostgresStore", "opened"]
