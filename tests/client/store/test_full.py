"""A store that may not grow refuses what does not fit, keeps what it had, and goes on when it may."""

from __future__ import annotations

from pathlib import Path

import pytest

from foreseal_client.errors import StoreError
from foreseal_client.store.database import Database


def test_what_does_not_fit_is_refused_whole_and_nothing_else_changes(tmp_path: Path) -> None:
    database = Database(tmp_path, bytes(32))
    database.run("CREATE TABLE kept (x BLOB)")
    with database.transaction():
        database.run("INSERT INTO kept VALUES (?)", bytes(50_000))
    with database.transaction():
        database.run("DELETE FROM kept")  # leaves free pages, which must be no room
    database.may_grow(False)
    with pytest.raises(StoreError, match="full"), database.transaction():
        database.insert("INSERT INTO kept VALUES (?)", bytes(40_000))
    assert database.row("SELECT count(*) FROM kept") == (0,)
    database.may_grow(True)
    with database.transaction():
        database.insert("INSERT INTO kept VALUES (?)", bytes(20_000))
    assert database.row("SELECT count(*) FROM kept") == (1,)
    database.close()
