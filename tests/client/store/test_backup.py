"""Backups: what comes back, what never does, and what is refused."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreseal_client.errors import BackupError, StoreError, WrongPassphraseError
from foreseal_client.sealing.archive import MAX_RECORD, open_archive, seal_archive
from foreseal_client.sealing.prekeys import Prekeys
from foreseal_client.sealing.sessions import Sessions
from foreseal_client.store import Contact, Direction, Proof, State, Store
from foreseal_client.store.backup import KEPT, Backup, End, File, Head, Part, Record, Row, write_backup
from foreseal_client.store.key import file_key
from foreseal_client.store.restoring import NOTE, restore_backup
from foreseal_client.store.schema import MIGRATIONS
from foreseal_matcher import Bytes, Clear
from sample_stores import BOB, CHEAP, KEY, VERSIONS, chat, old_store, people_and_messages

WORDS = "correct horse"
NOW = 1_800_000_000


def made(folder: Path) -> Path:
    """A backup of a profile with people and messages."""
    store = Store(folder / "old", KEY)
    people_and_messages(store)
    write_backup(store, folder / "backup", WORDS, now=NOW, fresh=CHEAP)
    store.close()
    return folder / "backup"


def restored(backup: Path, profile: Path, passphrase: str = WORDS, *, replace: bool = False) -> Store:
    restore_backup(backup, profile, passphrase, lambda folder: file_key(folder / "key"), now=NOW, replace=replace)
    return Store(profile, file_key(profile / "key"))


def records(backup: Path) -> list[Record]:
    decoder = msgspec.msgpack.Decoder[Record](Record)
    with backup.open("rb") as source:
        return [decoder.decode(record) for record in open_archive(source, WORDS)]


def sealed_again(backup: Path, changed: Iterable[Record]) -> Path:
    """A backup by somebody who knows the passphrase."""
    pieces = seal_archive(map(msgspec.msgpack.encode, changed), WORDS, CHEAP)
    backup.write_bytes(b"".join(pieces))
    return backup


@pytest.fixture(scope="module")
def backup(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return made(tmp_path_factory.mktemp("made")).read_bytes()


@pytest.fixture
def here(tmp_path: Path, backup: bytes) -> Path:
    path = tmp_path / "backup"
    path.write_bytes(backup)
    return path


def left(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_people_history_files_and_verified_marks_come_back(tmp_path: Path, here: Path) -> None:
    store = restored(here, tmp_path / "new")
    (bob,) = store.people.all()
    assert (bob.name, bob.token, store.trust.verified_on(BOB)) == ("Bob", b"t" * 32, 3)
    hello, waited, note = store.history.with_contact(BOB)
    with hello.files[0].open() as reader:
        assert reader.read() == bytes(100_000)
    assert (waited.text, waited.state) == ("on its way", State.UNCERTAIN)
    assert (note.note, note.state) == (NOTE, State.NOTICE)
    assert list(store.damages()) == []
    store.close()


def test_a_restored_device_is_the_same_person_with_nothing_that_was_used_before(tmp_path: Path) -> None:
    old = Store(tmp_path / "old", KEY)
    people_and_messages(old)
    account, prekeys = old.account.get(), old.account.prekeys()
    write_backup(old, tmp_path / "backup", WORDS, now=NOW, fresh=CHEAP)
    old.close()
    store = restored(tmp_path / "backup", tmp_path / "new")
    anew = store.account.get()
    assert account is not None
    assert anew is not None
    assert anew.keys == account.keys
    assert anew.delivery_token != account.delivery_token
    assert anew.generation == NOW > account.generation
    assert store.account.prekeys().generations[0].signed_public != prekeys.generations[0].signed_public
    assert not store.account.prekeys().one_time
    assert not store.account.take_invitation(b"AN INVITATION".ljust(32), 1)
    assert store.people.sessions(BOB) == Sessions()
    assert store.outbox.relays() == set()
    assert store.people.relays() == {"http://r"}  # everybody is told anew where to write
    store.close()


def secrets_of(prekeys: Prekeys) -> list[bytes]:
    """Those that a session could begin with."""
    generations = [key for each in prekeys.generations for key in (each.signed_prekey, each.last_resort)]
    return generations + [key for each in prekeys.one_time for key in (each.x25519, each.kem)]


def test_nothing_that_must_not_live_twice_is_in_a_backup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Sessions, "save", lambda _: b"RATCHET STATE")
    monkeypatch.setattr(Sessions, "restore", lambda _: Sessions.after_round(5))
    store = Store(tmp_path / "old", KEY)
    people_and_messages(store)
    with store.transaction():
        store.people.put_sessions(BOB, Sessions())
    prekeys = store.account.prekeys()
    write_backup(store, tmp_path / "backup", WORDS, now=NOW, fresh=CHEAP)
    store.close()
    with (tmp_path / "backup").open("rb") as source:
        told = b"".join(open_archive(source, WORDS))
    assert b"on its way" in told
    assert all(key in told for pair in prekeys.seal_keys for key in pair)
    secrets = [b"RATCHET STATE", b"OWN DELIVERY TOKEN", b"AN INVITATION", *secrets_of(prekeys)]
    assert [secret for secret in secrets if secret in told] == []


def test_what_is_to_disappear_is_in_no_backup_and_what_came_with_it_hinders_none(tmp_path: Path) -> None:
    store = Store(tmp_path / "old", KEY)
    people_and_messages(store)
    with store.keeping([Bytes(b"x", "SOON GONE.bin")]) as files, store.transaction():
        fading = store.history.add(
            BOB, Direction.IN, State.SHOWN, at=60, text="SOON GONE", verdict=Clear(), digest=bytes(32), files=files,
            eid=bytes(16), proof=Proof(b"", b"", b"", 0, b"", b""), fades_after=60,
        )  # fmt: skip
        store.letters.put(fading.id, b"the letter: SOON GONE")
    write_backup(store, tmp_path / "backup", WORDS, now=NOW, fresh=CHEAP)
    store.close()
    with (tmp_path / "backup").open("rb") as source:
        assert b"SOON GONE" not in b"".join(open_archive(source, WORDS))
    anew = restored(tmp_path / "backup", tmp_path / "new")
    assert [message.text for message in anew.history.with_contact(BOB)] == ["hello", "on its way", ""]
    anew.close()


def test_a_backup_names_every_table_that_it_leaves_out(tmp_path: Path) -> None:
    """Whoever adds a table decides here whether it may live twice."""
    store = Store(tmp_path, KEY)
    tables = {name for (name,) in store._database.rows("SELECT name FROM sqlite_master WHERE type = 'table'")}
    left_out = {
        "account", "invitations", "sessions", "mending", "unopened", "seen", "outbox", "outbox_blobs",
        "group_sends", "group_owed", "issuers", "draws", "tokens", "sqlite_sequence", "first_contacts", "left_requests",
        "consequences", "appeals", "preferences", "read_up_to", "handed_in", "list_heads", "ledger",
    }  # fmt: skip
    assert tables - set(KEPT) == left_out
    store.close()


def test_nothing_of_a_backup_lies_in_the_open(here: Path) -> None:
    assert [text for text in (b"hello", b"Bob", b"http://r") if text in here.read_bytes()] == []
    assert here.read_bytes().startswith(b"foreseal:backup\n\x01")


def test_another_passphrase_is_told_from_damage_and_nothing_is_left(tmp_path: Path, here: Path) -> None:
    with pytest.raises(WrongPassphraseError):
        restored(here, tmp_path / "new", "battery staple")
    assert left(tmp_path) == {"backup"}


@given(data=st.data())
def test_one_altered_byte_anywhere_is_refused(backup: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(backup) - 1))
    altered = bytearray(backup)
    altered[at] ^= data.draw(st.integers(1, 255))
    if 17 <= at < 29:  # what Argon2id is asked to cost; a test has no time for what a device would do
        return
    with pytest.raises(BackupError):
        list(open_archive(io.BytesIO(bytes(altered)), WORDS))


@given(share=st.floats(0, 1, exclude_max=True))
def test_a_backup_that_was_cut_anywhere_is_refused(backup: bytes, share: float) -> None:
    with pytest.raises(BackupError):
        list(open_archive(io.BytesIO(backup[: int(len(backup) * share)]), WORDS))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"foreseal:backup\n", b"foreseal:backup\n\x02" + bytes(100)])
def test_a_foreign_a_cut_and_a_newer_backup_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "backup").write_bytes(content)
    with pytest.raises(BackupError, match=r"no backup|damaged|newer"):
        restored(tmp_path / "backup", tmp_path / "new")
    assert left(tmp_path) == {"backup"}


def test_a_backup_that_asks_for_endless_memory_is_refused_before_it_gets_any(here: Path) -> None:
    content = here.read_bytes()
    here.write_bytes(content[:21] + (2**60).to_bytes(8, "big") + content[29:])
    with here.open("rb") as source, pytest.raises(BackupError, match="damaged"):
        list(open_archive(source, WORDS))


def _without(kind: type[Record]) -> object:
    return lambda told: [record for record in told if not isinstance(record, kind)]


@pytest.mark.parametrize(
    "change",
    [
        lambda told: [],
        lambda told: told[1:],
        lambda told: [told[0], *told],
        lambda told: told[:-1],
        lambda told: [*told, told[-1]],
        _without(Row),
        _without(File),
        _without(Part),
        lambda told: [*told[:-1], End(told[-1].rows + 1, told[-1].files)],
        lambda told: [msgspec.structs.replace(told[0], schema=0), *told[1:]],
        lambda told: [*told[:-1], File("../../outside"), Part(b"x"), told[-1]],
        lambda told: [*told[:-1], Row("account", ("id",), (1,)), End(told[-1].rows + 1, told[-1].files)],
        lambda told: [*told[:-1], Row("verified", ("day) --",), (1,)), End(told[-1].rows + 1, told[-1].files)],
        lambda told: [*told[:-1], Row("verified", ("identity",), (1, 2)), End(told[-1].rows + 1, told[-1].files)],
        lambda told: [*told[:-1], Row("verified", ("identity",), ([1],)), End(told[-1].rows + 1, told[-1].files)],
        lambda told: [
            msgspec.structs.replace(record, content=record.content[:-1]) if isinstance(record, Part) else record
            for record in told
        ],
    ],
)
def test_a_backup_that_contradicts_itself_is_refused_although_its_passphrase_is_right(
    tmp_path: Path, here: Path, change: object
) -> None:
    assert callable(change)
    sealed_again(here, change(records(here)))
    with pytest.raises(BackupError, match=r"damaged|newer"):
        restored(here, tmp_path / "new")
    assert left(tmp_path) == {"backup"}


def test_a_backup_of_a_newer_store_is_refused(tmp_path: Path, here: Path) -> None:
    head, *rest = records(here)
    assert isinstance(head, Head)
    sealed_again(here, [msgspec.structs.replace(head, schema=len(MIGRATIONS) + 1), *rest])
    with pytest.raises(BackupError, match="newer"):
        restored(here, tmp_path / "new")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_backup_of_an_older_store_is_migrated(tmp_path: Path, version: int) -> None:
    old_store(tmp_path / "old", version)
    old = Store(tmp_path / "old", KEY)
    (bob,) = old.people.all()
    told = [*_of_version(old, version)]
    old.close()
    store = restored(sealed_again(tmp_path / "backup", told), tmp_path / "new")
    assert store.schema_version == len(MIGRATIONS)
    assert [m.text for m in store.history.with_contact(bob.identity)][:2] == ["hello Bob", "hello Ada"]
    store.close()


def _of_version(store: Store, version: int) -> Iterator[Record]:
    account = store.account.get()
    assert account is not None
    yield Head(version, NOW, account.name, account.relay, account.keys)
    counted = 0
    with store.transaction():
        for table in ("contacts", "arrived", "messages"):
            newer = {"conversation", "received"} if version < 4 else {"received"}
            columns = tuple(column for column in KEPT[table] if column not in newer)
            for row in store.rows_of(table, columns):
                counted += 1
                yield Row(table, columns, row)
    yield End(counted, 0)


def test_a_profile_that_is_there_is_not_replaced_unasked_and_moved_aside_when_asked(tmp_path: Path, here: Path) -> None:
    there = Store(tmp_path / "new", KEY)
    people_and_messages(there)
    chat(there, "only here")
    there.close()
    with pytest.raises(BackupError, match="already"):
        restored(here, tmp_path / "new")
    restored(here, tmp_path / "new", replace=True).close()
    aside = Store(tmp_path / "new.replaced", KEY)
    assert aside.history.with_contact(BOB)[-1].text == "only here"
    aside.close()
    with pytest.raises(BackupError, match=r"new\.replaced"):
        restored(here, tmp_path / "new", replace=True)


def test_a_damaged_backup_replaces_nothing(tmp_path: Path, here: Path) -> None:
    Store(tmp_path / "new", KEY).close()
    here.write_bytes(here.read_bytes()[:-1])
    with pytest.raises(BackupError):
        restored(here, tmp_path / "new", replace=True)
    Store(tmp_path / "new", KEY).close()
    assert left(tmp_path) == {"backup", "new"}


def test_what_a_restore_that_was_killed_left_behind_is_no_hindrance(tmp_path: Path, here: Path) -> None:
    (tmp_path / "new.restoring").mkdir()
    (tmp_path / "new.restoring" / "half").write_bytes(b"half")
    restored(here, tmp_path / "new").close()
    assert left(tmp_path) == {"backup", "new"}


def test_a_backup_is_never_overwritten_and_one_that_fails_leaves_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path / "old", KEY)
    people_and_messages(store)
    (tmp_path / "backup").write_bytes(b"precious")
    with pytest.raises(BackupError, match="not overwritten"):
        write_backup(store, tmp_path / "backup", WORDS, now=NOW, fresh=CHEAP)
    for path in (tmp_path / "old" / "files").iterdir():
        path.unlink()
    with pytest.raises(BackupError, match=r"hello\.bin"):
        write_backup(store, tmp_path / "another", WORDS, now=NOW, fresh=CHEAP)
    with pytest.raises(StoreError, match="cannot be written"):
        write_backup(store, tmp_path / "nowhere" / "backup", WORDS, now=NOW, fresh=CHEAP)
    store.close()
    assert left(tmp_path) == {"old", "backup"}
    assert (tmp_path / "backup").read_bytes() == b"precious"


def test_a_profile_without_an_account_has_nothing_to_back_up(tmp_path: Path) -> None:
    store = Store(tmp_path / "old", KEY)
    with pytest.raises(BackupError, match="no account"):
        write_backup(store, tmp_path / "backup", WORDS, now=NOW, fresh=CHEAP)
    store.close()


def test_a_backup_says_what_went_into_it_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    store = Store(tmp_path / "old", KEY)
    people_and_messages(store)
    assert write_backup(store, tmp_path / "b", WORDS, now=NOW, fresh=CHEAP) == Backup(1, 2, 1)
    store.close()
    assert os.stat(tmp_path / "b").st_mode & 0o077 == 0


def test_a_record_that_no_store_can_hold_is_not_sealed() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        list(seal_archive([bytes(MAX_RECORD + 1)], WORDS, CHEAP))


@given(st.lists(st.binary(max_size=200_000), max_size=5))
def test_records_come_back_as_they_were(told: list[bytes]) -> None:
    sealed = b"".join(seal_archive(told, WORDS, CHEAP))
    assert list(open_archive(io.BytesIO(sealed), WORDS)) == told


def test_a_contact_is_restored_without_keys_that_a_session_could_go_on_with(tmp_path: Path, here: Path) -> None:
    store = restored(here, tmp_path / "new")
    bob: Contact = store.people.all()[0]
    assert (bob.bundle, bob.introduced, bob.invitation) == (None, False, None)
    store.close()
