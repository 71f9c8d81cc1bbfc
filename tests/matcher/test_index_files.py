"""Indexes on disk: built whole, noticed when they do not fit, and never needed for a right answer."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest

from foreseal_matcher import Entry, ListSet
from foreseal_matcher.core import CHOICE, compiled
from foreseal_matcher.errors import IndexUnusable, ListNotWritten, ListUnusable
from foreseal_matcher.index.bands import INDEXED_FROM, Band
from foreseal_matcher.index.building import build_index
from foreseal_matcher.index.header import HEADER_BYTES, Header
from foreseal_matcher.index.opening import read_index
from foreseal_matcher.lists import HashList, ListedHash, Purpose, build_list
from foreseal_matcher.lists.installing import index_list
from hash_columns import near, sharing_bands, strangers, written

TODAY = date(2026, 11, 22)
ROWS = strangers(2000, random.Random(1))


@pytest.fixture(scope="session")
def long_list(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A list just long enough for an index."""
    folder = tmp_path_factory.mktemp("long") / "list"
    build(folder, 2)
    return folder


def build(folder: Path, seed: int) -> None:
    numbers = random.Random(seed)
    lines = [ListedHash(Entry(at, "pdq", "c", "s"), numbers.randbytes(32)) for at in range(INDEXED_FROM)]
    build_list(folder, lines, name="long", version=str(seed), made=TODAY, purpose=Purpose.SYNTHETIC)


@pytest.fixture
def copied(long_list: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(long_list, tmp_path / "list"))


def file(folder: Path, name: str) -> Path:
    (found,) = folder.glob(f"columns-*/{name}")
    return found


def edited(path: Path, at: int) -> None:
    with path.open("r+b") as stream:
        stream.seek(at, os.SEEK_SET if at >= 0 else os.SEEK_END)
        value = stream.read(1)[0]
        stream.seek(-1, os.SEEK_CUR)
        stream.write(bytes([value ^ 1]))


@pytest.mark.usefixtures("each_core")
def test_an_index_comes_back_as_it_was_built(tmp_path: Path) -> None:
    digest = written(tmp_path / "column", ROWS)
    build_index(tmp_path / "column", digest, tmp_path / "index")
    assert read_index(tmp_path / "index", digest, 2000, trusted=False).bands == (Band(16, 1),) * 16
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["column", "index"]


@pytest.mark.skipif(compiled() is None, reason="the compiled core was not built here")
@pytest.mark.parametrize("count", [0, 1, 2000])
def test_both_cores_build_the_same_bytes(count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = written(tmp_path / "column", ROWS[:count])
    for choice in ("plain", "compiled"):
        monkeypatch.setenv(CHOICE, choice)
        build_index(tmp_path / "column", digest, tmp_path / choice)
    one, other = (hashlib.sha256((tmp_path / each).read_bytes()).digest() for each in ("plain", "compiled"))
    assert one == other


@pytest.mark.skipif(compiled() is None, reason="the compiled core was not built here")
@pytest.mark.parametrize("alike", [300, 2500], ids=["more than its marks", "more than are sorted aside"])
def test_both_cores_build_the_same_bytes_where_a_block_is_crowded(
    alike: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = random.Random(3)
    rows = sharing_bands(alike, numbers, 12) + ROWS[:500] + sharing_bands(alike, numbers, 250)
    digest = written(tmp_path / "column", rows)
    for choice in ("plain", "compiled"):
        monkeypatch.setenv(CHOICE, choice)
        build_index(tmp_path / "column", digest, tmp_path / choice)
    assert (tmp_path / "plain").read_bytes() == (tmp_path / "compiled").read_bytes()


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1)


def cut_in_the_header(path: Path) -> None:
    os.truncate(path, HEADER_BYTES - 1)


def emptied(path: Path) -> None:
    os.truncate(path, 0)


def longer(path: Path) -> None:
    os.truncate(path, path.stat().st_size + 64)


def edited_in_the_header(path: Path) -> None:
    edited(path, 20)


def edited_in_the_body(path: Path) -> None:
    edited(path, -100)


def of_a_later_format(path: Path) -> None:
    head = bytearray(path.read_bytes()[:HEADER_BYTES])
    head[16] = 3
    head[-32:] = hashlib.sha256(head[:-32]).digest()
    with path.open("r+b") as stream:
        stream.write(head)


def with_bands_it_may_not_have(path: Path) -> None:
    with path.open("r+b") as stream:
        head = Header.decode(stream.read(HEADER_BYTES))
        stream.seek(0)
        stream.write(Header(head.rows, (Band(40, 1),), head.column, head.body).encode())


DAMAGES = [
    cut,
    cut_in_the_header,
    emptied,
    longer,
    edited_in_the_header,
    edited_in_the_body,
    of_a_later_format,
    with_bands_it_may_not_have,
    Path.unlink,
]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_index_is_noticed(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    digest = written(tmp_path / "column", ROWS)
    build_index(tmp_path / "column", digest, tmp_path / "index")
    damage(tmp_path / "index")
    with pytest.raises(IndexUnusable):
        read_index(tmp_path / "index", digest, 2000, trusted=False)


def test_an_index_of_another_column_is_noticed(tmp_path: Path) -> None:
    digest = written(tmp_path / "column", ROWS)
    build_index(tmp_path / "column", digest, tmp_path / "index")
    for column, count in ((bytes(32), 2000), (digest, 1999)):
        with pytest.raises(IndexUnusable, match="another list"):
            read_index(tmp_path / "index", column, count, trusted=True)


def test_what_stood_there_stands_when_an_index_cannot_be_built(tmp_path: Path) -> None:
    (tmp_path / "index").write_bytes(b"the old one")
    with pytest.raises(OSError, match="column"):
        build_index(tmp_path / "column", bytes(32), tmp_path / "index")
    assert [path.name for path in tmp_path.iterdir()] == ["index"]


@pytest.mark.usefixtures("each_core")
def test_a_long_list_is_looked_up_in_by_its_index(long_list: Path) -> None:
    found = HashList.open(long_list, TODAY)
    assert found.index_problem == ""
    listed = next(found.hashes())
    query = near(listed.value, random.Random(3), 31)
    assert not found.lookup_cost(query, 31).scanned
    nearest = found.nearest(query, 31)
    assert nearest is not None
    assert nearest[0] == listed.entry


@pytest.mark.usefixtures("each_core")
@pytest.mark.parametrize("damage", DAMAGES)
def test_with_a_damaged_index_a_list_answers_the_same_and_says_so(copied: Path, damage: Callable[[Path], None]) -> None:
    damage(file(copied, "pdq.index"))
    found = HashList.open(copied, TODAY)
    assert found.index_problem
    listed = next(found.hashes())
    assert found.lookup_cost(listed.value, 31).scanned
    assert found.nearest(listed.value, 31) == (listed.entry, 0)


@pytest.mark.skipif(sys.platform == "win32", reason="pipes have no names there")
@pytest.mark.parametrize("name", ["pdq.index", "verified.json"])
def test_a_pipe_beside_the_columns_is_not_waited_for(copied: Path, name: str) -> None:
    file(copied, name).unlink()
    os.mkfifo(next(copied.glob("columns-*")) / name)
    (opened,) = ListSet.open([copied], TODAY).lists
    assert opened.index_problem == ("it is not a regular file" if name == "pdq.index" else "")


def test_an_index_can_be_built_again(copied: Path) -> None:
    edited(file(copied, "pdq.index"), -100)
    assert index_list(copied, TODAY).index_problem == ""
    assert HashList.open(copied, TODAY, thorough=True).index_problem == ""


def test_a_list_whose_columns_were_edited_gets_no_index(copied: Path) -> None:
    edited(file(copied, "pdq.ids"), 100)
    with pytest.raises(ListUnusable, match=r"pdq\.ids"):
        index_list(copied, TODAY)


def test_an_index_that_cannot_be_written_is_a_fault_with_its_reason(
    copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ListNotWritten, match="No space left"):
        index_list(copied, TODAY)
    assert HashList.open(copied, TODAY).index_problem == ""


def test_a_short_list_needs_no_index(list_folder: Path) -> None:
    assert HashList.open(list_folder, TODAY).index_problem == ""
    assert list(list_folder.glob("columns-*/pdq.index")) == []


def test_a_list_replaced_under_a_running_client_still_answers(copied: Path) -> None:
    before = ListSet.open([copied], TODAY)
    listed = next(before.lists[0].hashes())
    build(copied, 9)
    after = ListSet.open([copied], TODAY)
    assert len(list(copied.iterdir())) == 2
    hit = before.nearest(near(listed.value, random.Random(5), 20), 31)
    assert hit is not None
    assert hit.entry == listed.entry
    assert after.nearest(listed.value, 31) is None


def test_readers_on_several_threads_are_not_disturbed_by_a_list_that_is_replaced_under_them(copied: Path) -> None:
    before = ListSet.open([copied], TODAY)
    numbers = random.Random(6)
    listed = [next(before.lists[0].hashes()), *list(before.lists[0].hashes())[-3:]]
    queries = [near(numbers.choice(listed).value, numbers, 20) for _ in range(40)]

    def answers(lists: ListSet) -> list[int | None]:
        hits = [lists.nearest(query, 31) for query in queries]
        return [None if hit is None else hit.entry.id for hit in hits]

    alone = answers(before)
    assert {one.entry.id for one in listed} >= {id for id in alone if id is not None}
    with ThreadPoolExecutor(4) as pool:
        reading = [pool.submit(answers, before) for _ in range(12)]
        build(copied, 9)
        reading += [pool.submit(answers, before) for _ in range(12)]
        assert [one.result() for one in reading] == [alone] * 24
    assert answers(ListSet.open([copied], TODAY)) == [None] * 40


# --- what was verified at install is not hashed again --------------------------------------------------------------


def restored(path: Path, at: int) -> None:
    """Edited so that neither length nor time of change tells."""
    before = path.stat()
    edited(path, at)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_a_file_that_was_touched_is_hashed_again(copied: Path) -> None:
    edited(file(copied, "pdq.ids"), 100)
    (problem,) = ListSet.open([copied], TODAY).problems
    assert "pdq.ids" in problem.detail


def test_a_thorough_opening_hashes_everything(copied: Path) -> None:
    restored(file(copied, "pdq.ids"), 100)
    assert ListSet.open([copied], TODAY).problems == ()
    with pytest.raises(ListUnusable, match=r"pdq\.ids"):
        HashList.open(copied, TODAY, thorough=True)


@pytest.mark.parametrize(
    "seal", [b"", b"{", b"[]", b"null", b'{"format": 2}', b'{"format": 1, "list": "0", "files": {}}', b"[" * 100_000]
)
def test_a_seal_that_says_nothing_sensible_vouches_for_nothing(copied: Path, seal: bytes) -> None:
    file(copied, "verified.json").write_bytes(seal)
    restored(file(copied, "pdq.ids"), 100)
    assert len(ListSet.open([copied], TODAY).problems) == 1


def test_a_seal_of_another_list_vouches_for_nothing(copied: Path, tmp_path: Path) -> None:
    build(tmp_path / "other", 4)
    shutil.copy2(file(tmp_path / "other", "verified.json"), file(copied, "verified.json"))
    restored(file(copied, "pdq.ids"), 100)
    assert len(ListSet.open([copied], TODAY).problems) == 1
