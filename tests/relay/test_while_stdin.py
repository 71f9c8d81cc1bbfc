"""`--while-stdin`: a relay that ends with whoever started it, however that ends."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import aiohttp

from relay_peer import Owner, inbox, registered

RELAY = [sys.executable, "-m", "foreseal_relay", "--data"]
STARTER = """
import subprocess, sys
relay = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE)
relay.wait()
"""


@contextlib.contextmanager
def started(*command: str, log: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process whose first line is a relay's, with that relay's URL. One that hangs is killed, and its test fails."""
    with (
        log.open("w") as stderr,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr, text=True) as process,
    ):
        watchdog = threading.Timer(30, process.kill)
        watchdog.start()
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith("listening on "), log.read_text()
            yield process, line.removeprefix("listening on ").strip()
        finally:
            watchdog.cancel()
            process.kill()


def close_stdin(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.close()


async def health(url: str) -> int:
    async with aiohttp.ClientSession() as session, session.get(url + "/healthz") as answer:
        return answer.status


async def test_when_stdin_ends_the_relay_says_goodbye_and_exits_with_0(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with started(*RELAY, str(tmp_path / "data"), "--while-stdin", log=log) as (process, url):
        async with inbox(url, Owner("bob")) as peer:
            close_stdin(process)
            assert await peer.hear() is None
            assert peer.socket.close_code == 1001
        assert process.wait(timeout=30) == 0
    said = log.read_text()
    assert "standard input has ended" in said
    assert "stopped" in said
    assert "Traceback" not in said


async def test_what_comes_over_stdin_is_thrown_away_and_the_relay_serves_on(tmp_path: Path) -> None:
    with started(*RELAY, str(tmp_path / "data"), "--while-stdin", log=tmp_path / "log") as (process, url):
        assert process.stdin is not None
        process.stdin.write("stop\n\x04" * 10_000)
        process.stdin.flush()
        assert await health(url) == 200
        process.terminate()
        assert process.wait(timeout=30) == 0
    assert "standard input has ended" not in (tmp_path / "log").read_text()


async def test_without_the_option_the_end_of_stdin_changes_nothing(tmp_path: Path) -> None:
    with started(*RELAY, str(tmp_path / "data"), log=tmp_path / "log") as (process, url):
        close_stdin(process)
        await registered(url, Owner("bob"))
        assert await health(url) == 200
        assert process.poll() is None
        process.terminate()
        assert process.wait(timeout=30) == 0
    assert "standard input has ended" not in (tmp_path / "log").read_text()


def test_a_starter_killed_with_kill_9_leaves_no_relay_behind(tmp_path: Path) -> None:
    log = tmp_path / "log"
    relay = [*RELAY, str(tmp_path / "data"), "--while-stdin"]
    with started(sys.executable, "-c", STARTER, *relay, log=log) as (starter, _):
        starter.kill()
        assert starter.stdout is not None
        assert starter.stdout.read() == ""  # ends when the relay, which holds the other end, has ended
    assert "stopped" in log.read_text()


def test_a_relay_without_a_stdin_ends_at_once_under_the_option(tmp_path: Path) -> None:
    command = [*RELAY, str(tmp_path / "data"), "--while-stdin"]
    ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=False)
    assert ended.returncode == 0
    assert "standard input has ended" in ended.stderr


def test_the_help_says_what_the_option_is_for() -> None:
    told = subprocess.run([*RELAY[:3], "--help"], capture_output=True, text=True, check=True).stdout
    assert "--while-stdin" in told
    assert "ends with whoever started it" in " ".join(told.split())
