"""The README is executed: its commands run, its Python runs, and what it shows is what the demo says."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from docs.pages import ROOT, blocks
from foreseal_client import pictures
from foreseal_matcher import Held, Match, Mode, OnFailure, Policy
from foreseal_matcher.decode import first_looks
from foreseal_matcher.fingerprints.pdq import pdq

README = "README.md"
BIN = Path(sys.executable).parent
SMALL = (480, 360)


@dataclass(frozen=True, slots=True)
class Command:
    """One line of a shell block. `exit_code`: what its comment says, 0 where it says nothing."""

    line: str
    exit_code: int

    @property
    def words(self) -> list[str]:
        return shlex.split(self.line, comments=True)


def commands() -> Iterator[Command]:
    for block in blocks(README):
        if block.language in ("sh", "console"):
            for line in block.text.splitlines():
                told = re.search(r"# .*exit (\d+)", line)
                yield Command(line, int(told[1]) if told else 0)


def those_of(program: str) -> list[Command]:
    return [command for command in commands() if command.words[0] == program]


def chained() -> list[Command]:
    """Those that need what one before them has made."""
    made_before = (["list", "publish"], ["list", "update"], ["profile", "create"], ["profile", "safeguards"])
    return [one for one in those_of("foreseal") if one.words[1:3] in made_before]


def ran(*words: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """A command run to its end, without a terminal and without anything set up in the environment."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("FORESEAL_", "MAKE"))}
    return subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False)


@cache
def demo() -> str:
    """What the demo says, as one line."""
    told = ran(str(BIN / "foreseal"), "demo", "--script")
    assert told.returncode == 0, told.stderr
    return " ".join(told.stdout.split())


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files that the README names, and the list that its first command makes."""
    folder = tmp_path_factory.mktemp("desk")
    listed = pictures.generate("quilt", 3, SMALL)
    (folder / "listed.jpg").write_bytes(listed)
    (folder / "holiday.webp").write_bytes(pictures.edited(listed, "sent-on"))
    (folder / "other.jpg").write_bytes(pictures.generate("skyline", 4, SMALL))
    (look,) = first_looks(listed)
    (folder / "hashes.txt").write_text(f"# one a line\n{pdq(look.luma, look.full).bits.hex()}\n")
    (folder / "links.txt").write_text("# one a line\nhttps://site.example\n")
    assert ran(str(BIN / "foreseal"), "list", "make", "listed.jpg", "--out", "my-list", folder=folder).returncode == 0
    return folder


def test_every_command_is_of_a_kind_that_is_tried_here() -> None:
    known = {"make", "foreseal", "python3", ".venv/bin/python", ".venv/bin/foreseal"}
    assert {command.words[0] for command in commands()} == known


def test_every_block_is_a_shell_a_windows_shell_python_or_what_the_demo_says() -> None:
    assert {block.language for block in blocks(README)} == {"sh", "bat", "python", "text"}


def test_the_two_commands_stand_on_the_first_screen() -> None:
    first = next(block for block in blocks(README) if block.language == "sh")
    assert [line.partition("#")[0].strip() for line in first.text.splitlines()] == ["make demo", "make test"]
    assert first.line < 25


@pytest.mark.parametrize("command", those_of("make"), ids=lambda command: command.line)
def test_a_make_command_has_its_target(command: Command) -> None:
    planned = ran("make", "-n", "-o", "pyproject.toml", *command.words[1:])
    assert planned.returncode == 0, planned.stderr


@pytest.mark.parametrize(
    ("arguments", "wanted"), [((), "foreseal demo"), (("ARGS=--script",), "foreseal demo --script")]
)
def test_make_demo_would_run_the_demo(arguments: tuple[str, ...], wanted: str) -> None:
    lines = ran("make", "-n", "demo", *arguments).stdout.splitlines()
    assert lines[-1].strip().endswith(wanted)


def test_make_test_would_run_style_types_walls_and_tests() -> None:
    planned = ran("make", "-n", "test").stdout
    assert [tool for tool in ("ruff check", "mypy", "lint-imports", "pytest") if tool not in planned] == []


def test_the_environment_of_the_way_without_make_can_be_made(tmp_path: Path) -> None:
    (command,) = those_of("python3")
    assert ran(sys.executable, *command.words[1:], "--without-pip", folder=tmp_path).returncode == 0
    assert (tmp_path / ".venv").is_dir()


def test_what_the_way_without_make_installs_exists() -> None:
    (command,) = those_of(".venv/bin/python")
    *pip, option, constraints, wanted = command.words[1:]
    assert (pip, option) == (["-m", "pip", "install"], "-c")
    assert (ROOT / constraints).is_file()
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    assert wanted.removeprefix(".[").removesuffix("]") in project["optional-dependencies"]
    assert [command.words[1] for command in those_of(".venv/bin/foreseal")] == ["demo"]
    assert "foreseal" in project["scripts"]


def test_the_way_for_windows_is_the_same_way() -> None:
    (windows,) = (block.text for block in blocks(README) if block.language == "bat")
    (unix,) = (block.text for block in blocks(README) if ".venv/bin/python -m pip" in block.text)
    translated = windows.replace("\\Scripts\\", "/bin/").replace('"', "'")
    assert re.sub(r"^py ", "python3 ", translated) == unix


@pytest.mark.parametrize(
    "command",
    [one for one in those_of("foreseal") if one.words[1] != "relay" and one not in chained()],
    ids=lambda command: command.line[:60],
)
def test_a_command_does_what_its_line_says(desk: Path, command: Command) -> None:
    does_what_it_says(command, desk)


def test_what_needs_what_another_made_does_what_its_line_says_after_it(desk: Path) -> None:
    assert len(chained()) == 5
    for command in chained():
        does_what_it_says(command, desk)


def does_what_it_says(command: Command, desk: Path) -> None:
    told = ran(str(BIN / "foreseal"), *command.words[1:], folder=desk)
    assert told.returncode == command.exit_code, told.stdout + told.stderr
    assert told.stdout.strip()
    assert "\x1b" not in told.stdout


def test_the_relay_of_the_readme_listens_until_it_is_stopped(desk: Path) -> None:
    (command,) = (one for one in those_of("foreseal") if one.words[1] == "relay")
    with subprocess.Popen(
        [str(BIN / "foreseal"), *command.words[1:]],
        cwd=desk,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as relay:
        try:
            assert relay.stdout is not None
            assert re.fullmatch(r"listening on http://127\.0\.0\.1:\d+\n", relay.stdout.readline())
            assert relay.poll() is None
        finally:
            relay.terminate()
        assert relay.wait(timeout=30) == 0


def test_every_command_there_is_stands_in_the_readme() -> None:
    listed = ran(str(BIN / "foreseal"), "--help").stdout.partition("Commands:")[2]
    there_are = set(re.findall(r"^  (\w+) ", listed, re.MULTILINE))
    assert there_are
    assert there_are <= {command.words[1] for command in those_of("foreseal")}


def test_the_python_of_the_readme_holds_the_listed_picture(
    desk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (block,) = (block for block in blocks(README) if block.language == "python")
    monkeypatch.chdir(desk)
    names: dict[str, object] = {}
    exec(compile(block.text, README, "exec"), names)  # noqa: S102 - it is our own page
    outcome = names["outcome"]
    assert isinstance(outcome, Held)
    assert isinstance(outcome.verdict, Match)
    assert capsys.readouterr().out.startswith("not sent: Match(")
    assert names["Policy"] is Policy
    assert {names["Mode"], names["OnFailure"]} == {Mode, OnFailure}


def test_what_the_readme_shows_is_what_the_demo_says() -> None:
    (shown,) = (block.text for block in blocks(README) if block.language == "text")
    lines = [line.strip().removesuffix("...").strip() for line in shown.splitlines()]
    assert [line for line in lines if line not in demo()] == []
    assert len(re.findall(r"^\(\w\) held up", shown, re.MULTILINE)) == len(re.findall(r"\(\w\) held up", demo()))


def test_the_readme_is_short_enough_to_be_read() -> None:
    assert len((ROOT / README).read_text(encoding="utf-8").splitlines()) <= 120
