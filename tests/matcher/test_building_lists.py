"""Building: the same list whatever the memory it had, the order of its rows and the kills in between."""

from __future__ import annotations

import random
import subprocess
import sys
import tracemalloc
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foreseal_matcher.errors import ListNotWritten
from foreseal_matcher.lists import KINDS, HashList, ListedHash, Manifest, Purpose, Withdrawal, build_list
from foreseal_matcher.verdict import Entry
from sample_lists import TODAY

SMALL = 20_000
"""Bytes of a run: some three hundred rows."""


def some_rows(count: int, seed: int = 5) -> list[ListedHash]:
    numbers = random.Random(seed)
    rows = []
    for _ in range(count):
        id, kind = numbers.randrange(1, count), numbers.choice(list(KINDS))
        value = numbers.randbytes(KINDS[kind].width) if numbers.random() < 0.8 else bytes(KINDS[kind].width)
        entry = Entry(id, kind, f"category-{id % 7}", f"source-{id % 3}", None, id % 5 == 0)
        rows.append(ListedHash(entry, value, numbers.randrange(3) if kind == "film" else 0))
    return rows


def build(out: Path, rows: Iterable[ListedHash], run_bytes: int | None = None, resume: str | None = None) -> Manifest:
    return build_list(
        out, rows, name="n", version="1", made=TODAY, purpose=Purpose.SYNTHETIC, run_bytes=run_bytes, resume=resume
    )


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32), st.integers(2, 100), st.integers(1000, 6000))
def test_in_any_order_and_in_any_memory_the_same_rows_give_the_same_bytes(seed: int, count: int, room: int) -> None:
    rows = some_rows(count, seed)
    shuffled = random.Random(seed).sample(rows * 2, 2 * len(rows))
    with TemporaryDirectory() as folder:
        at_once, in_runs = Path(folder) / "at once", Path(folder) / "in runs"
        assert build(at_once, rows) == build(in_runs, shuffled, room)
        assert (at_once / "list.json").read_bytes() == (in_runs / "list.json").read_bytes()
        assert set(HashList.of_any_age(in_runs, thorough=True).hashes()) == set(rows)


class Killed(BaseException):
    """The program ends here."""


def until(rows: list[ListedHash], count: int) -> Iterator[ListedHash]:
    yield from rows[:count]
    raise Killed


@pytest.mark.parametrize("kills", [[4_050], [4_001, 8_500], [11_999], [5]])
def test_a_building_that_was_killed_and_begun_again_ends_in_the_same_bytes(tmp_path: Path, kills: list[int]) -> None:
    rows = some_rows(12_000)
    wanted = build(tmp_path / "at once", rows)
    for kill in kills:
        with suppress(Killed):
            build(tmp_path / "killed", until(rows, kill), 60_000, "these")
    assert build(tmp_path / "killed", iter(rows), 60_000, "these") == wanted
    one, other = ((tmp_path / name / "list.json").read_bytes() for name in ("killed", "at once"))
    assert one == other
    assert not (tmp_path / "killed" / ".building").exists()


def test_what_was_sorted_before_a_kill_is_not_read_again(tmp_path: Path) -> None:
    rows = some_rows(12_000)
    with suppress(Killed):
        build(tmp_path, until(rows, 8_000), 60_000, "these")
    others = [row for row in some_rows(4_000, seed=6) if row.entry.id % 35 == 0]
    padded = [*(others * 1000)[:4_000], *rows[4_000:]]
    assert build(tmp_path, padded, 60_000, "these") == build(tmp_path / "at once", rows)


def test_a_building_that_was_killed_by_the_system_goes_on(tmp_path: Path) -> None:
    script = """
import os, signal, sys
from pathlib import Path
from matcher.test_building_lists import build, some_rows
def rows():
    yield from some_rows(12_000)[:8_500]
    os.kill(os.getpid(), signal.SIGKILL)
build(Path(sys.argv[1]), rows(), 60_000, "these")
"""
    tests = Path(__file__).parents[1]
    killed = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(tests)!r})\n{script}", str(tmp_path / "killed")],
        check=False,
    )
    assert killed.returncode == -9
    assert (tmp_path / "killed" / ".building" / "state.json").exists()
    rows = some_rows(12_000)
    assert build(tmp_path / "killed", rows, 60_000, "these") == build(tmp_path / "at once", rows)


@pytest.mark.parametrize("harm", ["another text", "no text", "a run edited", "a run gone", "the state cut"])
def test_what_an_earlier_building_left_is_not_used_for_another_or_when_it_is_damaged(tmp_path: Path, harm: str) -> None:
    rows = some_rows(9_000)
    with suppress(Killed):
        build(tmp_path / "killed", until(rows, 7_000), 60_000, "these")
    left = tmp_path / "killed" / ".building"
    run = min(left.glob("pdq-*"))
    if harm == "a run edited":
        content = run.read_bytes()
        run.write_bytes(bytes([content[0] ^ 1]) + content[1:])
    elif harm == "a run gone":
        run.unlink()
    elif harm == "the state cut":
        state = left / "state.json"
        state.write_bytes(state.read_bytes()[:-5])
    resume = {"another text": "those", "no text": None}.get(harm, "these")
    others = some_rows(9_000, seed=8)
    assert build(tmp_path / "killed", others, 60_000, resume) == build(tmp_path / "at once", others)


def test_rows_that_have_become_fewer_since_the_kill_are_refused(tmp_path: Path) -> None:
    rows = some_rows(9_000)
    with suppress(Killed):
        build(tmp_path, until(rows, 7_000), 60_000, "these")
    with pytest.raises(ListNotWritten, match="shorter"):
        build(tmp_path, rows[:50], 60_000, "these")
    assert not (tmp_path / ".building").exists()


def test_a_refusal_leaves_no_folder_that_was_not_there(tmp_path: Path) -> None:
    wrong = ListedHash(Entry(1, "pdq", "c", "s"), bytes(31))
    with pytest.raises(ListNotWritten, match="32 bytes"):
        build(tmp_path / "new", [*some_rows(400), wrong], SMALL)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("room", [None, SMALL])
def test_rows_far_apart_that_say_different_things_of_one_entry_are_refused(tmp_path: Path, room: int | None) -> None:
    rows = some_rows(1000)
    id = rows[-1].entry.id
    other = ListedHash(Entry(id, "pdq", "another", "source-0"), bytes(32))
    with pytest.raises(ListNotWritten, match=f"entry {id}: two of its hashes"):
        build(tmp_path, [other, *rows], room)


def test_the_memory_of_a_building_does_not_grow_with_its_rows(tmp_path: Path) -> None:
    def peak(count: int) -> int:
        numbers = random.Random(1)
        rows = (ListedHash(Entry(at, "pdq", "c", "s"), numbers.randbytes(32)) for at in range(count))
        tracemalloc.start()
        try:
            build(tmp_path / str(count), rows, 200_000)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(100)  # What is loaded on the first use is no part of it.
    assert peak(40_000) < 1.5 * peak(13_000)


# --- records of what was withdrawn ----------------------------------------------------------------------------------


def test_records_of_withdrawn_entries_are_kept_and_are_not_found(tmp_path: Path) -> None:
    records = [Withdrawal(id, TODAY - timedelta(days=id % 8), frozenset({"pdq", "whash"})) for id in (9, 2, 2**64 - 1)]
    build_list(
        tmp_path, [], name="n", version="1", made=TODAY, purpose=Purpose.SYNTHETIC,
        withdrawn=records,
    )  # fmt: skip
    one = HashList.of_any_age(tmp_path, thorough=True)
    assert [record.id for record in one.withdrawn] == [2, 9, 2**64 - 1]
    assert next(one.withdrawn) == records[1]
    assert (one.entries, sum(one.counts.values())) == (0, 0)


def test_an_entry_that_is_listed_again_has_no_record(tmp_path: Path) -> None:
    rows = some_rows(100)
    listed = rows[0].entry.id
    build_list(
        tmp_path, rows, name="n", version="1", made=TODAY, purpose=Purpose.SYNTHETIC,
        withdrawn=[Withdrawal(id, TODAY, frozenset()) for id in (listed, 10_000)],
    )  # fmt: skip
    assert [record.id for record in HashList.of_any_age(tmp_path).withdrawn] == [10_000]


def test_of_two_records_of_one_entry_the_later_stands(tmp_path: Path) -> None:
    days = [TODAY, TODAY - timedelta(days=5)]
    build_list(
        tmp_path, [], name="n", version="1", made=TODAY, purpose=Purpose.SYNTHETIC,
        withdrawn=[Withdrawal(4, day, frozenset()) for day in days],
    )  # fmt: skip
    assert [record.day for record in HashList.of_any_age(tmp_path).withdrawn] == [TODAY]
