"""The page on suites is executed: its shell here; its pytest with the command of its YAML, and a failing flow that is
recorded and played again, in tests/packaging, where the plugin comes from the wheel."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

from docs.pages import only_block, pages
from docs.suites_page import TESTING, pytest_command

BIN = Path(sys.executable).parent


def ran(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("FORESEAL_", "PYTEST_"))}
    environment["PATH"] = f"{BIN}{os.pathsep}{environment['PATH']}"
    return subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_the_actions_file_is_one_and_its_commands_are_those_that_are_tried() -> None:
    actions = yaml.safe_load(only_block(TESTING, "yaml"))
    assert actions[True] == ["push"], "YAML reads `on` as true, and so does everybody who checks the file"
    (job,) = actions["jobs"].values()
    assert all(("uses" in step) != ("run" in step) for step in job["steps"])
    assert all(re.fullmatch(r"actions/[a-z-]+@v\d+", step["uses"]) for step in job["steps"] if "uses" in step)
    install, suite = (step["run"] for step in job["steps"] if "run" in step)
    wanted = Requirement(re.fullmatch(r"python -m pip install '([^']+)' pytest", install)[1])  # type: ignore[index]
    assert (wanted.name, wanted.extras & set(metadata("foreseal").get_all("Provides-Extra", []))) == (
        "foreseal", {"demo"}
    )  # fmt: skip
    assert suite.split() == pytest_command()
    kept = next(step["with"]["path"] for step in job["steps"] if step.get("if") == "failure()")
    assert kept == suite.split()[suite.split().index("--foreseal-transcripts") + 1]


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed")
def test_the_shell_script_says_what_arrived(tmp_path: Path) -> None:
    script = only_block(TESTING, "sh").replace("8787", str(10_000 + os.getpid() % 20_000))
    told = ran("bash", "-ec", script, folder=tmp_path)
    assert told.stdout.split("\n")[:-1] == ["true", "true", "Ben", "sent", "see you at seven", "true"], told.stderr


def test_the_page_names_every_fixture_and_every_error_code() -> None:
    from foreseal_client import plugin
    from foreseal_client.rpc.codes import Code

    shown = {name for name in plugin.__all__ if not name.startswith("foreseal_")}
    assert [name for name in shown if not re.search(rf"\b{name}\b", pages()[TESTING])] == []
    cells = " ".join(re.findall(r"^\| (-?\d[\d -]*) \|", pages()[TESTING], re.MULTILINE))
    told = {int(number) for number in cells.split()}
    assert {int(code) for code in Code} - {1, int(Code.INTERNAL)} <= told
