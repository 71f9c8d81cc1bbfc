"""Lists on disk: written whole or not at all, opened verified or not at all, and looked up in exactly."""

from __future__ import annotations

import hashlib
import json
import os
import random
import sys
import tracemalloc
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foreseal_matcher import ListSet, Reason
from foreseal_matcher.fingerprints.pdq import distance
from foreseal_matcher.index.scan import Scan
from foreseal_matcher.lists import ListedHash, Purpose
from foreseal_matcher.lists.manifest import MAX_BYTES
from foreseal_matcher.verdict import Entry
from sample_lists import TODAY, build, column, lines, problem_of, resealed


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    build(tmp_path / "list", lines(50))
    return tmp_path / "list"


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


@pytest.mark.skipif(sys.platform == "win32", reason="pipes and devices have no names there")
@pytest.mark.parametrize("part", ["list.json", *PARTS])
@pytest.mark.parametrize("stand_in", ["a pipe", "an endless device"])
def test_a_pipe_or_a_device_in_the_place_of_a_file_is_a_problem_and_nothing_waits(
    tmp_path: Path, part: str, stand_in: str
) -> None:
    build(tmp_path / "list", [])  # of which every column has no bytes, as pipes and devices seem to have none
    path = tmp_path / "list" / part if part == "list.json" else column(tmp_path / "list", part)
    path.unlink()
    if stand_in == "a pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/zero")
    assert problem_of(tmp_path / "list") == (Reason.LIST_DAMAGED, f"{part} is not a regular file")


@pytest.mark.skipif(sys.platform == "win32", reason="there a link needs a privilege")
def test_a_list_whose_files_are_links_to_files_can_be_used(folder: Path) -> None:
    for path in (folder / "list.json", column(folder, "pdq.bin")):
        path.symlink_to(path.rename(path.with_suffix(".elsewhere")))
    assert ListSet.open([folder], TODAY).problems == ()


def test_of_an_endless_manifest_no_more_is_read_than_it_may_have(folder: Path) -> None:
    (folder / "list.json").write_bytes(b" " * 64 * MAX_BYTES)
    tracemalloc.start()
    try:
        assert problem_of(folder) == (Reason.LIST_DAMAGED, f"list.json is longer than {MAX_BYTES} bytes")
        assert tracemalloc.get_traced_memory()[1] < 4 * MAX_BYTES
    finally:
        tracemalloc.stop()


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
        {"format": 1},
        {"format": 3},
        {"digest": "0" * 64},
    ],
    ids=str,
)
def test_an_edited_manifest_is_a_problem(folder: Path, edit: dict[str, object]) -> None:
    manifest = json.loads((folder / "list.json").read_bytes())
    (folder / "list.json").write_text(json.dumps(manifest | edit))
    assert problem_of(folder)[0] is Reason.LIST_DAMAGED


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
    resealed(folder, {"note": "later", "columns": columns | {"later": {"count": 5, "sha256": zeros}}})
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
