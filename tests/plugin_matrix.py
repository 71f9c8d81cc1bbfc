"""The plugin under every pytest it is said to work with: `python tests/plugin_matrix.py`, or `make plugin-matrix`.

Makes an environment for each, installs the wheel of this tree into it, and runs the lines of docs/testing there: on
pytest 8 and 9, alone, beside pytest-asyncio, and in parallel. Fetches packages; ends with exit code 1 where one fails.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

from docs.pages import only_block
from docs.suites_page import TESTING

ROOT: Final = Path(__file__).resolve().parents[1]
PYTESTS: Final = ("pytest>=8,<9", "pytest>=9,<10")
BESIDE: Final = {"alone": (), "asyncio": ("pytest-asyncio>=1,<2", "pytest-xdist>=3.6,<4")}
SUITE: Final = "test_flows.py"
SCOPE: Final = ("-o", "asyncio_default_fixture_loop_scope=function")
"""pytest-asyncio warns where nobody has said it, and here warnings are errors."""
AMONG_COROUTINES: Final = """

import asyncio
import pytest


@pytest.mark.asyncio
async def test_a_coroutine_runs_beside_the_fixtures(alice, bob):
    sent = await asyncio.to_thread(alice.send, bob, "from a coroutine")
    assert sent.kind == "sent"
"""


def main(folder: Path) -> int:
    """Runs all; how many failed."""
    folder.mkdir(parents=True, exist_ok=True)
    constraints = folder / "constraints.txt"
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    constraints.write_text("\n".join(line for line in pins if not line.startswith("pytest")) + "\n")
    wheel = _wheel(folder)
    page = only_block(TESTING, "python")
    failed = 0
    for pytest in PYTESTS:
        for name, beside in BESIDE.items():
            home = folder / f"pytest-{pytest[8]}-{name}"
            python = _environment(home, constraints, [f"{wheel}[demo]", pytest, *beside])
            (home / SUITE).write_text(page + (AMONG_COROUTINES if beside else ""))
            for arguments in (SCOPE, (*SCOPE, "-n", "2")) if beside else ((),):
                ran = _run(home, python, "-m", "pytest", "-W", "error", "-p", "no:cacheprovider", *arguments, SUITE)
                told = (ran.stdout.strip().splitlines() or [ran.stderr[-500:]])[-1].strip("= ")
                print(f"{pytest}, {name}{', two at a time' if '-n' in arguments else ''}: {told}", flush=True)
                if ran.returncode:
                    print(ran.stdout, ran.stderr, flush=True)
                    failed += 1
    return failed


def _wheel(folder: Path) -> Path:
    built = _run(
        ROOT, Path(sys.executable), "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir",
        str(folder), str(ROOT),
    )  # fmt: skip
    if built.returncode:
        raise SystemExit(f"The wheel could not be built: {built.stderr}")
    return next(folder.glob("foreseal-*.whl"))


def _environment(home: Path, constraints: Path, wanted: list[str]) -> Path:
    """Its Python; one that stands there already gets the wheel anew."""
    python = home / "bin" / "python"
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-c", str(constraints)]
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
    subprocess.run([*pip, *wanted], check=True)
    subprocess.run([*pip, "--force-reinstall", "--no-deps", wanted[0]], check=True)
    return python


def _run(folder: Path, *words: Path | str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)


if __name__ == "__main__":
    sys.exit(1 if main(Path(sys.argv[1] if len(sys.argv) > 1 else "build/plugin-matrix").resolve()) else 0)
