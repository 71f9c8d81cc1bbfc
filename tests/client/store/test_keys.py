"""What opens a profile, what does not, and how that is changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from foreseal_client.errors import StoreError, WrongKeyError
from foreseal_client.sealing.passphrases import Stretching
from foreseal_client.store import Store, rekeying
from foreseal_client.store.key import KEY_BYTES, derive_key, file_key
from foreseal_client.store.rekeying import to_key_file, to_passphrase
from sample_stores import BOB, CHEAP, KEY, people_and_messages


def filled(profile: Path, key: bytes = KEY) -> None:
    store = Store(profile, key)
    people_and_messages(store)
    store.close()


def texts(profile: Path, key: bytes) -> list[str]:
    store = Store(profile, key)
    try:
        return [message.text for message in store.history.with_contact(BOB)]
    finally:
        store.close()


def test_a_passphrase_opens_what_it_closed_and_another_does_not(tmp_path: Path) -> None:
    Store(tmp_path, derive_key("correct horse", tmp_path, CHEAP)).close()
    Store(tmp_path, derive_key("correct horse", tmp_path)).close()
    with pytest.raises(WrongKeyError):
        Store(tmp_path, derive_key("battery staple", tmp_path))


def test_a_passphrase_is_the_same_however_its_letters_are_composed(tmp_path: Path) -> None:
    assert derive_key("gr\u00fc\u00dfe an alle", tmp_path, CHEAP) == derive_key("gru\u0308\u00dfe an alle", tmp_path)


def test_a_profile_with_a_key_file_tells_who_tries_a_passphrase(tmp_path: Path) -> None:
    filled(tmp_path)
    with pytest.raises(WrongKeyError, match="key file and not by a passphrase"):
        derive_key("correct horse", tmp_path)


def test_a_wrong_key_is_a_clear_answer_and_nothing_is_printed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    filled(tmp_path)
    with pytest.raises(WrongKeyError, match="Nothing was changed"):
        Store(tmp_path, bytes(32))
    assert capfd.readouterr() == ("", "")
    Store(tmp_path, KEY).close()


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


def test_a_changed_lock_opens_by_the_new_key_alone_and_keeps_everything(tmp_path: Path) -> None:
    filled(tmp_path)
    to_passphrase(tmp_path, KEY, "correct horse", CHEAP)
    derived = derive_key("correct horse", tmp_path)
    with pytest.raises(WrongKeyError):
        Store(tmp_path, KEY)
    assert texts(tmp_path, derived) == ["hello", "on its way"]
    to_passphrase(tmp_path, derived, "battery staple", CHEAP)
    to_key_file(tmp_path, derive_key("battery staple", tmp_path), tmp_path / "key")
    assert texts(tmp_path, file_key(tmp_path / "key")) == ["hello", "on its way"]
    assert len(list(tmp_path.glob("store*.db"))) == 1


def test_a_database_of_before_the_change_opens_by_the_new_key_in_no_way(tmp_path: Path) -> None:
    filled(tmp_path)
    before = (tmp_path / "store.db").read_bytes()
    to_passphrase(tmp_path, KEY, "correct horse", CHEAP)
    assert not (tmp_path / "store.db").exists()
    (tmp_path / "store-2.db").write_bytes(before)
    with pytest.raises(StoreError, match="damaged"):
        Store(tmp_path, derive_key("correct horse", tmp_path))


@pytest.mark.parametrize("step", ["sync_folder", "write_key_record"])
def test_a_change_of_keys_that_is_cut_short_leaves_the_old_key_in_force(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Where power fails is simulated by a step that does not return."""
    filled(tmp_path)

    def fails(*_: object) -> None:
        raise OSError("the power failed")

    with monkeypatch.context() as patched:
        patched.setattr(rekeying, step, fails)
        with pytest.raises(OSError, match="power"):
            to_passphrase(tmp_path, KEY, "correct horse", CHEAP)
    assert (tmp_path / "store-2.db").exists()
    assert texts(tmp_path, KEY) == ["hello", "on its way"]
    assert [path.name for path in tmp_path.glob("store*.db")] == ["store.db"]


def test_a_wrong_key_changes_no_lock(tmp_path: Path) -> None:
    filled(tmp_path)
    with pytest.raises(WrongKeyError):
        to_passphrase(tmp_path, bytes(32), "correct horse", CHEAP)
    with pytest.raises(WrongKeyError):
        to_key_file(tmp_path, bytes(32), tmp_path / "key")
    assert not (tmp_path / "key").exists()
    assert texts(tmp_path, KEY) == ["hello", "on its way"]


def test_a_key_file_that_is_there_already_is_not_taken_for_the_new_one(tmp_path: Path) -> None:
    filled(tmp_path)
    (tmp_path / "key").write_bytes(bytes(32))
    with pytest.raises(StoreError, match="there already"):
        to_key_file(tmp_path, KEY, tmp_path / "key")
    assert (tmp_path / "key").read_bytes() == bytes(32)


def test_a_record_of_the_first_version_still_opens(tmp_path: Path) -> None:
    filled(tmp_path)
    record = json.loads((tmp_path / "key.json").read_text())
    kept = {name: record[name] for name in ("kdf", "salt", "check")}
    (tmp_path / "key.json").write_text(json.dumps({"version": 1, **kept}))
    assert texts(tmp_path, KEY) == ["hello", "on its way"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda record: record.update(version=3),
        lambda record: record.update(database="../elsewhere.db"),
        lambda record: record.update(database="store-2.db/x"),
        lambda record: record.update(memory=2**50),
        lambda record: record.update(passes=0),
        lambda record: record.update(passes=10**6),
        lambda record: record.update(salt="abc"),
        lambda record: record.update(salt=""),
        lambda record: record.update(kdf="md5"),
        lambda record: record.pop("check"),
        lambda record: record.clear(),
    ],
)
def test_a_record_that_says_something_impossible_is_refused(
    tmp_path: Path, spoil: Callable[[dict[str, Any]], object]
) -> None:
    Store(tmp_path, derive_key("correct horse", tmp_path, CHEAP)).close()
    record = json.loads((tmp_path / "key.json").read_text())
    spoil(record)
    (tmp_path / "key.json").write_text(json.dumps(record))
    with pytest.raises(StoreError, match=r"damaged|newer"):
        derive_key("correct horse", tmp_path)


def test_no_file_can_ask_for_more_than_this_device_has() -> None:
    assert Stretching(bytes(16), 3, 2**28).possible
    assert not Stretching(bytes(16), 3, 2**40).possible
    assert not Stretching(bytes(15), 3, 2**28).possible
