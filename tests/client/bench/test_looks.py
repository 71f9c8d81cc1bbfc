"""`foreseal bench looks`: figures that can be repeated, and folders that cannot be measured."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from foreseal_client.bench.looks import EDITS, Half, measure, usable
from foreseal_client.cli.bench import bench
from foreseal_client.pictures.menu import MENU, NOT_TUNED_FOR, prepared, served
from sample_pictures import encoded, picture

FILES = {f"{seed}.png": encoded(picture(seed, 320, 240), "PNG") for seed in range(6)}


def run(folder: Path, *arguments: str) -> Result:
    outcome = CliRunner().invoke(bench, ["looks", "--photos", str(folder), *arguments])
    assert outcome.exception is None or isinstance(outcome.exception, SystemExit)
    return outcome


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def test_the_halves_share_no_photograph_and_leave_none_out() -> None:
    tuning, judging, every = ({photo.name for photo in usable(FILES, 1, half)} for half in Half)
    assert not tuning & judging
    assert tuning | judging == every == set(FILES)


def test_what_cannot_be_read_or_is_featureless_is_left_out_without_moving_the_halves() -> None:
    more = FILES | {"flat.png": encoded(Image.new("RGB", (99, 99)), "PNG"), "notes.txt": b"nothing"}
    assert {photo.name for photo in usable(more, 1, Half.ALL)} == set(FILES)
    both = [photo.name for half in (Half.TUNING, Half.JUDGING) for photo in usable(more, 1, half)]
    assert sorted(both) == sorted(FILES)


def test_the_same_seed_gives_the_same_figures(folder: Path) -> None:
    arguments = ("--half", "tuning", "--edit", "mirrored", "--edit", "cropped 5 %", "--json")
    first, second = (json.loads(run(folder, *arguments).stdout) for _ in range(2))
    assert first["recall"] == second["recall"]
    assert first["strangers"] == second["strangers"]
    assert (first["menu"], first["photographs"], first["half"]) == (2, 3, "tuning")


def test_mirrored_copies_are_found_by_quick_and_full_looks_alone(folder: Path) -> None:
    report = measure(usable(FILES, 1, Half.ALL), 1, Half.ALL, ["mirrored"])
    assert {one.looks: one.recall for one in report.recall} == {"plain": 0.0, "quick": 1.0, "full": 1.0}
    assert all(one.low <= one.recall <= one.high for one in report.recall)
    assert report.strangers[-1].matches == 0


def test_lines_for_reading_tell_recall_strangers_and_cost(folder: Path) -> None:
    lines = run(folder, "--edit", "grey").stdout.splitlines()
    assert {line.split("\t")[0] for line in lines} == {"recall", "strangers", "cost"}


def test_an_edit_that_is_not_on_the_menu_is_refused(folder: Path) -> None:
    outcome = run(folder, "--edit", "melted")
    assert outcome.exit_code == 2
    assert "melted" in outcome.stderr


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    outcome = run(tmp_path)
    assert outcome.exit_code == 2
    assert "two usable photographs" in outcome.stderr


@pytest.mark.parametrize("name", EDITS)
def test_every_edit_gives_a_readable_picture_and_the_same_from_the_same_chance(name: str) -> None:
    import random

    image = prepared(FILES["1.png"])
    first, second = (served(image, name, random.Random(5)) for _ in range(2))
    assert first == second
    assert prepared(first).size[0] > 0


def test_no_edit_is_both_tuned_for_and_not() -> None:
    assert not set(MENU) & set(NOT_TUNED_FOR)


def test_a_short_fingerprint_is_measured_as_the_picture_is(folder: Path) -> None:
    told = json.loads(run(folder, "--edit", "grey", "--fingerprint", "dhash", "--half", "all", "--json").stdout)
    assert told["fingerprint"] == "dhash"
    assert [(one["looks"], one["recall"]) for one in told["recall"]] == [("plain", 1.0)]
    assert {one["look"] for one in told["strangers"]} == {"plain", "all together"}


def test_listed_parts_bring_back_what_was_cropped(folder: Path) -> None:
    plain, listed = (
        json.loads(run(folder, "--edit", "cropped 10 %, a corner", "--half", "all", *more, "--json").stdout)
        for more in ((), ("--crops",))
    )
    assert (plain["crops"], listed["crops"]) == (False, True)
    assert plain["recall"][0]["recall"] == 0.0
    assert listed["recall"][0]["recall"] == 1.0
    assert listed["strangers"][-1]["pairs"] == plain["strangers"][-1]["pairs"]


def test_parts_are_listed_by_pdq_alone(folder: Path) -> None:
    outcome = run(folder, "--crops", "--fingerprint", "ahash")
    assert outcome.exit_code == 2
    assert "--crops" in outcome.stderr
