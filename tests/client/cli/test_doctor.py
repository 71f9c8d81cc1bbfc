"""`foreseal doctor` says what is wrong and what to do, and is never ill itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from foreseal_client import checkup
from foreseal_client.checkup import ASIDE, Finding, State, examine
from foreseal_client.cli.doctor import doctor
from foreseal_matcher.core import CHOICE, compiled
from foreseal_matcher.lists import Purpose, build_list
from foreseal_matcher.lists.entries import ListedHash
from foreseal_matcher.verdict import Entry

TODAY = date(2026, 11, 20)


def findings(about: str, **environment: str) -> list[Finding]:
    return [finding for finding in examine(environment, TODAY) if finding.about == about]


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    """A list of one entry, made today and good for thirty days."""
    entry = ListedHash(Entry(1, "sha256", "drawn", "made up"), bytes(32))
    folder = tmp_path / "list"
    build_list(folder, [entry], name="trial", version="1", made=TODAY, purpose=Purpose.SYNTHETIC, valid_days=30)
    return folder


def test_a_machine_that_runs_the_tests_has_no_problem() -> None:
    told = CliRunner().invoke(doctor, ["--json"], env={"FORESEAL_LIST": ""})
    answer = json.loads(told.stdout)
    assert (told.exit_code, answer["healthy"]) == (0, True)
    assert {"python", "packages (client)", "fingerprint", "sqlite", "hash list"} <= {
        finding["about"] for finding in answer["findings"]
    }


@pytest.mark.parametrize(("choice", "told"), [("plain", "plain (numpy), "), ("compiled", "compiled core, ")])
def test_the_core_in_use_and_its_cost_are_told(choice: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if choice == "compiled" and compiled() is None:
        pytest.skip("the compiled core was not built here")
    monkeypatch.setenv(CHOICE, choice)
    (found,) = findings("fingerprint")
    assert found.found.startswith(told)
    assert " ms " in found.found
    assert bool(found.advice) == (choice == "plain")


def test_a_core_that_does_not_exist_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CHOICE, "quantum")
    (found,) = findings("fingerprint")
    assert found.state is State.PROBLEM
    assert "quantum" in found.found


@pytest.mark.parametrize("extra", ASIDE)
def test_what_most_people_do_without_is_told_and_is_nothing_wrong(extra: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (there,) = findings(f"packages ({extra})")
    assert (there.state, there.advice) == (State.OK, "")
    monkeypatch.setattr(checkup, "_version", lambda package: None)
    (absent,) = findings(f"packages ({extra})")
    assert absent.state is State.OK
    assert absent.found.endswith(f"; only for {ASIDE[extra]}")
    assert absent.advice == f'For that: pip install "foreseal[{extra}]"'
    (needed,) = findings("packages (client)")
    assert needed.state is State.WARN


def test_a_list_that_is_set_up_is_described(listed: Path) -> None:
    (found,) = findings("hash list", FORESEAL_LIST=str(listed))
    assert (found.state, found.found) == (State.OK, "trial 1, 1 entries, 0 d old, synthetic")


def test_a_list_that_is_not_there_is_a_problem_with_its_path(tmp_path: Path) -> None:
    (found,) = findings("hash list", FORESEAL_LIST=str(tmp_path / "nowhere"))
    assert found.state is State.PROBLEM
    assert str(tmp_path / "nowhere") in found.found
    assert found.advice


def test_a_list_that_was_cut_is_a_problem_and_a_sound_one_beside_it_is_still_told(listed: Path, tmp_path: Path) -> None:
    manifest = listed / "list.json"
    cut = tmp_path / "cut"
    cut.mkdir()
    (cut / "list.json").write_bytes(manifest.read_bytes()[:-20])
    found = findings("hash list", FORESEAL_LIST=os.pathsep.join((str(cut), str(listed))))
    assert [finding.state for finding in found] == [State.PROBLEM, State.OK]


def test_a_list_that_is_too_old_is_a_warning(listed: Path) -> None:
    later = [
        finding for finding in examine({"FORESEAL_LIST": str(listed)}, date(2027, 6, 1)) if finding.about == "hash list"
    ]
    assert State.WARN in {finding.state for finding in later}
    assert State.PROBLEM not in {finding.state for finding in later}


def test_a_list_with_short_fingerprints_says_how_often_they_match_by_chance(tmp_path: Path) -> None:
    entry = ListedHash(Entry(1, "dhash", "drawn", "made up"), bytes(8))
    folder = tmp_path / "short"
    build_list(folder, [entry], name="short", version="1", made=TODAY, purpose=Purpose.SYNTHETIC, valid_days=30)
    (found,) = findings("hash list", FORESEAL_LIST=str(folder))
    assert found.state is State.OK
    assert "dhash 1e-08 (at 10 of 64 bits)" in found.advice


def test_without_a_list_it_says_how_to_make_one() -> None:
    (found,) = findings("hash list")
    assert found.state is State.OK
    assert "foreseal list make" in found.advice


def test_a_problem_makes_the_exit_code_one_and_is_no_traceback(tmp_path: Path) -> None:
    told = CliRunner().invoke(doctor, [], env={"FORESEAL_LIST": str(tmp_path / "nowhere")})
    assert told.exit_code == 1
    assert "problem" in told.stdout
    assert "Traceback" not in told.output


def test_a_path_that_would_command_a_terminal_is_shown_and_not_obeyed(tmp_path: Path) -> None:
    told = CliRunner().invoke(doctor, [], env={"FORESEAL_LIST": str(tmp_path / "\x1b[2Jgone")})
    assert "\x1b" not in told.output
    assert "\\x1b[2Jgone" in told.stdout


def test_into_a_pipe_it_writes_plain_text_and_nothing_on_stderr() -> None:
    program = "from foreseal_client.cli.doctor import doctor; doctor()"
    environment = {**os.environ, "FORESEAL_LIST": "", "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    ran = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=False)
    assert ran.returncode == 0
    assert b"\x1b" not in ran.stdout
    assert ran.stderr == b""
