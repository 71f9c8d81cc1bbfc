"""Films as a person and a script meet them: listed, checked, compared, fingerprinted, and where they cannot be."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from foreseal_client.checkup import State, examine
from foreseal_client.cli.root import foreseal
from sample_films import RATE, encoded_film, film, frames


def run(*arguments: object) -> Result:
    outcome = CliRunner(env={"FORESEAL_LIST": ""}).invoke(foreseal, [str(argument) for argument in arguments])
    assert outcome.exception is None or isinstance(outcome.exception, SystemExit)
    assert "\x1b" not in outcome.stdout
    return outcome


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A listed film, a copy of it saved otherwise, a clip of it, a stranger, one cut off, and the list."""
    folder = tmp_path_factory.mktemp("shelf")
    (folder / "listed.mp4").write_bytes(film(1))
    (folder / "copy.avi").write_bytes(film(1, kind="avi"))
    (folder / "clip.mp4").write_bytes(encoded_film(frames(1)[RATE * 2 : RATE * 5]))
    (folder / "stranger.mp4").write_bytes(film(2))
    (folder / "cut.mp4").write_bytes(film(2)[:-400])
    made = run("list", "make", folder / "listed.mp4", "--out", folder / "list", "--name", "mine")
    assert made.exit_code == 0
    return folder


@pytest.mark.parametrize(
    ("name", "code"), [("listed.mp4", 10), ("copy.avi", 10), ("clip.mp4", 10), ("stranger.mp4", 0), ("cut.mp4", 3)]
)
def test_the_exit_code_tells_what_was_found_of_a_film(shelf: Path, name: str, code: int) -> None:
    assert run("check", shelf / name, "--list", shelf / "list").exit_code == code


def test_a_match_of_films_says_how_much_of_each_was_found(shelf: Path) -> None:
    told = json.loads(run("check", shelf / "clip.mp4", "--list", shelf / "list", "--json").stdout)
    assert (told["verdict"], told["algorithm"], told["look"], told["entry"]) == ("match", "film", "film", 1)
    assert told["overlap"] == {"matched": 3, "parts": 3, "covered": 3, "listed": 6}
    line = run("check", shelf / "clip.mp4", "--list", shelf / "list").stdout
    assert "3 of 3 parts of this film, 3 of 6 of the listed one" in line


def test_a_list_of_films_says_how_many_frames_it_holds(shelf: Path) -> None:
    told = json.loads(run("list", "info", shelf / "list", "--json").stdout)
    assert told["counts"]["film"] == 6


def test_two_films_are_compared_by_what_they_have_in_common(shelf: Path) -> None:
    told = json.loads(run("compare", shelf / "clip.mp4", shelf / "listed.mp4", "--json").stdout)
    assert told["match"] is True
    assert told["parts_of_a"] == {"found": 3, "of": 3}
    assert told["parts_of_b"] == {"found": 3, "of": 6}
    strange = run("compare", shelf / "stranger.mp4", shelf / "listed.mp4")
    assert "0 of 6 parts of A in B" in strange.stdout
    assert "no match" in strange.stdout


def test_a_film_that_cannot_be_read_is_not_compared(shelf: Path) -> None:
    outcome = run("compare", shelf / "listed.mp4", shelf / "cut.mp4")
    assert (outcome.exit_code, outcome.stdout) == (3, "")
    assert "cut off or damaged" in outcome.stderr


def test_a_film_has_a_fingerprint_of_several_frames(shelf: Path) -> None:
    told = json.loads(run("fingerprint", shelf / "listed.mp4", "--json").stdout)
    assert [frame["time_ms"] for frame in told["frames"]] == [0, 1000, 2000, 3000, 4000, 5000]
    assert told["pdq"] is None
    lines = run("fingerprint", shelf / "listed.mp4").stdout.splitlines()
    assert len(lines) == 1 + 6
    assert lines[2].endswith("at 1.0 s")


def test_doctor_says_that_films_can_be_checked() -> None:
    (found,) = (one for one in examine({}, date(2026, 11, 20)) if one.about == "films")
    assert found.state is State.OK
    assert "a process of their own" in found.found


def test_where_films_cannot_be_decoded_every_command_says_what_to_install(
    shelf: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    checked = run("check", shelf / "stranger.mp4", "--list", shelf / "list", "--json")
    assert (checked.exit_code, json.loads(checked.stdout)["reason"]) == (3, "films-unchecked")
    for arguments in (
        ("compare", shelf / "stranger.mp4", shelf / "listed.mp4"),
        ("fingerprint", shelf / "stranger.mp4"),
        ("list", "make", shelf / "stranger.mp4", "--out", tmp_path / "new"),
        ("bench", "films"),
    ):
        outcome = run(*arguments)
        assert outcome.exit_code == 3
        assert "foreseal[film]" in outcome.stderr
    (found,) = (one for one in examine({}, date(2026, 11, 20)) if one.about == "films")
    assert found.state is State.WARN
    assert "foreseal[film]" in found.advice


def test_bench_refuses_an_edit_that_is_not_on_the_menu() -> None:
    outcome = run("bench", "films", "--edit", "burnt")
    assert outcome.exit_code == 2
    assert "no edit 'burnt'" in outcome.stderr


def test_bench_check_tells_what_each_stage_of_a_film_costs(shelf: Path) -> None:
    (shelf / "short.mp4").write_bytes(film(3, 2))
    told = json.loads(run("bench", "check", shelf / "short.mp4", "--entries", 10, "--json").stdout)
    (measured,) = told["files"]
    assert min(measured["hash"], measured["decode"], measured["lookup"], measured["whole"]) > 0
    assert measured["floor"] > 0
    assert measured["frames"] > 1
