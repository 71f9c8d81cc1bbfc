"""The HTTP face under attack: each is answered in one line that says why, nothing is printed, the next is served."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest

from foreseal_client.rpc.lines import MAX_LINE
from foreseal_client.rpc.service import Service, Settings
from foreseal_client.rpc.web import MAX_STREAMS, serve_http

CALL = b'{"jsonrpc": "2.0", "id": 1, "method": "version"}'


class Answer(NamedTuple):
    status: int
    body: bytes


class Face:
    """A client's HTTP face, spoken to byte by byte."""

    def __init__(self, url: str, token: str) -> None:
        self.port = urlsplit(url).port or 0
        self.token = token

    async def connect(self, data: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(data)
        return reader, writer

    async def ask(self, data: bytes) -> Answer:
        reader, writer = await self.connect(data)
        async with asyncio.timeout(20):
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", head.lower())
            body = await reader.readexactly(0 if length is None else int(length[1]))
        writer.close()
        return Answer(int(head.split()[1]), body)

    def post(self, body: bytes = CALL, *more: bytes, length: int | None = None, **other: bytes) -> bytes:
        lines = {
            b"Host": b"127.0.0.1:%d" % self.port, b"Authorization": b"Bearer " + self.token.encode(),
            b"Content-Type": b"application/json", b"Content-Length": b"%d" % (len(body) if length is None else length),
        }  # fmt: skip
        lines |= {name.encode(): value for name, value in other.items()}
        head = [b"%s: %s" % line for line in lines.items()] + list(more)
        return b"POST /v1/rpc HTTP/1.1\r\n" + b"\r\n".join(head) + b"\r\n\r\n" + body

    def events(self, since: bytes = b"0") -> bytes:
        get = b"GET /v1/events?since=" + since + b" HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
        return get + self.token.encode() + b"\r\n\r\n"


@asynccontextmanager
async def served(folder: Path) -> AsyncIterator[Face]:
    service = Service(Settings(folder))
    told: asyncio.Future[Face] = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(serve_http(service, 0, lambda url, token: told.set_result(Face(url, token))))
    yield await told
    service.over.set()
    await serving


async def test_who_is_not_let_in_learns_nothing_whatever_the_header_is_made_of(tmp_path: Path) -> None:
    async with served(tmp_path) as face:
        token = face.token.encode()
        for shown in (b"", b"Bearer", b"Bearer \xff\xfe", b"Bearer " + token[:-1], b"Basic " + token, token):
            assert (await face.ask(face.post(Authorization=shown))).status == 401, shown
        for host in (b"", b"127.0.0.1.evil.example", b"localhost:80:evil", b"evil.example:%d" % face.port, b"\xff"):
            assert (await face.ask(face.post(Host=host))).status == 421, host
        for origin in (b"null", b"", b"http://localhost", b"http://127.0.0.1:%d" % face.port):
            assert (await face.ask(face.post(Origin=origin))).status == 403, origin
        assert (await face.ask(face.post())).status == 200


async def test_what_is_no_request_is_an_error_of_its_own_and_prints_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    deep = b"[" * 20_000 + b"]" * 20_000
    wrong = {
        b'{"jsonrpc": "2.0", "id": 1, "method": "register", "params": {"wait": NaN}}': b"-32700",
        b'{"jsonrpc": "2.0", "id": 1, "method": "connect", "params": {"wait": 1e999}}': b"-32602",
        b'{"jsonrpc": "2.0", "id": 1, "method": "version", "params": ' + deep + b"}": b"-32700",
        b'{"jsonrpc": "2.0", "id": 1, "method": "version", "more": ' + deep + b"}": b"-32700",
        b'{"jsonrpc": "2.0", "id": 1, "method": "checkLink", "params": {"link": "\xff"}}': b"-32700",
        b'{"jsonrpc": "2.0", "id": 1, "method": "checkLink", "params": {"link": "\\ud800"}}': b"-32700",
        b"[" + CALL + b"]": b"-32600",
        b'{"jsonrpc": "2.0", "id": 1.5, "method": "version"}': b"-32600",
        b"\x00" * 1000: b"-32700",
        b"": b"-32700",
    }
    async with served(tmp_path) as face:
        for body, code in wrong.items():
            status, told = await face.ask(face.post(body))
            assert (status, b'"code":%s,' % code in told) == (200, True), (body[:60], told)
        assert await face.ask(face.post(b'{"jsonrpc": "2.0", "method": "version"}')) == (204, b"")
        twice = b'{"jsonrpc": "2.0", "id": 1, "id": 2, "method": "shutdown", "method": "version"}'
        told = (await face.ask(face.post(twice))).body
        assert b'"id":2,"result":{"name"' in told, "of a key given twice the last counts"
        assert (await face.ask(face.post(length=MAX_LINE + 1))).status == 413, "refused before it comes"
    assert capfd.readouterr() == ("", "")


async def test_what_is_no_http_ends_its_connection_alone_and_prints_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    async with served(tmp_path) as face:
        chunked = face.post(b"zz\r\n", b"Transfer-Encoding: chunked").replace(b"Content-Length", b"X-Length")
        for data in (
            b"\x16\x03\x01" * 50, b"nonsense\r\n\r\n", chunked, face.post(CALL, b"Transfer-Encoding: chunked"),
            face.post(CALL, b"Host: evil.example"), face.post(CALL, b"X: " + b"a" * 100_000),
        ):  # fmt: skip
            assert (await face.ask(data)).status == 400, data[:60]
        broken, writer = await face.connect(face.post(length=1000))
        writer.transport.abort()
        await broken.read()
        assert (await face.ask(face.post())).status == 200
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("since", "status"), [(b"-1", 410), (b"99", 410), (b"x", 400), (b"9" * 5000, 400), (b"1e3", 400), (b"%FF", 400)]
)
async def test_events_that_cannot_be_replayed_are_refused(tmp_path: Path, since: bytes, status: int) -> None:
    async with served(tmp_path) as face:
        assert (await face.ask(face.events(since))).status == status


async def test_many_slow_bodies_and_streams_hold_up_nobody_and_streams_are_counted(tmp_path: Path) -> None:
    async with served(tmp_path) as face:
        slow = [await face.connect(face.post(length=1000)) for _ in range(100)]
        streams = [await face.connect(face.events()) for _ in range(MAX_STREAMS)]
        for reader, _ in streams:
            assert b"200 OK" in await reader.readuntil(b"\r\n\r\n")
        assert (await face.ask(face.events())).status == 429
        assert (await face.ask(face.post())).status == 200
        for _, writer in (*slow, *streams):
            writer.transport.abort()
        async with asyncio.timeout(20):
            while (await face.ask(face.events(b"x"))).status == 429:
                pass  # until the server has seen that they are gone
