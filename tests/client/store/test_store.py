"""The local store: keys, locks, crashes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from foreseal_client.errors import ProfileInUseError, StoreError, WrongKeyError
from foreseal_client.store import Store
from foreseal_client.store.database import Database
from foreseal_client.store.key import KEY_BYTES, derive_key, file_key
from foreseal_client.store.schema import MIGRATIONS

KEY = bytes(range(32))
SENTENCE = "a sentence that must not lie about in the open"


def filled(profile: Path) -> None:
    store = Store(profile, KEY)
    with store.transaction():
        store.account.add_invitation(SENTENCE.encode(), 5)
    store.close()


def test_nothing_written_lies_in_the_open(tmp_path: Path) -> None:
    filled(tmp_path)
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert SENTENCE.encode() not in path.read_bytes()
            assert b"CREATE TABLE" not in path.read_bytes()


def test_a_wrong_key_is_a_clear_answer_and_nothing_is_printed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    filled(tmp_path)
    with pytest.raises(WrongKeyError, match="Nothing was changed"):
        Store(tmp_path, bytes(32))
    assert capfd.readouterr() == ("", "")
    Store(tmp_path, KEY).close()


def test_a_passphrase_opens_what_it_closed_and_another_does_not(tmp_path: Path) -> None:
    Store(tmp_path, derive_key("correct horse", tmp_path)).close()
    Store(tmp_path, derive_key("correct horse", tmp_path)).close()
    with pytest.raises(WrongKeyError):
        Store(tmp_path, derive_key("battery staple", tmp_path))


def test_a_key_file_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    key = file_key(tmp_path / "key")
    assert len(key) == KEY_BYTES
    assert file_key(tmp_path / "key") == key
    assert (tmp_path / "key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("content", [b"", b"short", bytes(33)])
def test_a_file_that_is_no_key_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "key").write_bytes(content)
    with pytest.raises(StoreError, match="none of Foreseal's"):
        file_key(tmp_path / "key")


def test_a_key_file_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be written"):
        file_key(tmp_path / "nowhere" / "key")


def test_a_second_client_on_the_same_profile_is_refused(tmp_path: Path) -> None:
    filled(tmp_path)
    store = Store(tmp_path, KEY)
    script = (
        "import sys; from pathlib import Path; from foreseal_client.store import Store\n"
        "from foreseal_client.errors import ProfileInUseError\n"
        "try: Store(Path(sys.argv[1]), bytes(range(32)))\n"
        "except ProfileInUseError: sys.exit(7)\n"
    )
    ended = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (7, "")
    with pytest.raises(ProfileInUseError):
        Store(tmp_path, KEY)
    store.close()


def test_a_damaged_database_or_key_record_is_said(tmp_path: Path) -> None:
    filled(tmp_path)
    database = tmp_path / "store.db"
    database.write_bytes(bytes(4096) + database.read_bytes()[4096:])
    with pytest.raises(StoreError):
        Store(tmp_path, KEY)
    (tmp_path / "key.json").write_text("{")
    with pytest.raises(StoreError, match="damaged"):
        Store(tmp_path, KEY)


def test_a_store_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    database = Database(tmp_path, KEY)
    database.run(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    database.close()
    with pytest.raises(StoreError, match="newer"):
        Database(tmp_path, KEY)


def test_a_transaction_is_all_or_nothing_and_belongs_to_the_outermost(tmp_path: Path) -> None:
    store = Store(tmp_path, KEY)

    def fail_inside() -> None:
        with store.transaction():
            with store.transaction():
                store.inbox.mark_seen((b"e" * 16,), 1)
            raise RuntimeError("a fault after the inner one ended")

    with pytest.raises(RuntimeError):
        fail_inside()
    assert not store.inbox.seen(b"e" * 16)
    with store.transaction():
        store.inbox.mark_seen((b"e" * 16,), 1)
    assert store.inbox.seen(b"e" * 16)
    store.close()


def test_durability_is_asked_for_on_the_connection(tmp_path: Path) -> None:
    database = Database(tmp_path, KEY)
    assert database.row("PRAGMA synchronous") == (2,)
    assert database.row("PRAGMA journal_mode") == ("wal",)
    assert database.row("PRAGMA secure_delete") == (1,)
    database.close()


def test_files_that_no_row_names_are_removed_at_the_next_start(tmp_path: Path) -> None:
    filled(tmp_path)
    for folder in ("files", "outgoing", "incoming"):
        (tmp_path / folder / "left-behind").write_bytes(b"by a crash")
    Store(tmp_path, KEY).close()
    assert [path for folder in ("files", "outgoing", "incoming") for path in (tmp_path / folder).iterdir()] == []


def test_an_invitation_is_taken_once_and_not_after_its_end(tmp_path: Path) -> None:
    store = Store(tmp_path, KEY)
    with store.transaction():
        store.account.add_invitation(b"good", 100)
        store.account.add_invitation(b"late", 100)
        assert store.account.take_invitation(b"good", 99)
        assert not store.account.take_invitation(b"good", 99)
        assert not store.account.take_invitation(b"late", 100)
        assert not store.account.take_invitation(None, 1)
        assert not store.account.take_invitation(b"never given", 1)
    store.close()
