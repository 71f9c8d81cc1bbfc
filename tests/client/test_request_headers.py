"""What a request says beside what it asks for: the same on every device, so that none is known again by it."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import web

from evil_relay import relay
from foreseal_client.errors import ClientError
from foreseal_client.relay_link import SocketLink
from relay_peer import Owner

ALICE = Owner("alice")
OF_ALL = {"Connection", "Host", "User-Agent"}
OF_SOCKETS = OF_ALL | {"Sec-WebSocket-Key", "Sec-WebSocket-Version", "Upgrade"}
OF_UPLOADS = OF_ALL | {"Content-Length", "Content-Type", "Foreseal-Tokens"}
Ask = Callable[[SocketLink, Path], Awaitable[object]]


async def inbox(link: SocketLink, _: Path) -> None:
    async with link.inbox(ALICE.public, 0, ALICE.key.sign):
        pass


async def upload(link: SocketLink, folder: Path) -> None:
    (folder / "sealed").write_bytes(b"sealed")
    await link.put_blob(bytes(16), folder / "sealed", tokens=[bytes(128)])


async def the_rest_of_a_blob(link: SocketLink, folder: Path) -> None:
    (folder / "fetched").write_bytes(b"sea")
    await link.get_blob(bytes(16), 6, folder / "fetched")


@pytest.mark.parametrize(
    ("ask", "names"),
    [
        pytest.param(inbox, OF_SOCKETS, id="inbox"),
        pytest.param(lambda link, _: link.fetch_bundle(bytes(16), bytes(32)), OF_SOCKETS, id="drop"),
        pytest.param(lambda link, _: link.issuer(), OF_ALL, id="issuer"),
        pytest.param(lambda link, _: link.directory.find("alice", 0), OF_ALL, id="directory"),
        pytest.param(lambda link, folder: link.get_blob(bytes(16), 6, folder / "fetched"), OF_ALL, id="download"),
        pytest.param(the_rest_of_a_blob, OF_ALL | {"Range"}, id="rest"),
        pytest.param(upload, OF_UPLOADS, id="upload"),
    ],
)
async def test_it_says_nothing_of_the_device_or_its_libraries(tmp_path: Path, ask: Ask, names: set[str]) -> None:
    said: list[web.Request] = []

    async def listen(request: web.Request) -> web.StreamResponse:
        said.append(request)
        return web.Response(status=404 if request.method == "HEAD" else 503)

    async with relay(listen) as link:
        with contextlib.suppress(ClientError):
            await ask(link, tmp_path)
    assert set(said[-1].headers) == names
    assert {request.headers["User-Agent"] for request in said} == {"foreseal"}
