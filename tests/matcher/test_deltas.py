"""Deltas: the old list and what is between make the new one, byte for byte, or the old one stays."""

from __future__ import annotations

import os
import random
import shutil
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foreseal_matcher.errors import DeltaRefused, ListNotWritten, ListUnusable
from foreseal_matcher.lists import (
    KINDS,
    HashList,
    ListedHash,
    Purpose,
    Tally,
    Withdrawal,
    apply_delta,
    build_list,
    changes,
    make_delta,
)
from foreseal_matcher.lists.comparing import Numbers
from foreseal_matcher.lists.delta_layout import Delta, Section, decode, encode
from foreseal_matcher.verdict import Entry
from sample_lists import TODAY


def content_of(folder: Path) -> dict[str, bytes]:
    """What is a list's own in its folder: the manifest, and what its columns hold."""
    columns = HashList.of_any_age(folder).manifest.folder
    own = (path for path in (folder / columns).iterdir() if path.suffix not in (".json", ".index"))
    return {"list.json": (folder / "list.json").read_bytes()} | {path.name: path.read_bytes() for path in own}


def write(out: Path, rows: list[ListedHash], version: str, withdrawn: tuple[Withdrawal, ...] = ()) -> HashList:
    build_list(
        out, rows, name="n", version=version, made=TODAY, purpose=Purpose.SYNTHETIC, valid_days=30, withdrawn=withdrawn
    )
    return HashList.of_any_age(out)


def entry_rows(id: int, version: int) -> list[ListedHash]:
    """An entry with a few hashes; `version` changes what is said of it, or the hashes, or both."""
    numbers = random.Random(id * 7 + (version % 2))
    said = (f"category-{(id + version // 2) % 4}", "tests", date(2026, 1, 1 + id % 9), version == 3)
    kinds = numbers.sample(list(KINDS), numbers.randint(1, 4))
    return [
        ListedHash(
            Entry(id, kind, *said), numbers.randbytes(KINDS[kind].width), numbers.randrange(9) if kind == "film" else 0
        )
        for kind in kinds
    ]


VERSIONS = st.dictionaries(st.integers(0, 40), st.integers(0, 3), max_size=25)
WITHDRAWN = st.frozensets(st.integers(100, 110), max_size=5)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(before=VERSIONS, after=VERSIONS, gone=WITHDRAWN, went=WITHDRAWN)
def test_a_delta_applied_to_the_old_list_makes_the_new_one_byte_for_byte(
    before: dict[int, int], after: dict[int, int], gone: frozenset[int], went: frozenset[int]
) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        old, new = (
            write(
                folder / version,
                [row for id, how in entries.items() for row in entry_rows(id, how)],
                version,
                tuple(Withdrawal(id, TODAY - timedelta(days=id % 3), frozenset({"pdq"})) for id in withdrawn),
            )
            for version, entries, withdrawn in (("old", before, gone), ("new", after, went))
        )
        make_delta(old, new, folder / "delta")
        made = apply_delta(folder / "old", folder / "delta", folder / "made", TODAY)
        assert made == new.manifest
        assert content_of(folder / "made") == content_of(folder / "new")
        told = changes(old, new)
        assert told.added == after.keys() - before.keys()
        assert told.withdrawn == before.keys() - after.keys()
        assert told.changed == {
            id for id in before.keys() & after if entry_rows(id, before[id]) != entry_rows(id, after[id])
        }
        assert sum(tally.added for tally in told.tallies.values()) == len(told.added)


# --- a delta that is not what it should be ----------------------------------------------------------------------------


@pytest.fixture
def pair(tmp_path: Path) -> tuple[HashList, HashList]:
    """A list of thirty entries, and one with some withdrawn, some added and some changed."""
    old = [row for id in range(30) for row in entry_rows(id, 0)]
    new = [row for id in range(4, 36) for row in entry_rows(id, id % 3)]
    gone = tuple(Withdrawal(id, TODAY, frozenset({"pdq"})) for id in range(4))
    return write(tmp_path / "old", old, "old"), write(tmp_path / "new", new, "new", gone)


def refused(folder: Path, content: bytes, told: str, today: date = TODAY) -> None:
    """Applying this in place is refused in these words, and the old list still stands as it was."""
    before = content_of(folder / "old")
    (folder / "bad").write_bytes(content)
    with pytest.raises(DeltaRefused, match=told):
        apply_delta(folder / "old", folder / "bad", folder / "old", today)
    assert content_of(folder / "old") == before
    assert HashList.open(folder / "old", TODAY, thorough=True).version == "old"
    assert not list((folder / "old").glob(".*"))


@pytest.fixture
def good(tmp_path: Path, pair: tuple[HashList, HashList]) -> bytes:
    make_delta(*pair, tmp_path / "delta")
    return (tmp_path / "delta").read_bytes()


def test_a_delta_cut_off_anywhere_is_refused(tmp_path: Path, good: bytes) -> None:
    for length in [*range(0, 120, 7), *range(120, len(good), 997), len(good) - 1]:
        refused(tmp_path, good[:length], "cut off")
    refused(tmp_path, good + b"\x00", "added to")


def test_a_delta_with_any_byte_changed_is_refused_or_makes_the_same_list(tmp_path: Path, good: bytes) -> None:
    numbers = random.Random(4)
    (tmp_path / "delta").write_bytes(good)
    wanted = HashList.of_any_age(tmp_path / "new").digest
    for at in sorted(numbers.sample(range(len(good)), 60)):
        (tmp_path / "bad").write_bytes(good[:at] + bytes([good[at] ^ (1 << numbers.randrange(8))]) + good[at + 1 :])
        with suppress(DeltaRefused):
            assert apply_delta(tmp_path / "old", tmp_path / "bad", tmp_path / "made", TODAY).digest == wanted


def test_what_is_no_delta_is_refused(tmp_path: Path, good: bytes) -> None:
    refused(tmp_path, b"PK" + good[2:], "no delta")
    refused(tmp_path, good[:16] + b"\x02" + good[17:], "format 1, this one has 2")
    refused(tmp_path, good[:20] + b"\xff\xff\xff\x7f" + good[24:], "claims 2147483647 bytes")
    with pytest.raises(DeltaRefused, match="No such file"):
        apply_delta(tmp_path / "old", tmp_path / "nowhere", tmp_path / "old", TODAY)
    with pytest.raises(DeltaRefused, match="cannot be read"):
        apply_delta(tmp_path / "old", tmp_path, tmp_path / "old", TODAY)


def test_a_delta_for_another_list_is_refused(tmp_path: Path, good: bytes) -> None:
    refused(tmp_path, good[:32] + bytes(32) + good[64:], "starts from another list")
    with pytest.raises(DeltaRefused, match="already n new"):
        apply_delta(tmp_path / "new", tmp_path / "delta", tmp_path / "new", TODAY)


def test_a_delta_to_a_list_that_is_stale_or_from_the_future_is_refused(tmp_path: Path, good: bytes) -> None:
    refused(tmp_path, good, "too old", TODAY + timedelta(days=31))
    refused(tmp_path, good, "in the future", TODAY - timedelta(days=9))


def test_a_stale_list_can_be_brought_up_to_date(tmp_path: Path) -> None:
    old = write(tmp_path / "old", entry_rows(1, 0), "old")
    build_list(
        tmp_path / "new", entry_rows(2, 0), name="n", version="new", made=TODAY + timedelta(days=90),
        purpose=Purpose.SYNTHETIC,
    )  # fmt: skip
    make_delta(old, HashList.of_any_age(tmp_path / "new"), tmp_path / "delta")
    made = apply_delta(tmp_path / "old", tmp_path / "delta", tmp_path / "old", TODAY + timedelta(days=90))
    assert made.version == "new"


def edited(content: bytes, edit: Callable[[Delta], Delta]) -> bytes:
    return encode(edit(decode(memoryview(bytearray(content)))))


def with_section(name: str, edit: Callable[[Section], Section]) -> Callable[[Delta], Delta]:
    return lambda delta: delta._replace(sections={**delta.sections, name: edit(delta.sections[name])})


def reordered(rows: Numbers) -> Numbers:
    return rows[::-1]


FAR = np.array([2**32 - 1], dtype=np.int64)


Edit = Callable[[Section], Section]
NONE_THERE = "rows of pdq that there are not"
EDITS: list[tuple[str, Edit, str]] = [
    ("pdq", lambda one: one._replace(removed=reordered(one.removed)), NONE_THERE),
    ("pdq", lambda one: one._replace(added=reordered(one.added)), NONE_THERE),
    ("pdq", lambda one: one._replace(removed=np.concatenate([one.removed[1:], FAR])), NONE_THERE),
    ("pdq", lambda one: one._replace(added=np.concatenate([one.added[1:], FAR])), NONE_THERE),
    ("pdq", lambda one: one._replace(removed=one.removed[1:]), NONE_THERE),
    ("pdq", lambda one: one._replace(altered=FAR, tags=one.parts[2][:1]), NONE_THERE),
    ("pdq", lambda one: one._replace(parts=(one.parts[0] ^ np.uint8(1), *one.parts[1:])), "digest does not fit"),
    ("withdrawn", lambda one: one._replace(added=FAR, parts=(one.parts[0][:1],)), "there are not"),
]


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        *((with_section(name, edit), told) for name, edit, told in EDITS),
        (lambda delta: delta._replace(sections={}), "that there are not"),
        (lambda delta: delta._replace(sections={**delta.sections, "bogus": delta.sections["pdq"]}), "'bogus'"),
        (lambda delta: delta._replace(encoded=delta.encoded.replace(b'"new"', b'"own"')), "was edited"),
    ],
)
def test_a_delta_that_names_what_there_is_not_or_makes_another_list_is_refused(
    tmp_path: Path, good: bytes, edit: Callable[[Delta], Delta], told: str
) -> None:
    refused(tmp_path, edited(good, edit), told)


def test_two_sections_for_one_kind_are_refused(tmp_path: Path, good: bytes) -> None:
    delta = decode(memoryview(bytearray(good)))
    once = encode(delta._replace(sections={"pdq": delta.sections["pdq"]}))
    section = once[96 + len(delta.encoded) :]
    twice = once[:24] + (len(once) + len(section)).to_bytes(8, "little") + once[32:] + section
    refused(tmp_path, twice, "two sections for pdq")


def test_a_section_that_claims_more_rows_than_there_are_bytes_takes_no_memory(tmp_path: Path, good: bytes) -> None:
    delta = decode(memoryview(bytearray(good)))
    at = 96 + len(delta.encoded) + 16
    bomb = good[:at] + b"\xff" * 12 + good[at + 12 :]
    tracemalloc.start()
    try:
        refused(tmp_path, bomb, "claims more rows than it has")
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def test_a_damaged_old_list_is_said_to_be_the_fault_and_not_the_delta(tmp_path: Path, good: bytes) -> None:
    (tmp_path / "old" / "list.json").write_bytes(b"")
    with pytest.raises(ListUnusable):
        apply_delta(tmp_path / "old", tmp_path / "delta", tmp_path / "old", TODAY)


class Crash(BaseException):
    """The machine stops here."""


def test_a_crash_at_any_step_of_applying_leaves_the_old_list_or_the_new(
    tmp_path: Path, good: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.fsync
    outcomes = []
    for step in range(0, 60, 3):
        left = iter(range(step))

        def fsync(handle: int, left: Iterator[int] = left) -> None:
            if next(left, None) is None:
                raise Crash
            real(handle)

        folder = tmp_path / str(step)
        shutil.copytree(tmp_path / "old", folder)
        monkeypatch.setattr(os, "fsync", fsync)
        with suppress(Crash):
            apply_delta(folder, tmp_path / "delta", folder, TODAY)
        monkeypatch.setattr(os, "fsync", real)
        outcomes.append(HashList.open(folder, TODAY, thorough=True).version)
        if outcomes[-1] == "old":
            apply_delta(folder, tmp_path / "delta", folder, TODAY)
        assert content_of(folder) == content_of(tmp_path / "new")
    assert outcomes == sorted(outcomes, reverse=True)
    assert set(outcomes) == {"old", "new"}


# --- what it costs, and what it cannot lead to ------------------------------------------------------------------------


def test_a_delta_of_one_in_a_hundred_is_about_one_in_a_hundred_of_the_list(tmp_path: Path) -> None:
    numbers = random.Random(2)
    rows = [ListedHash(Entry(at, "pdq", "c", "s", TODAY), numbers.randbytes(32)) for at in range(10_100)]
    old, new = write(tmp_path / "old", rows[:10_000], "old"), write(tmp_path / "new", rows[100:], "new")
    size = make_delta(old, new, tmp_path / "delta")
    assert size == (tmp_path / "delta").stat().st_size
    assert 100 * 45 < size < 0.015 * 10_000 * 45


def test_no_delta_leads_to_a_list_of_the_first_format_but_one_starts_from_it(tmp_path: Path) -> None:
    first = HashList.of_any_age(Path(__file__).parents[1] / "vectors" / "list-format-1")
    new = write(tmp_path / "new", list(first.hashes())[1:], "new")
    with pytest.raises(ListNotWritten, match="no delta can lead"):
        make_delta(new, first, tmp_path / "delta")
    make_delta(first, new, tmp_path / "delta")
    apply_delta(first.path, tmp_path / "delta", tmp_path / "made", TODAY)
    assert content_of(tmp_path / "made") == content_of(tmp_path / "new")


def test_a_category_that_is_renamed_changes_its_entries(tmp_path: Path) -> None:
    rows = [ListedHash(Entry(at, "pdq", "old name", "s"), bytes([at]) * 32) for at in range(3)]
    renamed = [replace(row, entry=replace(row.entry, category="new name")) for row in rows]
    found = changes(write(tmp_path / "old", rows, "old"), write(tmp_path / "new", renamed, "new"))
    assert (found.added | found.withdrawn, found.changed) == (frozenset(), frozenset({0, 1, 2}))
    assert found.tallies == {("new name", "s"): Tally(changed=3)}
    assert not changes(*(HashList.of_any_age(tmp_path / "old") for _ in range(2)))
