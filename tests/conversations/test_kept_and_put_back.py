"""What outlives a message: evidence that somebody kept, and the ledger; and what a device says that was put back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from foreseal_client.keeping import export, forget, keep, kept_of, open_evidence
from foreseal_client.ledger import BEGINNING, Fault, Head, verify_links
from foreseal_client.reporting import report_of
from foreseal_client.reports.said import Category
from foreseal_client.store import Store
from foreseal_client.store.backup import write_backup
from foreseal_client.store.key import file_key
from foreseal_client.store.restoring import restore_backup
from hostile_world import Person
from quiet_people import Two
from sample_stores import CHEAP

WORDS = "correct horse"


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    made = Two(tmp_path)
    yield made
    made.close()


def _deleted_by_its_sender(two: Two) -> None:
    two.world.run(two.desk(two.ada).delete_for_both(two.message(two.ada, "send me more")))
    two.carry(two.ada)


def _disappeared(two: Two) -> None:
    two.desk(two.bob).read([two.message(two.bob, "send me more")])
    two.wait(80)


def _deleted_here(two: Two) -> None:
    two.desk(two.bob).delete_here(two.message(two.bob, "send me more"))


@pytest.mark.parametrize("go", [_deleted_by_its_sender, _disappeared, _deleted_here])
@pytest.mark.parametrize("in_time", [True, False])
def test_what_was_kept_in_time_stays_provable_and_its_message_can_be_reported_no_more(
    two: Two, tmp_path: Path, go: object, in_time: bool
) -> None:
    two.set_timer(two.ada, 60)
    two.carry(two.ada)
    two.say(two.ada, "send me more")
    message, device = two.message(two.bob, "send me more"), two.bob.device
    assert report_of([message], Category.THREAT, "", device).messages
    if in_time:
        keep(two.contact(two.bob), device)
    go(two)  # type: ignore[operator]
    assert "send me more" not in two.texts(two.bob)
    with pytest.raises(ValueError, match="what proves it is not on this device"):
        report_of([message], Category.THREAT, "", device)
    keep(two.contact(two.bob), device)
    export(device, tmp_path / "evidence", WORDS, CHEAP)
    exhibits = [one for one in open_evidence(tmp_path / "evidence", WORDS) if one.text == "send me more"]
    assert [one.proven for one in exhibits] == [True] * in_time
    (about,) = kept_of(device)
    assert (about.name, about.identity) == (two.contact(two.bob).name, two.ada.identity)
    forget(about, device)
    assert kept_of(device) == []
    assert device.store.letters.kept() == []


def _on(person: Person) -> None:
    with person.device.store.transaction():
        person.device.store.ledger.switch(True, person.device.date)


def _fault(person: Person, noted: Head) -> Fault | None:
    ledger = person.device.store.ledger
    assert verify_links(ledger.links()).fault is None
    return verify_links(ledger.links(), noted).fault


def test_a_ledger_of_a_device_that_was_put_back_is_told_by_a_head_that_was_noted(two: Two) -> None:
    world, ada = two.world, two.ada
    _on(ada)
    world.write(ada, two.bob, "one")
    world.save(ada)
    before = ada.device.store.ledger.head
    world.write(ada, two.bob, "two")
    noted = ada.device.store.ledger.head
    assert noted.lines > before.lines
    world.put_back(ada, ada.saved[-1])
    assert (_fault(ada, before), _fault(ada, noted)) == (None, Fault.CUT_OFF)
    world.begin_anew(ada)
    world.pass_time(86_400)
    for text in ("three", "four"):
        world.write(ada, two.bob, text)
    assert (_fault(ada, before), _fault(ada, noted)) == (None, Fault.REWRITTEN)
    assert _fault(two.bob, noted) is Fault.CUT_OFF, "another device's ledger does not hold it either"


def test_a_ledger_is_in_no_backup_and_a_restored_device_has_it_off(two: Two, tmp_path: Path) -> None:
    _on(two.ada)
    two.say(two.ada, "one")
    noted, store = two.ada.device.store.ledger.head, two.ada.device.store
    write_backup(store, tmp_path / "backup", WORDS, now=two.world.now, fresh=CHEAP)
    restore_backup(
        tmp_path / "backup", tmp_path / "new", WORDS, lambda folder: file_key(folder / "key"), now=two.world.now,
        replace=False,
    )  # fmt: skip
    restored = Store(tmp_path / "new", file_key(tmp_path / "new" / "key"))
    assert (restored.ledger.on, restored.ledger.head) == (False, BEGINNING)
    assert verify_links(restored.ledger.links(), noted).fault is Fault.CUT_OFF
    restored.close()
