"""Writing lists: whole or not at all, whatever happens in between."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest

from foreseal_matcher import ListNotWritten, ListSet
from foreseal_matcher.lists import ListedHash
from foreseal_matcher.verdict import Entry
from sample_lists import TODAY, build, column, lines


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    build(tmp_path / "list", lines(50))
    return tmp_path / "list"


def test_a_list_is_replaced_and_its_old_columns_are_gone(folder: Path) -> None:
    build(folder, lines(5, seed=2))
    (one,) = ListSet.open([folder], TODAY).lists
    assert one.counts["pdq"] == 5
    assert len(list(folder.iterdir())) == 2


def test_a_list_replaced_by_itself_is_whole(folder: Path) -> None:
    build(folder, lines(50))
    build(folder, lines(50))
    assert ListSet.open([folder], TODAY).problems == ()
    assert len(list(folder.iterdir())) == 2


def test_a_damaged_list_can_be_written_anew(folder: Path) -> None:
    column(folder, "pdq.bin").unlink()
    build(folder, lines(50))
    assert ListSet.open([folder], TODAY).problems == ()


class Crash(BaseException):
    """The machine stops here."""


@pytest.mark.parametrize("first", [True, False], ids=["the first list", "a second list"])
def test_a_crash_at_any_step_leaves_the_old_list_or_the_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: bool
) -> None:
    def crash_at(step: int, real: Callable[[int], None]) -> Callable[[int], None]:
        left = iter(range(step))

        def fsync(handle: int) -> None:
            if next(left, None) is None:
                raise Crash
            real(handle)

        return fsync

    real = os.fsync
    outcomes = []
    for step in range(10):
        folder = tmp_path / str(step)
        if not first:
            build(folder, lines(3), "old")
        monkeypatch.setattr(os, "fsync", crash_at(step, real))
        with suppress(Crash):
            build(folder, lines(4, seed=2), "new")
        monkeypatch.setattr(os, "fsync", real)
        opened = ListSet.open([folder], TODAY)
        outcomes.append(opened.lists[0].name if opened.lists else str(opened.problems[0].reason.name))
        build(folder, lines(4, seed=2), "again")
        assert ListSet.open([folder], TODAY).problems == ()
    assert outcomes == sorted(outcomes, key=["LIST_ABSENT", "old", "new"].index)
    assert set(outcomes) == {"LIST_ABSENT" if first else "old", "new"}


def test_a_folder_that_holds_something_else_is_not_written_to(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("keep me")
    with pytest.raises(ListNotWritten, match="other files"):
        build(tmp_path, lines(1))
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_of_two_writers_one_is_refused_and_the_other_one_s_list_is_whole(folder: Path) -> None:
    def rows() -> Iterator[ListedHash]:
        for at, line in enumerate(lines(4, seed=2)):
            if at == 2:
                with pytest.raises(ListNotWritten, match="list is being written by another program"):
                    build(folder, lines(3, seed=3), "second")
            yield line

    build(folder, rows(), "first")
    (one,) = ListSet.open([folder], TODAY).lists
    assert (one.name, one.counts["pdq"]) == ("first", 4)
    build(folder, lines(3, seed=3), "second")


def test_a_file_in_the_place_of_the_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("keep me")
    with pytest.raises(ListNotWritten, match="cannot be written"):
        build(tmp_path / "file", lines(1))
    assert (tmp_path / "file").read_text() == "keep me"


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        (ListedHash(Entry(1, "pdq", "c", "s"), bytes(31)), "32 bytes"),
        (ListedHash(Entry(1, "md6", "c", "s"), bytes(32)), "md6"),
        (ListedHash(Entry(-1, "pdq", "c", "s"), bytes(32)), "64 bits"),
        (ListedHash(Entry(2**64, "pdq", "c", "s"), bytes(32)), "64 bits"),
        (ListedHash(Entry(7, "pdq", "other", "s"), bytes(32)), "different things"),
        (ListedHash(Entry(7, "sha256", "c", "other"), bytes(32)), "different things"),
        (ListedHash(Entry(7, "sha256", "c", "s", date(2026, 1, 1)), bytes(32)), "different things"),
        (ListedHash(Entry(7, "sha256", "c", "s", None, True), bytes(32)), "different things"),
        (ListedHash(Entry(1, "md5", "c", "s"), bytes(32)), "16 bytes"),
        (ListedHash(Entry(1, "pdq", "c", "s"), bytes(32), 1), "no time of a pdq"),
        (ListedHash(Entry(1, "film", "c", "s"), bytes(32), -1), "no time of a film"),
        (ListedHash(Entry(1, "film", "c", "s"), bytes(32), 2**32), "no time of a film"),
        (ListedHash(Entry(1, "pdq", "c", "s", date(1969, 1, 1)), bytes(32)), "a day is in"),
        (ListedHash(Entry(1, "pdq", "c", "s", date(2300, 1, 1)), bytes(32)), "a day is in"),
        (ListedHash(Entry(1, "pdq", "", "s"), bytes(32)), "categories"),
        (ListedHash(Entry(1, "pdq", "c", "\x1b[31m"), bytes(32)), "sources"),
    ],
)
def test_a_line_that_cannot_stand_on_a_list_is_refused_and_the_old_list_stays(
    folder: Path, bad: ListedHash, told: str
) -> None:
    before = (folder / "list.json").read_bytes()
    with pytest.raises(ListNotWritten, match=told):
        build(folder, [ListedHash(Entry(7, "pdq", "c", "s"), bytes(32)), bad])
    assert (folder / "list.json").read_bytes() == before
    assert ListSet.open([folder], TODAY).problems == ()


def test_more_categories_than_one_byte_can_tell_are_refused(tmp_path: Path) -> None:
    many = [ListedHash(Entry(at, "pdq", f"c{at}", "s"), bytes(32)) for at in range(257)]
    with pytest.raises(ListNotWritten, match="256"):
        build(tmp_path, many)


def test_the_largest_id_comes_back_whole(tmp_path: Path) -> None:
    line = ListedHash(Entry(2**64 - 1, "pdq", "c", "s"), bytes(32))
    build(tmp_path, [line])
    assert list(ListSet.open([tmp_path], TODAY).lists[0].hashes()) == [line]


def test_an_open_list_still_answers_after_its_files_are_gone(folder: Path) -> None:
    opened = ListSet.open([folder], TODAY)
    shutil.rmtree(folder)
    assert opened.find_exact(lines(50)[1].value) is not None
