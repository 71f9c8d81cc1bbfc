"""The wheel holds the three packages whole: code, types, and the files that the code reads."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from email import message_from_bytes
from pathlib import Path
from zipfile import ZipFile

import pytest
from click.testing import CliRunner

from docs.pages import only_block
from docs.suites_page import TESTING, pytest_command
from foreseal_client.cli.conformance import conformance
from foreseal_matcher.core import compiled

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("matcher", "relay", "client")
PACKAGES = {f"foreseal_{room}" for room in ROOMS}


CORE = "foreseal_matcher/core/_foreseal_core"
FURTHER = """

def test_of_this_wheel():
    import foreseal_client
    assert foreseal_client.__file__.startswith({home!r})


def test_wrong(alice, bob):
    assert not alice.send(bob)
"""


def built(copy: Path, out: Path, **environment: str) -> ZipFile:
    """A wheel built from a copy, with the build backend of this environment and without the network."""
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    for room in ROOMS:
        shutil.copytree(ROOT / room, copy / room, ignore=shutil.ignore_patterns("__pycache__", "*.so"))
    program = f"from setuptools import build_meta; build_meta.build_wheel({str(out)!r})"
    subprocess.run(
        [sys.executable, "-c", program], cwd=copy, capture_output=True, check=True, env={**os.environ, **environment}
    )
    (found,) = out.glob("*.whl")
    return ZipFile(found)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> ZipFile:
    """A wheel as this machine builds it: with the compiled core where there is a compiler."""
    return built(tmp_path_factory.mktemp("copy"), tmp_path_factory.mktemp("out"))


def test_without_a_compiler_it_is_built_without_the_compiled_core(
    tmp_path_factory: pytest.TempPathFactory, wheel: ZipFile
) -> None:
    without = built(tmp_path_factory.mktemp("copy"), tmp_path_factory.mktemp("out"), CC="/nowhere/cc")
    assert {name for name in wheel.namelist() if not name.startswith(CORE)} == set(without.namelist())


@pytest.mark.skipif(compiled() is None, reason="there was no compiler when this environment was made")
def test_with_a_compiler_the_compiled_core_is_in_it(wheel: ZipFile) -> None:
    assert len([name for name in wheel.namelist() if name.startswith(CORE)]) == 1


def test_every_file_of_the_packages_is_in_it_and_nothing_else(wheel: ZipFile) -> None:
    packed = {name for name in wheel.namelist() if ".dist-info/" not in name and not name.startswith(CORE)}
    standing = {
        path.relative_to(ROOT / room).as_posix()
        for room in ROOMS
        for path in (ROOT / room / f"foreseal_{room}").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".so"
    }
    assert packed == standing


def test_its_top_level_names_are_its_own(wheel: ZipFile) -> None:
    assert {name.split("/")[0] for name in wheel.namelist() if ".dist-info/" not in name} == PACKAGES


def test_it_tells_type_checkers_that_it_is_typed(wheel: ZipFile) -> None:
    assert {f"{package}/py.typed" for package in PACKAGES} - set(wheel.namelist()) == set()


def test_it_carries_its_licence_and_its_command(wheel: ZipFile) -> None:
    (licence,) = (name for name in wheel.namelist() if name.endswith("/LICENSE"))
    assert b"Apache License" in wheel.read(licence)
    (commands,) = (name for name in wheel.namelist() if name.endswith("/entry_points.txt"))
    assert b"foreseal = foreseal_client.cli:main" in wheel.read(commands)


def test_without_extras_it_asks_for_numpy_and_pillow_alone(wheel: ZipFile) -> None:
    (path,) = (name for name in wheel.namelist() if name.endswith("/METADATA"))
    wanted = message_from_bytes(wheel.read(path)).get_all("Requires-Dist") or []
    assert sorted(line.split(";")[0][:5] for line in wanted if "extra ==" not in line) == ["numpy", "pillo"]


def test_a_project_elsewhere_runs_the_page_on_suites_with_the_plugin_from_the_wheel_alone(
    wheel: ZipFile, tmp_path: Path
) -> None:
    """A new environment: the wheel's files, and beside them what this environment has of other packages. The lines and
    the command are those of docs/testing; a failure leaves a transcript, which is played again."""
    home, suite = tmp_path / "env", tmp_path / "project"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True)
    (site,) = home.glob("lib/python*/site-packages")
    wheel.extractall(site)
    (site / "others.pth").write_text(sysconfig.get_path("purelib") + "\n")
    suite.mkdir()
    lines = only_block(TESTING, "python")
    assert len(lines.splitlines()) <= 18
    (suite / "test_flows.py").write_text(lines + FURTHER.format(home=str(home)))
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "PYTHONPATH"))}
    _, *command = pytest_command()
    words = [str(home / "bin" / "python"), *command, "-p", "no:cacheprovider", "-p", "no:asyncio"]
    ran = subprocess.run(words, cwd=suite, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert "1 failed, 3 passed" in ran.stdout, ran.stdout + ran.stderr
    assert "foreseal: seed 7, policy hold" in ran.stdout
    (transcript,) = (suite / "transcripts").iterdir()
    played = CliRunner().invoke(conformance, ["--replay", str(transcript)])
    assert (played.exit_code, "0 answered otherwise" in played.output) == (0, True), played.output
