"""Run by test_killed_publishing: one publication after another, each killed a little later than the one before.

Prints one line an attempt: how many entries the log had afterwards, how many once the publication was repeated, and
whether the process came to its end.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from foreseal_client.publishing.pending import Pending
from foreseal_client.publishing.publishing import complete, prepare_list
from foreseal_client.updates.fetching import fetcher_for
from foreseal_client.updates.watching import watch
from killing import kill_at
from sample_lists import lines
from sample_repositories import NOW, Publisher


def entries(publisher: Publisher) -> int:
    source = str(publisher.repository.folder)
    return watch(source, fetcher_for(source), publisher.log_key).head.size


def main(begun: Path, scratch: Path, step: int) -> None:
    prepared = scratch / "prepared"
    shutil.copytree(begun, prepared)
    publisher = Publisher.in_folder(prepared)
    prepare_list(publisher.repository, publisher.write(lines(20)[:22], "2"), NOW)
    Pending(publisher.repository).sign(publisher.of("alice", "bob"))
    for number in range(1, 100_000, step):
        shutil.rmtree(scratch / "tried", ignore_errors=True)
        shutil.copytree(prepared, scratch / "tried")
        tried = Publisher.in_folder(scratch / "tried")
        child = os.fork()
        if child == 0:
            kill_at(number)
            complete(tried.repository, tried.of("online", "log"), NOW)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        after = entries(tried)
        complete(tried.repository, tried.of("online", "log"), NOW)
        done = os.WIFEXITED(status)
        print(after, entries(tried), "done" if done else "killed", flush=True)
        if done:
            return


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
