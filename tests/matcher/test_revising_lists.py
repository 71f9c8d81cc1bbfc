"""New versions of a list: without what was withdrawn, and without what is of no more use."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from foreseal_matcher.errors import ListNotWritten, ListUnusable
from foreseal_matcher.lists import HashList, ListedHash, Withdrawal, build_list, changes, compact, withdraw
from foreseal_matcher.lists.revising import next_version
from foreseal_matcher.verdict import Entry
from sample_lists import TODAY, build, lines

LATER = TODAY + timedelta(days=10)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    build(tmp_path / "list", lines(10))
    return tmp_path / "list"


def test_a_withdrawn_entry_no_longer_matches_and_its_record_says_so(folder: Path) -> None:
    before = HashList.of_any_age(folder)
    row = next(row for row in before.hashes() if row.entry.algorithm == "sha256")
    withdraw(folder, {row.entry.id}, today=LATER)
    after = HashList.open(folder, LATER, thorough=True)
    assert after.find_exact(row.value) is None
    assert list(after.withdrawn) == [Withdrawal(row.entry.id, LATER, frozenset({"sha256"}))]
    assert changes(before, after).withdrawn == {row.entry.id}
    assert (after.name, after.manifest.valid_days, after.date) == ("n", 30, LATER)
    assert after.version != before.version


def test_withdrawing_takes_all_hashes_of_an_entry_and_keeps_older_records(folder: Path) -> None:
    film = [ListedHash(Entry(500, "film", "c", "s"), bytes([at]) * 32, at) for at in range(3)]
    build(folder, [*lines(10), *film, ListedHash(Entry(500, "md5", "c", "s"), bytes(16))])
    withdraw(folder, {1}, today=TODAY)
    withdraw(folder, {500}, today=LATER)
    one = HashList.of_any_age(folder)
    assert one.film_rows.length == 0
    kinds = {record.id: set(record.kinds) for record in one.withdrawn}
    assert kinds == {1: {"pdq"}, 500: {"film", "md5"}}


def test_withdrawing_what_is_not_listed_withdraws_nothing(folder: Path) -> None:
    before = (folder / "list.json").read_bytes()
    with pytest.raises(ListNotWritten, match="no entry 999"):
        withdraw(folder, {1, 999}, today=LATER)
    assert (folder / "list.json").read_bytes() == before
    with pytest.raises(ListUnusable):
        withdraw(folder / "nowhere", {1}, today=LATER)


def test_the_list_itself_can_be_left_as_it_is(folder: Path, tmp_path: Path) -> None:
    before = (folder / "list.json").read_bytes()
    withdraw(folder, {1}, today=LATER, out=tmp_path / "other", version="a name")
    assert (folder / "list.json").read_bytes() == before
    assert HashList.of_any_age(tmp_path / "other").version == "a name"


def test_compacting_drops_records_that_are_older_than_a_list_stays_valid(folder: Path) -> None:
    withdraw(folder, {1}, today=TODAY)
    withdraw(folder, {2}, today=LATER)
    compact(folder, today=TODAY + timedelta(days=31))
    assert [record.id for record in HashList.of_any_age(folder).withdrawn] == [2]
    compact(folder, today=TODAY + timedelta(days=31), keep_days=0)
    assert list(HashList.of_any_age(folder).withdrawn) == []


def twins(**said: object) -> list[ListedHash]:
    """Two entries with the same hashes; `said`: how the second differs."""
    rows = [
        ListedHash(Entry(7, kind, "c", "s", date(2026, 5, 1)), bytes(width))
        for kind, width in (("pdq", 32), ("md5", 16))
    ]
    return [*rows, *(replace(row, entry=replace(row.entry, id=9, **said)) for row in rows)]  # type: ignore[arg-type]


def test_compacting_makes_one_of_entries_that_are_alike_with_the_earliest_day(folder: Path) -> None:
    build(folder, [*lines(3), *twins(added=date(2026, 4, 1))])
    compact(folder, today=TODAY)
    one = HashList.of_any_age(folder)
    assert one.entries == 7
    assert one.find_exact(bytes(16), "md5") == Entry(7, "md5", "c", "s", date(2026, 4, 1))


@pytest.mark.parametrize("said", [{"category": "other"}, {"source": "other"}, {"disputed": True}], ids=str)
def test_entries_of_which_different_things_are_said_stay_two(folder: Path, said: dict[str, object]) -> None:
    build(folder, twins(**said))
    compact(folder, today=TODAY)
    assert HashList.of_any_age(folder).entries == 2


def test_entries_that_share_only_some_hashes_stay_two(folder: Path) -> None:
    build(folder, twins()[:-1])
    compact(folder, today=TODAY)
    assert set(HashList.of_any_age(folder).hashes()) == set(twins()[:-1])


def test_compacting_a_compact_list_changes_no_row(folder: Path) -> None:
    before = HashList.of_any_age(folder)
    compact(folder, today=LATER)
    assert not changes(before, HashList.of_any_age(folder))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("1", "2026.11.22"),
        ("2026.11.21", "2026.11.22"),
        ("2026.11.22", "2026.11.22.2"),
        ("2026.11.22.2", "2026.11.22.3"),
        ("2026.11.22.x", "2026.11.22.2"),
        ("2026.11.221", "2026.11.22"),
    ],
)
def test_the_next_version_is_the_day_and_never_the_one_before(before: str, after: str) -> None:
    assert next_version(before, TODAY) == after


def test_what_another_program_wrote_meanwhile_is_not_overwritten(folder: Path) -> None:
    seen = HashList.of_any_age(folder)
    build(folder, lines(12))
    after = (folder / "list.json").read_bytes()
    with pytest.raises(ListNotWritten, match="changed by another program"):
        build_list(
            folder, seen.hashes(), name="n", version="2", made=LATER, purpose=seen.purpose, instead_of=seen.digest
        )  # fmt: skip
    assert (folder / "list.json").read_bytes() == after
