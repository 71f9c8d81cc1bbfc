"""Stores of past versions are opened and migrated; newer ones, and ones cut short, are not made worse."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import sqlcipher3

from foreseal_client.errors import StoreError
from foreseal_client.store import State, Store
from foreseal_client.store.database import Database
from foreseal_client.store.schema import MIGRATIONS, script
from sample_stores import KEY, VERSIONS, old_store


def version_of(profile: Path) -> int:
    connection = sqlcipher3.connect(str(profile / "store.db"))
    connection.execute(f"PRAGMA key = \"x'{KEY.hex()}'\"")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    connection.close()
    return int(version)


def test_the_tests_hold_a_store_of_every_past_version() -> None:
    folder = Path(__file__).parents[2] / "vectors"
    assert sorted(path.name for path in folder.glob("store-*.sql")) == [f"store-{n}.sql" for n in VERSIONS]


def tables_of(tables: str) -> dict[tuple[str, str], object]:
    """What a script makes: each table with its columns in their order, and everything's text without its comments."""
    connection = sqlcipher3.connect(":memory:")
    connection.executescript(tables)
    made: dict[tuple[str, str], object] = {}
    for kind, name, text in connection.execute("SELECT type, name, sql FROM sqlite_master").fetchall():
        said = re.sub(r"\s*([(),])\s*", r"\1", re.sub(r"\s+", " ", re.sub(r"--.*", "", text or "")))
        columns = connection.execute(f"PRAGMA table_xinfo({name})").fetchall()
        made[kind, name] = (said, columns, connection.execute(f"PRAGMA foreign_key_list({name})").fetchall())
    connection.close()
    return made


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS)))
def test_a_new_store_has_the_same_tables_as_one_that_came_through_all_versions(version: int) -> None:
    came = tables_of("".join(f"{each};" for each in MIGRATIONS[:version]) + script(version))
    assert len(came) > 40
    assert tables_of(script(0)) == came


@pytest.mark.parametrize("version", VERSIONS)
def test_a_store_of_a_past_version_opens_with_everything_in_it(tmp_path: Path, version: int) -> None:
    old_store(tmp_path, version)
    store = Store(tmp_path, KEY)
    account = store.account.get()
    assert account is not None
    assert (account.name, account.generation, store.schema_version) == ("Ada", 7, len(MIGRATIONS))
    assert store.account.prekeys().one_time
    (bob,) = store.people.all()
    messages = store.history.with_contact(bob.identity)
    assert [(m.text, m.state) for m in messages] == [
        ("hello Bob", State.SENT), ("hello Ada", State.SHOWN), ("on its way", State.QUEUED),
    ]  # fmt: skip
    assert messages[0].files[0].name == "kept.txt"
    assert store.history.proof(messages[1].id) is not None
    assert store.inbox.seen(b"e" * 16)
    assert [waiting.eid for waiting in store.inbox.waiting(bob.relay)] == [b"a" * 16]
    assert store.trust.verified_on(bob.identity) is None
    store.close()


@pytest.mark.parametrize("version", VERSIONS)
def test_a_migration_that_fails_leaves_the_store_as_it_was(tmp_path: Path, version: int) -> None:
    old_store(tmp_path, version)
    broken = (*MIGRATIONS[:version], "CREATE TABLE half (x) STRICT; CREATE TABLE account (again)")
    with pytest.raises(StoreError, match="Nothing was changed"):
        Database(tmp_path, KEY, broken)
    database = Database(tmp_path, KEY, MIGRATIONS[:version])
    assert database.row("SELECT name FROM sqlite_master WHERE name = 'half'") is None
    database.close()
    Store(tmp_path, KEY).close()


def test_a_migration_that_is_killed_leaves_the_store_as_it_was(tmp_path: Path) -> None:
    old_store(tmp_path, 1)
    script = (
        "import os, sys; from pathlib import Path; from foreseal_client.store.database import Database\n"
        "from foreseal_client.store.schema import MIGRATIONS\n"
        "import sqlcipher3; connect = sqlcipher3.connect\n"
        "def dying(*args, **kwargs):\n"
        "    connection = connect(*args, **kwargs)\n"
        "    connection.create_function('die', 0, lambda: os._exit(9))\n"
        "    return connection\n"
        "sqlcipher3.connect = dying\n"
        "Database(Path(sys.argv[1]), bytes(range(32)), (MIGRATIONS[0], MIGRATIONS[1] + '; SELECT die();'))\n"
    )
    assert subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False).returncode == 9
    assert version_of(tmp_path) == 1
    Store(tmp_path, KEY).close()
    assert version_of(tmp_path) == len(MIGRATIONS)


def test_a_store_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    database = Database(tmp_path, KEY)
    database.run(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    database.close()
    with pytest.raises(StoreError, match="newer"):
        Database(tmp_path, KEY)
