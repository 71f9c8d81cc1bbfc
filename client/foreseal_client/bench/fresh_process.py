"""What it takes to start, open a list and answer once: each time in an interpreter of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from foreseal_client.bench.random_list import MADE
from foreseal_client.bench.timing import median

__all__ = ["FirstAnswer", "first_answer"]

_BARE: Final = "import time; print(time.process_time())"
_ANSWER: Final = """
import sys, time
from datetime import date
from pathlib import Path
from foreseal_matcher import ListSet
imported = time.process_time()
lists = ListSet.open([Path(sys.argv[1])], date.fromisoformat(sys.argv[2]))
lists.nearest(bytes(range(32)), 31)
done = time.process_time()
assert not lists.problems
try:
    told = open("/proc/self/smaps_rollup").read()
    anonymous = int(told.split("Anonymous:")[1].split()[0]) / 1024
except OSError:
    anonymous = -1.0
print(done, imported, anonymous)
"""


@dataclass(frozen=True, slots=True)
class FirstAnswer:
    """Medians, page cache warm. CPU in ms: `whole` from the start of the process to the answer, of that `bare` the
    interpreter alone in the same environment, and `opening` the list and the answer without importing. `anonymous`:
    memory of its own in MiB afterwards, -1 where the system does not tell."""

    whole: float
    bare: float
    opening: float
    anonymous: float


def first_answer(folder: Path, starts: int) -> FirstAnswer:
    """Measures it `starts` times for the list in `folder`."""
    with tempfile.TemporaryDirectory(prefix="foreseal-bench-") as cache:
        # As after an ordinary install: with the modules compiled, also where this process was told not to do that.
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": cache}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        told = [_run(environment, _ANSWER, str(folder), MADE.isoformat()) for _ in range(starts + 1)][1:]
        bare = [_run(environment, _BARE)[0] for _ in range(starts)]
    return FirstAnswer(
        whole=median([each[0] for each in told]) * 1000,
        bare=median(bare) * 1000,
        opening=median([each[0] - each[1] for each in told]) * 1000,
        anonymous=median([each[2] for each in told]),
    )


def _run(environment: dict[str, str], program: str, *arguments: str) -> list[float]:
    command = [sys.executable, "-c", program, *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return [float(word) for word in ran.stdout.split()]
