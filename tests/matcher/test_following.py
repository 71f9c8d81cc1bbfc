"""Lists that are replaced while a program runs, and the switch from one to the next."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from foreseal_matcher import ListNotWritten, Reason
from foreseal_matcher.errors import ListUnusable
from foreseal_matcher.lists import FollowedLists, HashList, switch_to
from sample_lists import TODAY, build, column, lines, resealed


def test_a_list_is_opened_again_only_when_it_was_replaced(tmp_path: Path) -> None:
    build(tmp_path / "list", lines(3))
    followed = FollowedLists([tmp_path / "list"])
    assert followed.changed(TODAY)
    first = followed.current(TODAY)
    assert not followed.changed(TODAY)
    assert followed.current(TODAY) is first
    build(tmp_path / "list", lines(4))
    assert followed.changed(TODAY)
    assert followed.current(TODAY).lists[0].counts["pdq"] == 4
    assert first.lists[0].counts["pdq"] == 3


def test_a_list_becomes_stale_in_a_program_that_goes_on_running(tmp_path: Path) -> None:
    build(tmp_path, lines(3), valid_days=30)
    followed = FollowedLists([tmp_path])
    assert followed.current(TODAY).lists
    late = TODAY + timedelta(days=31)
    assert followed.changed(late)
    assert [problem.reason for problem in followed.current(late).problems] == [Reason.LIST_STALE]


def test_a_list_that_comes_and_goes_is_a_problem_only_meanwhile(tmp_path: Path) -> None:
    followed = FollowedLists([tmp_path / "list"])
    assert followed.current(TODAY).problems
    build(tmp_path / "list", lines(3))
    assert not followed.current(TODAY).problems
    shutil.rmtree(tmp_path / "list")
    assert followed.current(TODAY).problems[0].reason is Reason.LIST_ABSENT


def test_a_pinned_list_stays_pinned_when_it_is_replaced(tmp_path: Path) -> None:
    digest = build(tmp_path, lines(3)).digest
    followed = FollowedLists([tmp_path], {"n": digest})
    assert not followed.current(TODAY).problems
    build(tmp_path, lines(4))
    assert followed.current(TODAY).lists == ()


def test_the_switch_leaves_one_list_and_its_columns(tmp_path: Path) -> None:
    build(tmp_path / "list", lines(3))
    wanted = build(tmp_path / "staged", lines(5)).digest
    (tmp_path / "list" / "columns-0123456789abcdef").mkdir()
    assert switch_to(tmp_path / "staged", tmp_path / "list", TODAY).digest == wanted
    assert HashList.open(tmp_path / "list", TODAY, thorough=True).digest == wanted
    assert len(list((tmp_path / "list").glob("columns-*"))) == 1


def test_a_staged_list_that_is_damaged_is_refused_and_the_old_one_stands(tmp_path: Path) -> None:
    before = build(tmp_path / "list", lines(3)).digest
    build(tmp_path / "staged", lines(5))
    column(tmp_path / "staged", "pdq.bin").write_bytes(b"cut")
    with pytest.raises(ListUnusable):
        switch_to(tmp_path / "staged", tmp_path / "list", TODAY)
    assert HashList.open(tmp_path / "list", TODAY, thorough=True).digest == before


def test_other_columns_under_the_folder_of_the_list_in_force_go_into_a_folder_of_their_own(tmp_path: Path) -> None:
    before = build(tmp_path / "list", lines(3))
    staged = build(tmp_path / "staged", lines(5))
    (tmp_path / "staged" / staged.folder).rename(tmp_path / "staged" / before.folder)
    resealed(tmp_path / "staged", {"folder": before.folder})
    assert switch_to(tmp_path / "staged", tmp_path / "list", TODAY).manifest.folder != before.folder
    assert HashList.open(tmp_path / "list", TODAY, thorough=True).digest == staged.digest


def test_a_place_that_cannot_be_written_to_is_said_and_the_old_list_stands(tmp_path: Path) -> None:
    build(tmp_path / "staged", lines(5))
    (tmp_path / "list").write_bytes(b"a file")
    with pytest.raises(ListNotWritten):
        switch_to(tmp_path / "staged", tmp_path / "list", TODAY)
