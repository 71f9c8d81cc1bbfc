"""A list holds hashes of many kinds; those of one id are one entry, and each kind is matched in its own way."""

from __future__ import annotations

import hashlib
import json
import random
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreseal_matcher import Bytes, Clear, ListSet, Match, Reason, screen
from foreseal_matcher.lists import KINDS, HashList, ListedHash, Matching
from foreseal_matcher.lists.tags import FIRST_DAY, LAST_DAY, Tag, day_number, day_of
from foreseal_matcher.verdict import Entry
from sample_lists import TODAY, build, column, problem_of, resealed

FORMAT_1 = Path(__file__).parents[1] / "vectors" / "list-format-1"
NEAR = [kind.name for kind in KINDS.values() if kind.matching is not Matching.EXACT]
EXACT = [kind.name for kind in KINDS.values() if kind.matching is Matching.EXACT]


def opened(folder: Path, rows: list[ListedHash]) -> HashList:
    build(folder, rows)
    (one,) = ListSet.open([folder], TODAY).lists
    return one


def entry(id: int, kind: str, *, disputed: bool = False) -> Entry:
    return Entry(id, kind, "c", "s", date(2026, 10, 31), disputed)


def one_of_each(seed: int = 7) -> list[ListedHash]:
    """One entry with a hash of every kind, and frames of a film at three times."""
    numbers = random.Random(seed)
    rows = [ListedHash(entry(1, kind.name), numbers.randbytes(kind.width)) for kind in KINDS.values()]
    return [
        *rows,
        *(ListedHash(entry(2, "film", disputed=True), numbers.randbytes(32), at) for at in (0, 500, 2**32 - 1)),
    ]


def test_an_entry_with_a_hash_of_every_kind_comes_back_as_it_was(tmp_path: Path) -> None:
    one = opened(tmp_path, one_of_each())
    assert set(one.hashes()) == set(one_of_each())
    assert one.counts == dict.fromkeys(KINDS, 1) | {"film": 4}
    assert one.entries == 2


@pytest.mark.parametrize("kind", EXACT)
def test_an_exact_kind_is_found_bit_for_bit(tmp_path: Path, kind: str) -> None:
    one = opened(tmp_path, one_of_each())
    (row,) = (row for row in one_of_each() if row.entry.algorithm == kind)
    assert one.find_exact(row.value, kind) == row.entry
    assert one.find_exact(bytes([row.value[0] ^ 1]) + row.value[1:], kind) is None
    with pytest.raises(ValueError, match="exactly"):
        one.nearest(row.value, 0, kind)


@pytest.mark.usefixtures("each_core")
@pytest.mark.parametrize("kind", NEAR)
def test_a_near_kind_is_found_up_to_its_limit_and_no_further(tmp_path: Path, kind: str) -> None:
    width, limit = KINDS[kind].width, KINDS[kind].limit
    one = opened(tmp_path, [ListedHash(entry(3, kind), bytes(width)), ListedHash(entry(4, kind), b"\xff" * width)])
    near, far = (((1 << bits) - 1).to_bytes(width) for bits in (limit, limit + 1))
    assert one.nearest(near, limit, kind) == (entry(3, kind), limit)
    assert one.nearest(far, limit, kind) is None


@given(st.lists(st.binary(min_size=8, max_size=8), max_size=30), st.binary(min_size=8, max_size=8), st.integers(0, 64))
def test_short_fingerprints_are_searched_as_counting_bits_does(rows: list[bytes], query: bytes, limit: int) -> None:
    from foreseal_matcher.index.opening import search_over

    ids = b"".join(at.to_bytes(8, "little") for at in range(len(rows)))
    search = search_over(memoryview(bytearray(b"".join(rows))), memoryview(bytearray(ids)), None, 8)
    apart = [(int.from_bytes(row) ^ int.from_bytes(query)).bit_count() for row in rows]
    within = [(at, distance) for at, distance in enumerate(apart) if distance <= limit]
    assert [tuple(found) for found in search.within(query, limit)] == within
    nearest = search.nearest(query, limit)
    assert nearest == min(within, key=lambda found: (found[1], found[0]), default=None)


def test_a_fingerprint_of_another_width_is_refused(tmp_path: Path) -> None:
    one = opened(tmp_path, one_of_each())
    with pytest.raises(ValueError, match="8 bytes, not 32"):
        one.nearest(bytes(32), 31, "phash")


def test_frames_of_films_come_with_the_times_they_stand_at(tmp_path: Path) -> None:
    rows = opened(tmp_path, one_of_each()).film_rows
    told = {(rows.id(row), rows.value(row), rows.time_ms(row)) for row in range(rows.length)}
    listed = [row for row in one_of_each() if row.entry.algorithm == "film"]
    assert told == {(row.entry.id, row.value, row.time_ms) for row in listed}
    assert {rows.tag(row).disputed for row in range(rows.length) if rows.id(row) == 2} == {True}


def test_one_row_told_twice_is_one_row(tmp_path: Path) -> None:
    assert build(tmp_path / "twice", one_of_each() * 2) == build(tmp_path / "once", one_of_each())


@pytest.mark.parametrize("kind", ["sha256", "sha1", "md5"])
def test_an_exact_copy_is_found_by_whatever_digest_the_list_has(tmp_path: Path, kind: str) -> None:
    data = b"a letter"
    digest = hashlib.new(kind, data, usedforsecurity=False).digest()
    build(tmp_path, [ListedHash(entry(9, kind), digest)])
    lists = ListSet.open([tmp_path], TODAY)
    verdict = screen(Bytes(data, "letter.txt"), lists).verdict
    assert verdict == Match(entry(9, kind), "n", "1", 0, 0, 0, "exact")
    assert screen(Bytes(data + b"!", "letter.txt"), lists).verdict == Clear((Reason.OTHER_KIND,))


def test_weak_digests_are_computed_only_for_lists_that_have_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    real = hashlib.new

    def new(name: str, data: bytes = b"", *, usedforsecurity: bool = True) -> object:
        asked.append(name)
        return real(name, data, usedforsecurity=usedforsecurity)

    monkeypatch.setattr(hashlib, "new", new)
    for name, kinds in (("plain", ("sha256",)), ("weak", ("sha256", "md5"))):
        build(tmp_path / name, [ListedHash(entry(9, kind), bytes(KINDS[kind].width)) for kind in kinds])
        screen(Bytes(b"a letter", "letter.txt"), ListSet.open([tmp_path / name], TODAY))
    assert asked == ["md5"]


# --- what is said of an entry --------------------------------------------------------------------------------------


@given(st.integers(0, 255), st.integers(0, 255), st.none() | st.dates(FIRST_DAY, LAST_DAY), st.booleans())
def test_a_tag_comes_back_from_its_five_bytes(category: int, source: int, added: date | None, disputed: bool) -> None:
    tag = Tag(category, source, added, disputed)
    assert len(tag.encode()) == 5
    assert Tag.decode(tag.encode()) == tag


@pytest.mark.parametrize("day", [FIRST_DAY - timedelta(days=1), LAST_DAY + timedelta(days=1)])
def test_a_day_that_has_no_number_is_refused(day: date) -> None:
    with pytest.raises(ValueError, match="a day is in"):
        day_number(day)
    assert (day_of(day_number(FIRST_DAY)), day_of(day_number(LAST_DAY))) == (FIRST_DAY, LAST_DAY)


def test_a_flag_that_this_version_does_not_know_is_a_problem(tmp_path: Path) -> None:
    build(tmp_path, [ListedHash(entry(1, "pdq"), bytes(32))])
    path = column(tmp_path, "pdq.tags")
    path.write_bytes(path.read_bytes()[:4] + b"\x02")
    columns = json.loads((tmp_path / "list.json").read_bytes())["columns"]
    columns["pdq"]["sha256"]["tags"] = hashlib.sha256(path.read_bytes()).hexdigest()
    resealed(tmp_path, {"columns": columns})
    assert problem_of(tmp_path) == (Reason.LIST_DAMAGED, "pdq.tags has flags that this version does not know")


# --- lists of the first version -------------------------------------------------------------------------------------


def test_a_list_of_format_1_is_still_read() -> None:
    opened = ListSet.open([FORMAT_1], TODAY)
    assert opened.problems == ()
    (one,) = opened.lists
    assert one.digest == "de46b976076c8a2fccfd7284d2a7ef564d91ff4adae3e3654c2e90b7c5ebe46f"
    assert (one.counts, one.entries) == ({"pdq": 2, "sha256": 1, "link": 1}, 4)
    wanted = {
        ListedHash(Entry(id, kind, category, source), hashlib.sha256(f"{kind} {id}".encode()).digest())
        for id, kind, category, source in (
            (1, "sha256", "drawn", "made-here"),
            (2, "pdq", "drawn", "made-here"),
            (3, "pdq", "painted", "imported"),
            (2**64 - 1, "link", "drawn", "imported"),
        )
    }
    assert set(one.hashes()) == wanted


def test_a_list_of_format_1_written_anew_holds_the_same_in_format_2(tmp_path: Path) -> None:
    (old,) = ListSet.open([FORMAT_1], TODAY).lists
    new = opened(tmp_path, list(old.hashes()))
    assert (old.manifest.format, new.manifest.format) == (1, 2)
    assert list(new.hashes()) == list(old.hashes())
