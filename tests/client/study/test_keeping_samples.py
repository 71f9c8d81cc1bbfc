"""The journal and the executors: what was measured is kept, what was torn is measured again."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from foreseal_client.study.cell import Cell
from foreseal_client.study.errors import CellError, StudyError
from foreseal_client.study.executor import Here, Processes
from foreseal_client.study.journal import PACKED, SAMPLES, Journal, samples_in
from odd_cells import failing, two

CELLS = [Cell("recall", f"photograph {at}") for at in range(4)]


def journal(folder: Path, *cells: Cell) -> Journal:
    kept = Journal(folder)
    for cell in cells:
        kept.add(cell, two(cell))
    return kept


def test_what_was_added_is_there_again(tmp_path: Path) -> None:
    journal(tmp_path, *CELLS)
    assert Journal(tmp_path).cells == {cell.key: two(cell) for cell in CELLS}


@pytest.mark.parametrize("torn", [1, 20, 60, 70, 100])
def test_a_cell_that_a_crash_cut_counts_as_not_measured_wherever_it_was_cut(tmp_path: Path, torn: int) -> None:
    journal(tmp_path, *CELLS)
    whole = (tmp_path / SAMPLES).read_bytes()
    (tmp_path / SAMPLES).write_bytes(whole[:-torn])
    again = Journal(tmp_path)
    assert again.cells == {cell.key: two(cell) for cell in CELLS[:-1]}
    again.add(CELLS[-1], two(CELLS[-1]))
    assert (tmp_path / SAMPLES).read_bytes() == whole


def test_samples_that_are_damaged_in_the_middle_are_kept_as_they_were_found(tmp_path: Path) -> None:
    journal(tmp_path, *CELLS)
    damaged = (tmp_path / SAMPLES).read_bytes().replace(b"recall/photograph 1/", b'recall/"photogr', 1)
    for name in ("samples.csv.damaged-1", "samples.csv.damaged-2"):
        (tmp_path / SAMPLES).write_bytes(damaged)
        again = Journal(tmp_path)
        assert CELLS[1].key not in again.cells
        assert again.damaged == tmp_path / name
        assert again.damaged.read_bytes() == damaged
        assert Journal(tmp_path).damaged is None


def test_what_a_crash_cut_off_is_not_kept_for_anybody(tmp_path: Path) -> None:
    journal(tmp_path, *CELLS)
    (tmp_path / SAMPLES).write_bytes((tmp_path / SAMPLES).read_bytes()[:-20])
    assert Journal(tmp_path).damaged is None
    assert [path.name for path in tmp_path.iterdir()] == [SAMPLES]


def test_a_line_that_is_longer_than_any_sample_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    journal(tmp_path, *CELLS)
    with (tmp_path / SAMPLES).open("a") as file:
        file.write("x" * 200_000 + "\n")
    before = (tmp_path / SAMPLES).read_bytes()
    with pytest.raises(StudyError, match=r"samples\.csv is damaged near line 10"):
        Journal(tmp_path)
    assert (tmp_path / SAMPLES).read_bytes() == before


def test_samples_come_in_one_order_whatever_order_they_were_measured_in(tmp_path: Path) -> None:
    for name, order in (("one", CELLS), ("other", CELLS[::-1])):
        (tmp_path / name).mkdir()
        journal(tmp_path / name, *order)
    assert samples_in(tmp_path / "one") == samples_in(tmp_path / "other")


@pytest.mark.parametrize("content", [b"a,b,c\n1,2,3\n", b"\xff\xfe\x00"])
def test_a_file_of_somebody_elses_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / SAMPLES).write_bytes(content)
    with pytest.raises(StudyError, match=r"samples\.csv"):
        Journal(tmp_path)
    assert (tmp_path / SAMPLES).read_bytes() == content


def test_packed_samples_are_the_same(tmp_path: Path) -> None:
    journal(tmp_path, *CELLS)
    before = samples_in(tmp_path)
    (tmp_path / PACKED).write_bytes(gzip.compress((tmp_path / SAMPLES).read_bytes()))
    (tmp_path / SAMPLES).unlink()
    assert samples_in(tmp_path) == before


@pytest.mark.parametrize(
    "content",
    [b"", b"no gzip", gzip.compress(b"a,b\n" * 99)[:-9], gzip.compress(b"a,b,c\n")],
    ids=["nothing", "not packed", "cut off", "of something else"],  # what is packed holds the time, and names a test
)
def test_packed_samples_that_are_damaged_or_somebody_elses_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / PACKED).write_bytes(content)
    with pytest.raises(StudyError, match=r"samples\.csv\.gz"):
        samples_in(tmp_path)


def test_what_has_to_be_measured_again_is_there_once_afterwards(tmp_path: Path) -> None:
    kept = journal(tmp_path, *CELLS)
    kept.forget(CELLS[:2])
    kept.add(CELLS[0], two(CELLS[0]))
    assert Journal(tmp_path).cells == {cell.key: two(cell) for cell in (CELLS[0], *CELLS[2:])}


def test_a_folder_without_samples_says_what_makes_them(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="foreseal study run"):
        samples_in(tmp_path)


def test_processes_measure_what_one_would() -> None:
    here = dict(Here().map(two, CELLS))
    assert dict(Processes(1).map(two, iter(CELLS))) == here


@pytest.mark.parametrize("executor", [Here(), Processes(1)], ids=["here", "processes"])
def test_a_fault_names_its_cell_and_how_to_go_on(executor: Here | Processes) -> None:
    with pytest.raises(CellError, match=r"recall/photograph 0/ .*OSError.*--resume"):
        list(executor.map(failing, CELLS[:1]))
