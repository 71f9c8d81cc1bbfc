"""The local store: locks, crashes, damage."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from foreseal_client.errors import ProfileInUseError, StoreError
from foreseal_client.sealing.letter import AttachmentRef
from foreseal_client.sealing.seal import Envelope, Sealed
from foreseal_client.store import Contact, Standing, Store
from foreseal_client.store.database import Database
from sample_stores import chat, people_and_messages
from turned import last_bit_turned

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


def test_a_database_or_key_record_that_is_damaged_or_not_to_be_read_is_said(tmp_path: Path) -> None:
    filled(tmp_path)
    database = tmp_path / "store.db"
    database.write_bytes(bytes(4096) + database.read_bytes()[4096:])
    with pytest.raises(StoreError):
        Store(tmp_path, KEY)
    (tmp_path / "key.json").write_text("{")
    with pytest.raises(StoreError, match="damaged"):
        Store(tmp_path, KEY)
    (tmp_path / "key.json").unlink()
    (tmp_path / "key.json").mkdir()  # not to be read, which is no reason to put a copy back
    with pytest.raises(StoreError, match="cannot be read"):
        Store(tmp_path, KEY)


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


def test_a_sound_store_has_no_damages_and_a_start_reads_no_file(tmp_path: Path) -> None:
    store = Store(tmp_path, KEY)
    people_and_messages(store)
    assert list(store.damages()) == []
    store.close()
    (kept,) = (tmp_path / "files").iterdir()
    kept.write_bytes(b"damaged while nobody looked")
    Store(tmp_path, KEY).close()


@pytest.mark.parametrize("harm", ["gone", "altered", "exchanged"])
def test_a_kept_file_that_is_gone_or_altered_or_exchanged_is_named(tmp_path: Path, harm: str) -> None:
    store = Store(tmp_path, KEY)
    people_and_messages(store)
    (kept,) = (tmp_path / "files").iterdir()
    match harm:
        case "gone":
            kept.unlink()
        case "altered":
            kept.write_bytes(last_bit_turned(kept.read_bytes()))
        case _:
            with store.transaction():
                store._database.run("UPDATE files SET sha256 = zeroblob(32)")
    (damage,) = store.damages()
    assert damage.startswith("file 'hello.bin': ")
    store.close()


def test_a_page_that_was_altered_is_found_and_nothing_is_printed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    store = Store(tmp_path, KEY)
    people_and_messages(store)
    with store.transaction():
        for _ in range(200):
            chat(store, "x" * 2000)
    store.close()
    database = tmp_path / "store.db"
    whole = database.read_bytes()
    # Among the messages, of which opening reads nothing.
    at = len(whole) * 3 // 4
    database.write_bytes(whole[:at] + bytes(4) + whole[at + 4 :])
    store = Store(tmp_path, KEY)
    assert any("page" in damage or "malformed" in damage for damage in store.damages())
    store.close()
    assert capfd.readouterr() == ("", "")


def test_a_blob_for_several_is_brought_to_each_relay_once_and_its_file_stays_as_long_as_anybody_waits(
    tmp_path: Path,
) -> None:
    store = Store(tmp_path, KEY)
    blob = store.new_outgoing()
    ref = AttachmentRef(b"b" * 16, bytes(32), 1, 1, bytes(32), "n.bin")
    with store.transaction():
        for n, relay in enumerate(("http://near", "http://near", "http://far")):
            who, eid = bytes([n]) * 32, bytes([n]) * 16
            store.people.put(Contact(who, f"{n}", relay, eid, bytes(32), None, None, Standing.MEMBER, introduced=True))
            store.outbox.put(who, Sealed(Envelope(eid, eid, bytes(32), b""), ((ref, blob),), None))  # type: ignore[arg-type]
        first, second = store.outbox.waiting("http://near")
        (far,) = store.outbox.waiting("http://far")
        store.outbox.note_uploaded(first.envelope.eid, "http://near")
        assert store.outbox.current(second) == msgspec.structs.replace(second, blobs=())
        assert store.outbox.current(far) == far
        assert store.outbox.remove(first.envelope.eid) == ()
        assert store.outbox.current(first) is None
        assert store.outbox.remove(far.envelope.eid) == (blob,)
    store.close()


def test_a_store_that_may_not_be_written_is_not_called_a_faulty_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Store(tmp_path, KEY).close()
    (tmp_path / "store.db").unlink()
    (tmp_path / "store.db").mkdir()  # which nobody can open, and whoever runs the tests may write everything
    with pytest.raises(StoreError, match="cannot be opened"):
        Store(tmp_path, KEY)
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)
    with pytest.raises(StoreError, match=r"may be read but not written.*Make the folder and its files writable"):
        Store(tmp_path, KEY)
