"""The import-linter contracts of pyproject.toml hold, and each of them would notice."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from architecture.sources import PACKAGES, ROOT

# For each contract one line that breaks it, and the module that the line is put into.
BREACHES = {
    "layers": ("foreseal_matcher/gate.py", "import foreseal_relay"),
    "relay": ("foreseal_relay/mailboxes.py", "import nacl.secret"),
    "matcher": ("foreseal_matcher/screen.py", "import socket"),
    "wire": ("foreseal_client/outbound.py", "import foreseal_relay.mailboxes"),
    "pure-wire": ("foreseal_relay/wire.py", "import sqlite3"),
    "pixels": ("foreseal_matcher/screen.py", "import PIL.Image"),
    "films": ("foreseal_matcher/screen.py", "import av"),
    "apart": ("foreseal_matcher/films.py", "import foreseal_matcher.film_decode"),
    "signatures": ("foreseal_client/outbound.py", "import cryptography.hazmat"),
    "ratchets": ("foreseal_client/store/people.py", "import doubleratchet"),
    "tokens": ("foreseal_relay/mailboxes.py", "import voprf"),
    "sodium": ("foreseal_client/inbound.py", "import nacl.secret"),
    "store": ("foreseal_client/messenger.py", "import sqlcipher3"),
    "endorsements": ("foreseal_client/messenger.py", "import tuf.ngclient"),
    "screens": ("foreseal_client/outbound.py", "import textual"),
}


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The three packages and their contracts, in a place where they may be spoiled."""
    for package, folder in PACKAGES.items():
        shutil.copytree(folder / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint(folder: Path) -> tuple[int, dict[str, str]]:
    """The exit code of lint-imports in `folder`, and what it says of each contract by name."""
    # A wide screen, because it wraps long names otherwise.
    environment = {**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "300", "NO_COLOR": "1", "TERM": "dumb"}
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-logo", "--no-cache"]
    ran = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    told = re.findall(r"^(.+?) (KEPT|BROKEN)\b", ran.stdout, re.MULTILINE)
    assert told, ran.stdout + ran.stderr
    return ran.returncode, dict(told)


def contracts() -> dict[str, str]:
    """The names of the contracts by id."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        return {found["id"]: found["name"] for found in tomllib.load(file)["tool"]["importlinter"]["contracts"]}


def test_all_contracts_are_kept(copied: Path) -> None:
    code, told = lint(copied)
    assert code == 0
    assert told == dict.fromkeys(contracts().values(), "KEPT")


def test_each_contract_notices_one_line_that_breaks_it(copied: Path) -> None:
    for place, line in BREACHES.values():
        with (copied / place).open("a", encoding="utf-8") as module:
            module.write(f"\n{line}\n")
    code, told = lint(copied)
    assert code == 1
    assert {name: told[name] for name in contracts().values()} == dict.fromkeys(contracts().values(), "BROKEN")
    assert set(BREACHES) == set(contracts())
