"""Lists on disk: written whole or not at all, opened verified or not at all, and looked up in exactly."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foreseal_matcher import ListNotWritten, ListSet, Reason
from foreseal_matcher.fingerprints.pdq import distance
from foreseal_matcher.index.scan import Scan
from foreseal_matcher.lists import ListedHash, Purpose, build_list, from_hex_lines
from foreseal_matcher.lists.manifest import Manifest
from foreseal_matcher.verdict import Entry

TODAY = date(2026, 11, 22)


def lines(count: int, seed: int = 1) -> list[ListedHash]:
    """As many PDQ lines and as many SHA-256 lines, with random values."""
    numbers = random.Random(seed)
    return [
        ListedHash(Entry(at + 1, ("pdq", "sha256")[at % 2], f"category-{at % 3}", "tests"), numbers.randbytes(32))
        for at in range(2 * count)
    ]


def build(out: Path, hashes: list[ListedHash], name: str = "n", made: date = TODAY, valid_days: int = 30) -> Manifest:
    return build_list(out, hashes, name=name, version="1", made=made, purpose=Purpose.SYNTHETIC, valid_days=valid_days)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    build(tmp_path / "list", lines(50))
    return tmp_path / "list"


def problem_of(path: Path, today: date = TODAY) -> tuple[Reason, str]:
    opened = ListSet.open([path], today)
    assert opened.lists == ()
    (problem,) = opened.problems
    assert problem.path == path
    return problem.reason, problem.detail


def column(folder: Path, name: str) -> Path:
    (found,) = folder.glob(f"columns-*/{name}")
    return found


def test_what_was_written_is_what_is_read(folder: Path) -> None:
    (one,) = ListSet.open([folder], TODAY).lists
    assert sorted(one.hashes(), key=lambda line: line.entry.id) == lines(50)
    assert (one.name, one.version, one.date, one.purpose) == ("n", "1", TODAY, Purpose.SYNTHETIC)
    assert one.counts == {"pdq": 50, "sha256": 50}


def test_the_same_entries_in_any_order_give_the_same_list(tmp_path: Path) -> None:
    one = build(tmp_path / "one", lines(20))
    other = build(tmp_path / "other", lines(20)[::-1])
    assert one == other
    assert one.digest == other.digest


def test_every_digest_is_found_and_no_other(folder: Path) -> None:
    (one,) = ListSet.open([folder], TODAY).lists
    for line in lines(50):
        found = one.find_exact(line.value)
        assert found == (line.entry if line.entry.algorithm == "sha256" else None)
    assert one.find_exact(bytes(32)) is None
    assert one.find_exact(b"\xff" * 32) is None


def test_of_equally_near_entries_the_lowest_id_is_found(tmp_path: Path) -> None:
    base = bytes(32)
    near = [bytes([1 << at]) + bytes(31) for at in (5, 2, 7)]
    build(
        tmp_path, [ListedHash(Entry(id_, "pdq", "c", "s"), value) for id_, value in zip((9, 3, 6), near, strict=True)]
    )
    (one,) = ListSet.open([tmp_path], TODAY).lists
    found = one.nearest(base, 31)
    assert found is not None
    assert (found[0].id, found[1]) == (3, 1)


@pytest.mark.parametrize(("bits", "found"), [(31, True), (32, False)])
def test_a_match_ends_at_the_limit_and_not_one_bit_later(tmp_path: Path, bits: int, found: bool) -> None:
    value = ((1 << bits) - 1).to_bytes(32)
    build(tmp_path, [ListedHash(Entry(1, "pdq", "c", "s"), value)])
    assert (ListSet.open([tmp_path], TODAY).nearest(bytes(32), 31) is not None) == found


def test_the_nearest_of_all_lists_is_found_and_of_equals_the_first_lists(tmp_path: Path) -> None:
    for name, value in (("far", 0b111), ("near", 0b1), ("equal", 0b10)):
        build(tmp_path / name, [ListedHash(Entry(1, "pdq", "c", "s"), value.to_bytes(32))], name)
    hit = ListSet.open([tmp_path / name for name in ("far", "near", "equal")], TODAY).nearest(bytes(32), 31)
    assert hit is not None
    assert (hit.list.name, hit.distance) == ("near", 1)


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 2**32), radius=st.integers(0, 256))
def test_the_scan_finds_exactly_what_counting_bits_one_by_one_finds(seed: int, radius: int) -> None:
    numbers = random.Random(seed)
    rows = [numbers.randbytes(32) for _ in range(40)]
    rows.append(rows[0])
    query = numbers.choice([rows[3], numbers.randbytes(32)])
    found = Scan(np.frombuffer(b"".join(rows), dtype=np.uint8).reshape(-1, 32)).within(query, radius)
    counted = [(at, distance(row, query)) for at, row in enumerate(rows)]
    assert [tuple(each) for each in found] == [each for each in counted if each[1] <= radius]


def test_the_scan_finds_rows_in_every_part_of_a_long_column() -> None:
    rows = np.zeros((200_000, 32), dtype=np.uint8)
    rows[:] = 0xFF
    for at in (0, 65_535, 65_536, 199_999):
        rows[at] = 0
    assert [found.row for found in Scan(rows).within(bytes(32), 31)] == [0, 65_535, 65_536, 199_999]


def test_an_empty_list_is_a_list(tmp_path: Path) -> None:
    build(tmp_path, [])
    opened = ListSet.open([tmp_path], TODAY)
    assert opened.problems == ()
    assert opened.nearest(bytes(32), 256) is None
    assert opened.find_exact(bytes(32)) is None


def test_describe_says_what_a_status_line_needs(folder: Path) -> None:
    (facts,) = ListSet.open([folder], TODAY + timedelta(days=3)).describe(TODAY + timedelta(days=3))
    assert (facts.name, facts.version, facts.entries, facts.age_days) == ("n", "1", 100, 3)


# --- lists that cannot be used -------------------------------------------------------------------------------------


def test_no_list_is_a_problem_and_not_an_empty_list() -> None:
    assert ListSet.open([], TODAY) == ListSet.empty()
    assert ListSet.empty().problems[0].reason is Reason.LIST_ABSENT


def test_an_absent_list_is_a_problem(tmp_path: Path) -> None:
    assert problem_of(tmp_path / "nowhere")[0] is Reason.LIST_ABSENT
    assert problem_of(tmp_path)[0] is Reason.LIST_ABSENT
    (tmp_path / "file").write_bytes(b"")
    assert problem_of(tmp_path / "file")[0] is Reason.LIST_ABSENT


PARTS = [f"{kind}.{part}" for kind in ("pdq", "sha256") for part in ("bin", "ids", "tags")]


@pytest.mark.parametrize("part", PARTS)
def test_a_column_that_is_cut_is_a_problem(folder: Path, part: str) -> None:
    path = column(folder, part)
    path.write_bytes(path.read_bytes()[:-1])
    reason, detail = problem_of(folder)
    assert reason is Reason.LIST_DAMAGED
    assert part in detail


@pytest.mark.parametrize("part", PARTS)
def test_a_column_with_one_bit_edited_is_a_problem(folder: Path, part: str) -> None:
    path = column(folder, part)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    reason, detail = problem_of(folder)
    assert reason is Reason.LIST_DAMAGED
    assert part in detail


@pytest.mark.parametrize("part", PARTS)
def test_a_column_that_is_gone_is_a_problem(folder: Path, part: str) -> None:
    column(folder, part).unlink()
    assert problem_of(folder)[0] is Reason.LIST_DAMAGED


def test_a_manifest_cut_anywhere_is_a_problem(folder: Path) -> None:
    whole = (folder / "list.json").read_bytes()
    for cut in range(0, len(whole) - 2, 37):
        (folder / "list.json").write_bytes(whole[:cut])
        assert problem_of(folder)[0] is Reason.LIST_DAMAGED


@pytest.mark.parametrize(
    "edit",
    [
        {"name": "other"},
        {"valid_days": 3000},
        {"date": "2030-01-01"},
        {"purpose": "research"},
        {"unknown": 1},
        {"format": 2},
        {"digest": "0" * 64},
    ],
    ids=str,
)
def test_an_edited_manifest_is_a_problem(folder: Path, edit: dict[str, object]) -> None:
    manifest = json.loads((folder / "list.json").read_bytes())
    (folder / "list.json").write_text(json.dumps(manifest | edit))
    assert problem_of(folder)[0] is Reason.LIST_DAMAGED


def resealed(folder: Path, edit: dict[str, object]) -> None:
    """The manifest edited by somebody who also knows how to make its digest fit."""
    fields = json.loads((folder / "list.json").read_bytes()) | edit
    del fields["digest"]
    canonical = json.dumps(fields, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    (folder / "list.json").write_text(json.dumps(fields | {"digest": digest}))


@pytest.mark.parametrize(
    "edit",
    [
        {"purpose": "production"},
        {"purpose": None},
        {"format": 99},
        {"folder": "../elsewhere"},
        {"folder": "columns-0000000000000000"},
        {"name": "\x1b[31mred"},
        {"name": "turned\u202e"},
        {"name": ""},
        {"name": ["n"]},
        {"date": "yesterday"},
        {"valid_days": -1},
        {"valid_days": True},
        {"valid_days": 10**30},
        {"columns": []},
        {"columns": {"pdq": {"count": 50}}},
        {"columns": {"../x": {}}},
        {"categories": []},
        {"sources": "tests"},
    ],
    ids=str,
)
def test_a_manifest_that_says_what_it_may_not_is_a_problem_even_with_its_digest_right(
    folder: Path, edit: dict[str, object]
) -> None:
    resealed(folder, edit)
    assert problem_of(folder)[0] is Reason.LIST_DAMAGED


def test_fields_and_columns_of_a_later_version_are_skipped(folder: Path) -> None:
    columns = json.loads((folder / "list.json").read_bytes())["columns"]
    zeros = {"bin": "0" * 64, "ids": "0" * 64, "tags": "0" * 64}
    resealed(folder, {"note": "later", "columns": columns | {"film": {"count": 5, "sha256": zeros}}})
    opened = ListSet.open([folder], TODAY)
    assert opened.problems == ()


def test_the_digest_covers_the_fields_that_are_skipped(folder: Path) -> None:
    (before,) = ListSet.open([folder], TODAY).lists
    resealed(folder, {"note": "later"})
    (after,) = ListSet.open([folder], TODAY).lists
    assert before.digest != after.digest


def test_a_column_out_of_order_is_a_problem_because_lookups_would_miss_entries(folder: Path) -> None:
    path = column(folder, "sha256.bin")
    content = path.read_bytes()
    turned = content[32:64] + content[:32] + content[64:]
    path.write_bytes(turned)
    columns = json.loads((folder / "list.json").read_bytes())["columns"]
    columns["sha256"]["sha256"]["bin"] = hashlib.sha256(turned).hexdigest()
    resealed(folder, {"columns": columns})
    reason, detail = problem_of(folder)
    assert reason is Reason.LIST_DAMAGED
    assert "order" in detail


def test_a_list_is_good_on_its_last_day_and_stale_after_it(folder: Path) -> None:
    assert ListSet.open([folder], TODAY + timedelta(days=30)).problems == ()
    assert problem_of(folder, TODAY + timedelta(days=31))[0] is Reason.LIST_STALE


def test_a_list_from_the_future_is_a_problem(folder: Path) -> None:
    assert ListSet.open([folder], TODAY - timedelta(days=1)).problems == ()
    assert problem_of(folder, TODAY - timedelta(days=30))[0] is Reason.LIST_DAMAGED


def test_a_list_can_be_pinned_by_its_digest(folder: Path) -> None:
    (one,) = ListSet.open([folder], TODAY).lists
    assert ListSet.open([folder], TODAY, {"n": one.digest}).problems == ()
    other = ListSet.open([folder], TODAY, {"n": "0" * 64})
    assert [problem.reason for problem in other.problems] == [Reason.LIST_DAMAGED, Reason.LIST_ABSENT]
    absent = ListSet.open([folder], TODAY, {"another": "0" * 64})
    assert [problem.reason for problem in absent.problems] == [Reason.LIST_ABSENT]


# --- writing -------------------------------------------------------------------------------------------------------


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
        (ListedHash(Entry(7, "pdq", "c", "s"), bytes(32)), "same id"),
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


# --- lines of hex --------------------------------------------------------------------------------------------------


def test_lines_of_hex_are_read_with_comments_and_columns_behind_a_comma() -> None:
    text = ["# a list", "", "ab" * 32, f"{'CD' * 32},100,note", f"  {'01' * 32} # why"]
    read = list(from_hex_lines(text, "f.txt", category="c", source="s"))
    assert [(line.entry.id, line.value[0]) for line in read] == [(3, 0xAB), (4, 0xCD), (5, 0x01)]


@pytest.mark.parametrize("line", ["ab", "ab" * 33, "zz" * 32, "ab" * 31 + "a", f"{'ab' * 32} 5", "٣" * 64, "-" * 64])
def test_a_malformed_line_is_named_with_its_file(line: str) -> None:
    with pytest.raises(ListNotWritten, match=r"f\.txt, line 2"):
        list(from_hex_lines(["ab" * 32, line], "f.txt", category="c", source="s"))
