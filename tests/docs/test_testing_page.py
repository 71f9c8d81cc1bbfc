"""The page on suites is executed: its pytest, its shell, its YAML, and a failing flow recorded and played again."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from docs.pages import blocks, pages

PAGE = "docs/testing/index.md"
BIN = Path(sys.executable).parent


def block(language: str) -> str:
    (found,) = (one.text for one in blocks(PAGE) if one.language == language)
    return found


def ran(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("FORESEAL_", "PYTEST_"))}
    environment["PATH"] = f"{BIN}{os.pathsep}{environment['PATH']}"
    return subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_the_fifteen_lines_pass_with_the_command_of_the_actions_file_and_a_failure_is_played_again(
    tmp_path: Path,
) -> None:
    text = block("python")
    assert len(text.splitlines()) <= 18
    (tmp_path / "test_page.py").write_text(text + "\n\ndef test_wrong(alice, bob):\n    assert not alice.send(bob)\n")
    command = re.findall(r"run: (python -m pytest .*)", block("yaml"))[0].split()
    told = ran(*command, folder=tmp_path)
    assert "2 passed" in told.stdout, told.stdout
    assert "1 failed" in told.stdout
    assert "foreseal: seed 7, policy hold" in told.stdout
    (transcript,) = (tmp_path / "transcripts").iterdir()
    played = ran("foreseal", "conformance", "--replay", str(transcript), folder=tmp_path)
    assert (played.returncode, "0 answered otherwise" in played.stdout) == (0, True), played.stdout + played.stderr


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed")
def test_the_shell_script_says_what_arrived(tmp_path: Path) -> None:
    script = block("sh").replace("8787", str(10_000 + os.getpid() % 20_000))
    told = ran("bash", "-ec", script, folder=tmp_path)
    assert told.stdout.split("\n")[:-1] == ["true", "true", "Ben", "sent", "see you at seven", "true"], told.stderr


def test_the_page_names_every_fixture_and_every_error_code() -> None:
    from foreseal_client import plugin
    from foreseal_client.rpc.codes import Code

    shown = {name for name in plugin.__all__ if not name.startswith("foreseal_")}
    assert [name for name in shown if not re.search(rf"\b{name}\b", pages()[PAGE])] == []
    cells = " ".join(re.findall(r"^\| (-?\d[\d -]*) \|", pages()[PAGE], re.MULTILINE))
    told = {int(number) for number in cells.split()}
    assert {int(code) for code in Code} - {1, int(Code.INTERNAL)} <= told
