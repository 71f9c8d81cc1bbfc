"""The page on loopback: who is answered, with what, and what becomes of the programs behind its windows."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import aiohttp
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from foreseal_client.cli.demo import demo
from foreseal_client.loopback import is_same_token, names_this_machine, new_token
from foreseal_client.tui.in_browser import PipeDriver
from foreseal_client.web.server import MissingKit, page_kit, serve_page
from foreseal_client.web.windows import MAX_TYPED, MAX_WINDOWS

ECHO = """
import sys
out, heard = sys.stdout.buffer, sys.stdin.buffer
out.write(b"__GANGLION__\\n")
while header := heard.read(5):
    out.write(header + heard.read(int.from_bytes(header[1:], "big")))
    out.flush()
"""
"""Draws what is typed. What it is told of its size it says as what is no drawing, and nobody is to see that."""
SILENT = "print('no screen at all')"


def kit(folder: Path) -> Mapping[str, Path]:
    """A page's files that stand in for those of the package."""
    for path in ("js/textual.js", "css/xterm.css", "fonts/RobotoMono-VariableFont_wght.ttf"):
        (folder / "static" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "static" / path).write_text(path)
    return page_kit(folder)


@asynccontextmanager
async def served(folder: Path, program: str = ECHO) -> AsyncIterator[tuple[str, aiohttp.ClientSession]]:
    told: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    over = asyncio.Event()
    serving = asyncio.create_task(serve_page([sys.executable, "-c", program], kit(folder), 0, over, told.set_result))
    try:
        async with aiohttp.ClientSession() as session:
            yield await asyncio.wait_for(told, 60), session
    finally:
        over.set()
        await asyncio.wait_for(serving, 60)


async def room(address: str, session: aiohttp.ClientSession) -> None:
    """Returns once there is room for another window: one that is closed ends its program first."""
    async with asyncio.timeout(60):
        while True:
            async with session.get(address) as answer:
                if answer.status == 200:
                    return


def origin(address: str) -> str:
    return address[: address.index("/", len("http://"))]


async def test_who_has_the_whole_address_gets_the_page_and_nobody_else_does(tmp_path: Path) -> None:
    async with served(tmp_path) as (address, session):
        here = origin(address)
        port = here.rpartition(":")[2]
        refused: list[tuple[int, str, dict[str, str]]] = [
            (403, here + "/", {}),
            (403, here + "//", {}),
            (403, address[:-2] + "/", {}),
            (403, here + "/%ff%00/", {}),
            (421, address, {"Host": "page.example"}),
            (421, address, {"Host": f"page.example:{port}"}),
            (421, address, {"Host": "127.0.0.1.page.example"}),
            (403, address, {"Origin": "http://page.example"}),
            (403, address, {"Origin": "null"}),
            (403, address, {"Origin": f"https://127.0.0.1:{port}"}),
            (403, address, {"Origin": "http://127.0.0.1:1"}),
            (404, address + "server.py", {}),
            (404, address + "..%2f__init__.py", {}),
        ]  # fmt: skip
        for status, url, headers in refused:
            async with session.get(url, headers=headers) as answer:
                assert (answer.status, answer.content_type) == (status, "text/plain"), url
                assert address.split("/")[3] not in await answer.text()
                assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        async with session.get(here + "/") as answer:
            assert "Copy all of the line" in await answer.text()
        for name in ("", "page.js", "page.css", "textual.js", "xterm.css", "mono.ttf"):
            async with session.get(address + name, headers={"Origin": here}) as answer:
                assert answer.status == 200, name
                assert answer.headers["Referrer-Policy"] == "no-referrer"
                assert b"//" not in (await answer.read()).replace(b"// ", b""), "nothing of ours names another site"


async def test_a_socket_is_opened_by_this_page_alone(tmp_path: Path) -> None:
    async with served(tmp_path) as (address, session):
        right = {"Origin": origin(address)}
        wrong: list[tuple[str, dict[str, str], int]] = [
            (address, {}, 403),
            (address, {"Origin": "http://page.example"}, 403),
            (address, {"Origin": "http://localhost:1"}, 403),
            (address, right | {"Host": "page.example"}, 421),
            (origin(address) + "/guessed/", right, 403),
        ]
        for url, headers, status in wrong:
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await session.ws_connect(url + "socket", headers=headers)
            assert refused.value.status == status
        async with session.ws_connect(address + "socket?width=80&height=x", headers=right) as socket:
            for said in (["resize", {"width": 10**9, "height": -1}], ["blur"], ["stdin", "é \ud800 "], ["ping", "7"]):
                await socket.send_str(json.dumps(said))
            told = [await socket.receive() for _ in range(2)]
            assert {one.type for one in told} == {aiohttp.WSMsgType.BINARY, aiohttp.WSMsgType.TEXT}
            assert {one.data for one in told} == {"é ? ".encode(), '["pong", "7"]'}


async def test_what_the_script_of_the_page_would_not_say_closes_the_window(tmp_path: Path) -> None:
    async with served(tmp_path) as (address, session):
        for said in ("{", "7", "[]", '["stdin", 7]x', "[" * 5000, '["stdin", "' + "x" * MAX_TYPED + '"]', b"\x00"):
            await room(address, session)
            async with session.ws_connect(address + "socket", headers={"Origin": origin(address)}) as socket:
                await (socket.send_bytes(said) if isinstance(said, bytes) else socket.send_str(said))
                assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE, said


async def test_only_a_few_windows_are_open_and_a_closed_one_makes_room(tmp_path: Path) -> None:
    async with served(tmp_path) as (address, session):
        right = {"Origin": origin(address)}
        windows = [await session.ws_connect(address + "socket", headers=right) for _ in range(MAX_WINDOWS)]
        async with session.get(address) as answer:
            assert answer.status == 503
            assert "Close one" in await answer.text()
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(address + "socket", headers=right)
        await windows.pop().close()
        await room(address, session)


async def test_a_program_that_draws_nothing_ends_its_window(tmp_path: Path) -> None:
    async with (
        served(tmp_path, SILENT) as (address, session),
        session.ws_connect(address + "socket", headers={"Origin": origin(address)}) as socket,
    ):
        assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE


async def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    async with served(tmp_path) as (address, _):
        port = origin(address).rpartition(":")[2]
        ran = await asyncio.to_thread(CliRunner().invoke, demo, ["--web", "--port", port])
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert f"Port {port} is taken. Choose another" in ran.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--web", "--json"], "--web goes with --scenario"),
        (["--web", "--script"], "--web goes with --scenario"),
        (["--web", "--list"], "--web goes with --scenario"),
        (["--web", "--send", __file__], "--web goes with --scenario"),
        (["--web", "--scenario", "nope"], "There is no scenario 'nope'"),
        (["--port", "8000"], "--port goes with --web"),
        (["--web", "--port", "70000"], "65535"),
    ],
)
def test_what_does_not_go_together_is_said_in_a_sentence(arguments: list[str], said: str) -> None:
    ran = CliRunner().invoke(demo, arguments)
    assert ran.exit_code == 2
    assert said in ran.stderr


def test_a_window_that_nobody_reads_any_more_is_drawn_to_without_a_fault() -> None:
    read, write = os.pipe()
    os.close(read)
    driver = object.__new__(PipeDriver)  # its maker wants a running screen
    driver._write = partial(os.write, write)
    driver.write("what nobody sees")
    os.close(write)


def test_a_package_without_the_files_of_the_page_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingKit, match=r"textual-serve has no textual\.js"):
        page_kit(tmp_path)


def test_without_the_extra_the_command_that_installs_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "textual_serve", None)
    ran = CliRunner().invoke(demo, ["--web"])
    assert ran.exit_code == 1
    assert "pip install 'foreseal[web]'" in ran.stderr


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8000", "localhost", "localhost:1", "[::1]", "[::1]:1"])
def test_a_name_of_this_machine_is_known(host: str) -> None:
    assert names_this_machine(host)


@given(st.one_of(st.text(max_size=20), st.sampled_from(["127.0.0.1:", "localhost:x", "127.0.0.1:1:2", "", ":1", "0"])))
def test_no_other_name_is(host: str) -> None:
    assert not names_this_machine(host)


@given(st.text(max_size=60))
def test_no_other_token_is_the_same(shown: str) -> None:
    token = new_token()
    assert is_same_token(token, token)
    assert not is_same_token(shown, token)
