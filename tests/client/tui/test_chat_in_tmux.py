"""Two people at two terminals: real processes, real keys, a relay between them. Skips where there is no tmux."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from foreseal_client.cards import parse_invitation
from foreseal_client.errors import CardError
from relay_process import RelayProcess

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
PATIENCE = 30.0


class Terminals:
    """A tmux server of its own, with a window for each person."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._socket = folder / "tmux"

    def run(self, *arguments: str) -> str:
        made = subprocess.run(
            ["tmux", "-S", str(self._socket), "-f", "/dev/null", *arguments],
            capture_output=True, text=True, check=False, env=os.environ | {"TERM": "xterm", "NO_COLOR": "1"},
        )  # fmt: skip
        return made.stdout

    def open(self, name: str, arguments: str, variables: str = "NO_COLOR=1") -> None:
        command = (
            f"cd {self._folder} && exec env XDG_CONFIG_HOME={self._folder} {variables} {sys.executable}"
            f" -m foreseal_client.cli chat --profile ./{name} {arguments}"
        )
        self.run("new-session", "-d", "-s", name, "-x", "80", "-y", "24", command)

    def start(self, name: str, relay: str) -> None:
        self.open(name, f"--name {name} --relay {relay}")
        # A passphrase is offered; a key file is as good for a test.
        self.until(name, "Lock it with a passphrase")
        self.run("send-keys", "-t", name, "n", "Enter")

    def type(self, name: str, text: str) -> None:
        self.run("send-keys", "-t", name, "-l", text)
        self.run("send-keys", "-t", name, "Enter")

    def press(self, name: str, *keys: str) -> None:
        self.run("send-keys", "-t", name, *keys)

    def seen(self, name: str) -> str:
        return self.run("capture-pane", "-p", "-J", "-t", name)

    def kill(self, name: str) -> None:
        """At once, as a fault of the machine would."""
        os.kill(int(self.run("list-panes", "-t", name, "-F", "#{pane_pid}")), signal.SIGKILL)
        self.run("kill-session", "-t", name)

    def close(self, name: str) -> None:
        """As whoever closes the window: the terminal is gone, and what runs in it ends by itself."""
        (pid,) = map(int, self.run("list-panes", "-t", name, "-F", "#{pane_pid}").split())
        self.run("kill-session", "-t", name)
        end = time.monotonic() + PATIENCE
        with contextlib.suppress(ProcessLookupError):
            while time.monotonic() < end:
                os.kill(pid, 0)
                time.sleep(0.05)
            os.kill(pid, signal.SIGKILL)
            pytest.fail(f"{name} went on without a terminal, and kept the profile locked")

    def colours(self, name: str) -> set[tuple[int, ...]]:
        """Red, green and blue of every colour on the screen that was asked for in those."""
        found = re.findall(r"[34]8;2;(\d+);(\d+);(\d+)", self.run("capture-pane", "-e", "-p", "-t", name))
        return {tuple(map(int, one)) for one in found}

    def until(self, name: str, text: str) -> str:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            seen = self.seen(name)
            if text in seen:
                return seen
            time.sleep(0.05)
        pytest.fail(f"{text!r} never came; {name} sees:\n{self.seen(name)}")

    def invitation(self, name: str) -> str:
        """The one on the screen, once all of it is drawn."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            inside = "".join(line.strip(" │┃") for line in self.seen(name).splitlines())
            found = re.search(r"foreseal:invite:[\w-]+", inside)
            if found is not None:
                with contextlib.suppress(CardError):
                    parse_invitation(found.group(), now=0)
                    return found.group()
        pytest.fail(f"an invitation never came; {name} sees:\n{self.seen(name)}")


@pytest.fixture
def terminals(tmp_path: Path) -> Iterator[Terminals]:
    made = Terminals(tmp_path)
    yield made
    made.run("kill-server")


def test_two_people_meet_and_write_at_two_terminals_without_colours(terminals: Terminals, tmp_path: Path) -> None:
    with RelayProcess(tmp_path / "relay") as relay:
        for name in ("alice", "bob"):
            terminals.start(name, relay.url)
        for name in ("alice", "bob"):
            terminals.until(name, "connected")
        terminals.press("alice", "F9")
        invitation = terminals.invitation("alice")
        terminals.press("alice", "Escape")
        terminals.type("bob", f"/accept {invitation}")
        terminals.until("bob", "You can write to alice now")
        terminals.type("bob", "hello from the other terminal")
        terminals.until("bob", "sent")
        terminals.until("alice", "(1 new)")
        terminals.type("alice", "/to bob")
        terminals.until("alice", "hello from the other terminal")
        assert all(len(set(colour)) == 1 for colour in terminals.colours("alice"))
        assert "┃" in terminals.seen("alice")
        _killed_with_a_card_open(terminals, tmp_path)
        assert "Traceback" not in terminals.seen("alice") + terminals.seen("bob")
        terminals.close("bob")


def _killed_with_a_card_open(terminals: Terminals, folder: Path) -> None:
    """Nothing is lost: neither what the card was about, nor what came meanwhile. Begun again in a terminal that can do
    nothing but write lines."""
    (folder / "notes.txt").write_text("unchecked")  # there is no list, and so no check
    terminals.type("alice", "/attach notes.txt")
    terminals.until("alice", "attached: notes.txt")
    terminals.type("alice", "what I was about to say")
    terminals.until("alice", "This was not sent. It could not be checked")
    terminals.kill("alice")
    terminals.type("bob", "are you there?")
    terminals.until("bob", "are you there?")
    terminals.open("alice", "", "TERM=dumb")
    terminals.until("alice", "- connected")
    terminals.type("alice", "/to bob")
    terminals.until("alice", "are you there?")
    seen = terminals.until("alice", "what I was about to say")
    assert "NOT SENT" in seen
    assert not set("┃║╭▔") & set(seen)
    terminals.type("alice", "/quit")
