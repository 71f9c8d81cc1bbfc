"""The headless client as a process, on a socket and over HTTP."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import aiohttp
import pytest
from click.testing import CliRunner

from foreseal_client.cli.rpc import rpc
from foreseal_client.rpc.codes import Code, RpcError
from foreseal_client.rpc.notices import TroubleNotice
from foreseal_client.rpc.pipes import serve_socket
from foreseal_client.rpc.service import Service, Settings
from foreseal_client.rpc.web import serve_http

VERSION = b'{"jsonrpc": "2.0", "id": 1, "method": "version"}\n'
SHUTDOWN = b'{"jsonrpc": "2.0", "id": 2, "method": "shutdown"}\n'


def test_a_process_answers_on_its_output_and_ends_with_its_input(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "foreseal_client.cli", "rpc", "--stdio", "--profiles", str(tmp_path)]
    ran = subprocess.run(command, input=VERSION + b"nonsense\n", capture_output=True, timeout=60, check=False)
    said = [json.loads(line) for line in ran.stdout.splitlines()]
    assert said[0]["method"] == "ready"
    assert {one["error"]["code"] if "error" in one else one["result"]["name"] for one in said[1:]} == {
        "foreseal", Code.PARSE
    }  # fmt: skip
    assert (ran.returncode, ran.stderr) == (0, b"")


async def test_a_socket_serves_many_is_its_users_alone_and_goes_with_the_client(tmp_path: Path) -> None:
    path, service = tmp_path / "s", Service(Settings(tmp_path))
    serving = asyncio.create_task(serve_socket(service, path))
    while not path.is_socket():  # noqa: ASYNC110 - a file is all that tells of it
        await asyncio.sleep(0)
    assert path.stat().st_mode & 0o077 == 0
    with pytest.raises(RpcError) as second:
        await serve_socket(Service(Settings(tmp_path)), path)
    assert second.value.code == Code.IN_USE
    ends = [await asyncio.open_unix_connection(path) for _ in range(2)]
    for reader, writer in ends:
        assert json.loads(await reader.readline())["method"] == "ready"
        writer.write(VERSION)
        assert json.loads(await reader.readline())["result"]["name"] == "foreseal"
    ends[0][1].write(SHUTDOWN)
    await asyncio.wait_for(serving, 20)
    assert not path.exists()
    for _, writer in ends:
        writer.close()


def test_interrupted_it_ends_in_silence_and_takes_its_socket_along(tmp_path: Path) -> None:
    path = tmp_path / "s"

    def interrupt() -> None:
        with socket.socket(socket.AF_UNIX) as end:
            while end.connect_ex(str(path)):
                time.sleep(0)  # a file is all that tells of it
            assert end.recv(9)
            os.kill(os.getpid(), signal.SIGINT)
            while end.recv(1 << 16):
                pass

    other = threading.Thread(target=interrupt, daemon=True)
    # As in a program of its own: a loop takes the signal over only from Python's own handler.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        other.start()
        outcome = CliRunner().invoke(rpc, ["--socket", str(path), "--profiles", str(tmp_path)])
        other.join(20)
    finally:
        signal.signal(signal.SIGINT, before)
    assert (outcome.exit_code, outcome.output, path.exists()) == (0, "", False)


async def test_a_socket_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    for place in (tmp_path / "nowhere" / "s", tmp_path / ("s" * 120)):
        with pytest.raises(RpcError) as refused:
            await serve_socket(Service(Settings(tmp_path)), place)
        assert str(place) in str(refused.value)


async def test_what_stays_of_a_socket_after_a_kill_is_no_hindrance(tmp_path: Path) -> None:
    path = tmp_path / "s"
    server = await asyncio.start_unix_server(lambda _r, _w: None, path)
    server.close()
    await server.wait_closed()
    if not path.exists():  # later versions of Python remove it with the server
        path.touch()
        path.unlink()
    service = Service(Settings(tmp_path))
    service.over.set()
    await serve_socket(service, path)
    assert not path.exists()


async def test_http_answers_who_shows_the_token_and_nobody_else(tmp_path: Path) -> None:
    service = Service(Settings(tmp_path))
    told: asyncio.Future[tuple[str, str]] = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(serve_http(service, 0, lambda url, token: told.set_result((url, token))))
    url, token = await asyncio.wait_for(told, 20)
    right = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    wrong = {
        401: {**right, "Authorization": "Bearer guessed"},
        403: {**right, "Origin": "https://page.example"},
        421: {**right, "Host": "page.example"},
        415: {**right, "Content-Type": "text/plain"},
    }
    async with aiohttp.ClientSession() as session:
        for status, headers in wrong.items():
            async with session.post(f"{url}/v1/rpc", data=VERSION, headers=headers) as refused:
                assert refused.status == status
        async with session.post(f"{url}/v1/rpc", data=VERSION, headers=right) as answer:
            assert (await answer.json())["result"]["name"] == "foreseal"
        async with session.post(f"{url}/v1/rpc", data=b"nonsense", headers=right) as answer:
            assert (await answer.json())["error"]["code"] == Code.PARSE
        service.journal.add("a", TroubleNotice("first"))
        service.journal.add("a", TroubleNotice("second"))
        async with session.get(f"{url}/v1/events", headers=right | {"Last-Event-ID": "1"}) as events:
            seen = b""
            while b"second" not in seen:
                seen += await events.content.readany()
            assert b"event: ready" in seen
            assert b"id: 2\nevent: receive" in seen
            assert b"first" not in seen
        for asked, status in (("9", 410), ("x", 400)):
            async with session.get(f"{url}/v1/events?since={asked}", headers=right) as refused:
                assert refused.status == status
        async with session.post(f"{url}/v1/rpc", data=SHUTDOWN, headers=right) as answer:
            assert answer.status == 200
    await asyncio.wait_for(serving, 20)


def test_what_cannot_be_started_is_one_sentence_and_an_exit_code(tmp_path: Path) -> None:
    tries: list[tuple[list[str], int]] = [
        (["--stdio"], 2), (["--profiles", str(tmp_path)], 2), (["--stdio", "--http", "0", "--profiles", "x"], 2),
        (["--stdio", "--profile", str(tmp_path / "none")], Code.FAILED),
    ]  # fmt: skip
    for arguments, code in tries:
        ran = CliRunner().invoke(rpc, arguments)
        assert (ran.exit_code, ran.stdout) == (code, ""), ran.output
        assert "Error: " in ran.stderr
        assert isinstance(ran.exception, SystemExit)
