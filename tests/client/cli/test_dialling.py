"""Whatever a command asks a relay, it asks through the proxy that its person set, or not at all."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import foreseal_client
from foreseal_client.cli.root import foreseal
from foreseal_relay.serving import Settings, serving

COMMANDS = Path(foreseal_client.__file__).parent / "cli"
DEAD = "socks5://127.0.0.1:1"


def called(*arguments: str, **environment: str) -> tuple[int, str]:
    outcome = CliRunner().invoke(foreseal, list(arguments), env=environment)
    return outcome.exit_code, outcome.output


@pytest.mark.parametrize("command", sorted(COMMANDS.rglob("*.py")), ids=lambda path: path.stem)
def test_no_command_makes_its_way_to_a_relay_by_itself(command: Path) -> None:
    if command.name != "dialling.py":
        assert not re.search(r"SocketLink\(|ClientSession\(|partial\(SocketLink", command.read_text("utf-8"))


async def test_what_is_asked_of_a_directory_goes_through_the_proxy_or_not_at_all(tmp_path: Path) -> None:
    async with serving(Settings(tmp_path / "relay", public=True)) as (url, _):
        assert await asyncio.to_thread(called, "directory", "room", url) == (0, "")
        code, said = await asyncio.to_thread(called, "directory", "room", url, FORESEAL_PROXY=DEAD)
        assert code == 1
        assert "proxy does not lead" in said


@pytest.mark.parametrize("place", ["variable", "file"])
def test_a_slip_in_the_proxy_ends_every_command_that_would_dial(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.chdir(tmp_path)
    if place == "file":
        Path("foreseal.toml").write_text('proxy = "http://127.0.0.1:9"\n')
    else:
        monkeypatch.setenv("FORESEAL_PROXY", "http://127.0.0.1:9")
    for arguments in (
        ("directory", "find", "http://127.0.0.1:1", "somebody"),
        ("rpc", "--stdio", "--profiles", str(tmp_path)),
    ):
        code, said = called(*arguments)
        assert code == 1, said
        assert "socks5://host:port" in said
        assert "Nothing was sent." in said


@pytest.mark.parametrize(
    "written",
    [
        b'proxy = "socks5://127.0.0.1:1"\ntheme = "dark\n',
        b'# \xff\nproxy = "socks5://127.0.0.1:1"\n',
        b"[proxy]\nurl = 1\n",
    ],
)
def test_settings_that_cannot_be_read_may_name_a_proxy_and_nothing_is_sent_past_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: bytes
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("foreseal.toml").write_bytes(written)
    code, said = called("directory", "find", "http://127.0.0.1:1", "somebody")
    assert code == 1
    assert "may name a proxy, so nothing was sent" in said
    code, said = called("directory", "find", "http://127.0.0.1:1", "somebody", FORESEAL_PROXY=DEAD)
    assert "proxy does not lead" in said


async def test_a_client_without_a_screen_goes_through_the_proxy_or_not_at_all(tmp_path: Path) -> None:
    def online(url: str, wait: float, **environment: str) -> object:
        name = "proxied" if environment else "direct"
        params = {"account": name, "name": "Alice", "relay": url, "wait": wait}
        done = subprocess.run(
            [sys.executable, "-m", "foreseal_client.cli", "rpc", "--stdio", "--profiles", str(tmp_path)],
            input=json.dumps({"jsonrpc": "2.0", "id": 1, "method": "register", "params": params}) + "\n",
            env=os.environ | environment, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        _, answer = map(json.loads, done.stdout.splitlines()[:2])
        return answer["result"]["online"]

    async with serving(Settings(tmp_path / "relay")) as (url, _):
        assert await asyncio.to_thread(online, url, 60) is True
        assert await asyncio.to_thread(online, url, 0.5, FORESEAL_PROXY=DEAD) is False
