"""Run by test_killed: one update after another, each killed a little later than the one before.

Each update runs in a child process that kills itself with SIGKILL at the n-th operation on a file, as the interpreter
announces it. Prints one line an attempt: how the list stood afterwards, or "done" for the update that was not killed.
"""

from __future__ import annotations

import os
import shutil
import sys
from datetime import date
from pathlib import Path

from foreseal_client.updates.fetching import fetcher_for
from foreseal_client.updates.updating import Way, update
from foreseal_matcher.errors import ListUnusable
from foreseal_matcher.lists import HashList
from killing import kill_at


def standing(out: Path, today: date) -> str:
    try:
        return HashList.open(out, today, thorough=True).digest
    except ListUnusable as problem:
        return f"{problem.reason.name}: {problem.detail}"


def main(repository: str, begun: Path, scratch: Path, step: int) -> None:
    # From the wall clock once, as the library does.
    from sample_repositories import TODAY

    out = scratch / "list"
    for number in range(1, 100_000, step):
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(begun, out)
        child = os.fork()
        if child == 0:
            kill_at(number)
            done = update(repository, fetcher_for(repository), out, TODAY)
            os._exit(list(Way).index(done.way))
        _, status = os.waitpid(child, 0)
        print("killed", standing(out, TODAY), flush=True)
        # Whatever was left behind, the next update finds its way.
        update(repository, fetcher_for(repository), out, TODAY)
        print("mended", standing(out, TODAY), flush=True)
        if os.WIFEXITED(status):
            print("done", list(Way)[os.WEXITSTATUS(status)])
            return


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]))
