"""Programs beside this one: servers that say where they listen, and loads that say what became of them."""

from __future__ import annotations

import contextlib
import math
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, AnyStr

import msgspec

from foreseal_relay.measuring.plan import Load, Told

__all__ = ["cpu_of", "echoing", "loaded", "relaying", "serving"]


@contextlib.contextmanager
def serving(*arguments: str) -> Iterator[tuple[str, int]]:
    """A Python module that serves until its input ends; its URL and process id. Raises `RuntimeError` with what it
    said when it does not start."""
    command = [sys.executable, "-m", *arguments]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    told, complaints = _pipe(server.stdout), _pipe(server.stderr)
    try:
        line = told.readline()
        if not line.startswith("listening on "):
            raise RuntimeError(f"{arguments[0]} did not start: {complaints.read().strip()}")
        yield line.removeprefix("listening on ").strip(), server.pid
    finally:
        for pipe in (_pipe(server.stdin), told, complaints):
            pipe.close()
        server.wait()


def relaying(data: Path, *arguments: str) -> contextlib.AbstractContextManager[tuple[str, int]]:
    """A relay over `data`."""
    return serving("foreseal_relay", "--data", str(data), "--while-stdin", *arguments)


def echoing() -> contextlib.AbstractContextManager[tuple[str, int]]:
    """The echo."""
    return serving("foreseal_relay.measuring.echo_server")


def loaded(loads: Sequence[Load]) -> Told:
    """What all these loads told together, each from a process of its own and at the same time."""
    command = [sys.executable, "-m", "foreseal_relay.measuring.load"]
    running = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in loads]
    for load, one in zip(loads, running, strict=True):
        with _pipe(one.stdin) as told:
            told.write(msgspec.json.encode(load))
    said = []
    for one in running:
        with _pipe(one.stdout) as telling:
            said.append(telling.read())
        if one.wait():
            raise RuntimeError("a load did not end as it should; what it said stands above")
    each = [msgspec.json.decode(one, type=Told) for one in said]
    return Told(
        sum(one.answered for one in each),
        sum(one.refused for one in each),
        max(one.seconds for one in each),
        tuple(took for one in each for took in one.took_ms),
        sum(one.cpu for one in each),
    )


def cpu_of(pid: int) -> float:
    """Seconds of processor that a running process has had, its own and the system's for it (proc_pid_stat(5)); NaN
    where the system does not say."""
    try:
        # The second field is a name, which may hold anything, a bracket too.
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return math.nan
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _pipe(pipe: IO[AnyStr] | None) -> IO[AnyStr]:
    """What `Popen` was asked for is there."""
    if pipe is None:
        raise RuntimeError("a process came without its pipes")
    return pipe
