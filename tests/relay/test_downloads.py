"""Files on their way: so many at once, and not for ever to somebody who does not read."""

from __future__ import annotations

import asyncio
import io
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest

from foreseal_relay.serving import Settings, serving

ID = "ab" * 16
CONTENT = bytes(24 << 20)  # more than the sockets of both sides hold
BLOB, LIST = f"/v1/blobs/{ID}", "/lists/targets/all.bin"


@pytest.fixture(params=[BLOB, LIST])
def path(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def relay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    monkeypatch.setattr("foreseal_relay.blob_routes.MAX_BLOB_DOWNLOADS", 1)
    monkeypatch.setattr("foreseal_relay.list_routes.MAX_LIST_DOWNLOADS", 1)
    for folder in ("metadata", "targets"):
        (tmp_path / "lists" / folder).mkdir(parents=True)
    (tmp_path / "lists" / "targets" / "all.bin").write_bytes(CONTENT)
    async with serving(Settings(tmp_path / "data", lists=tmp_path / "lists", free_blobs=True)) as (url, _):
        async with aiohttp.ClientSession() as http, http.put(url + BLOB, data=io.BytesIO(CONTENT)) as answer:
            assert answer.status == 201
        yield url


class Idle:
    """Asks for a file, reads how the answer begins, and then nothing."""

    def __init__(self, url: str, path: str) -> None:
        self._at, self._path = urlsplit(url), path
        self.socket = socket.socket()

    async def __aenter__(self) -> Idle:
        loop = asyncio.get_running_loop()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.setblocking(False)
        await loop.sock_connect(self.socket, (self._at.hostname, self._at.port))
        await loop.sock_sendall(self.socket, f"GET {self._path} HTTP/1.1\r\nHost: relay\r\n\r\n".encode())
        assert (await loop.sock_recv(self.socket, 12)) == b"HTTP/1.1 200"
        return self

    async def __aexit__(self, *_: object) -> None:
        self.socket.close()

    async def the_rest(self) -> int:
        """How many bytes more come, until the connection is cut."""
        loop, count = asyncio.get_running_loop(), 0
        try:
            while some := await loop.sock_recv(self.socket, 1 << 20):
                count += len(some)
        except ConnectionError:
            pass
        return count


async def status_of(url: str) -> tuple[int, str | None]:
    async with aiohttp.ClientSession() as http, http.get(url) as answer:
        return answer.status, answer.headers.get("Retry-After")


async def a_place(url: str) -> None:
    """Asks until there is one."""
    while (await status_of(url))[0] == 503:
        pass


async def test_while_all_places_are_taken_others_are_told_when_to_ask_again(relay: str, path: str) -> None:
    async with asyncio.timeout(20):
        async with Idle(relay, path):
            assert await status_of(relay + path) == (503, "2")
            other = LIST if path == BLOB else BLOB
            assert (await status_of(relay + other))[0] == 200, "blobs and lists do not take each other's places"
        await a_place(relay + path)


async def test_who_does_not_read_is_cut_off_and_gives_up_the_place(
    relay: str, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("foreseal_relay.downloads.DOWNLOAD_IDLE", 0.2)
    monkeypatch.setattr("foreseal_relay.downloads.DOWNLOAD_RATE", 2**60)
    async with asyncio.timeout(20), Idle(relay, path) as idle:
        monkeypatch.undo()
        await a_place(relay + path)
        assert await idle.the_rest() < len(CONTENT)
