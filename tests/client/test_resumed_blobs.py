"""The client goes on with what broke off, and believes a relay nothing that it can find out for itself."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import re
import secrets
from pathlib import Path

import pytest
from aiohttp import web

from evil_relay import relay
from foreseal_client.errors import PeerFaultError, RelayRefusedError, RelayUnreachableError
from foreseal_client.relay_blobs import RESUMED_FROM

ID = bytes(16)
CONTENT = secrets.token_bytes(RESUMED_FROM + 500_000)


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    path = tmp_path / "sealed"
    path.write_bytes(CONTENT)
    return path


class Shelf:
    """A relay's blob, served as it should be, but that each answer is cut off after `upto` bytes."""

    def __init__(self, upto: int) -> None:
        self.upto = upto
        self.starts: list[int] = []

    async def answer(self, request: web.Request) -> web.StreamResponse:
        found = re.fullmatch(r"bytes=(\d+)-", request.headers.get("Range", ""))
        start = int(found[1]) if found else 0
        rest = CONTENT[start:]
        served = web.StreamResponse(status=206 if found else 200)
        served.content_length = len(rest)
        served.headers["Content-Range"] = f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}"
        await served.prepare(request)
        piece = rest[: self.upto]
        self.starts.append(start)
        await served.write(piece)
        if len(piece) < len(rest):
            assert request.transport is not None
            request.transport.close()
        return served


async def test_a_download_goes_on_where_it_broke_off(tmp_path: Path) -> None:
    """No answer is long enough for all of it: only going on comes to an end."""
    shelf, got, told = Shelf(600_000), tmp_path / "got", list[int]()
    async with relay(shelf.answer) as link:
        # How much of an answer that was cut off comes through is for the system to say, at times very little.
        for _ in range(200):
            with contextlib.suppress(RelayUnreachableError):
                await link.get_blob(ID, len(CONTENT), got, told.append)
                break
        asked = len(shelf.starts)
        await link.get_blob(ID, len(CONTENT), got, told.append)  # all of it is here: nobody is asked
    assert got.read_bytes() == CONTENT
    assert len(shelf.starts) == asked > 1
    assert shelf.starts == sorted(shelf.starts)
    assert shelf.starts[-1] > 0
    assert told == sorted(told)
    assert told[-1] == len(CONTENT)


async def test_a_relay_without_ranges_is_read_from_the_beginning(tmp_path: Path) -> None:
    async def whole(_request: web.Request) -> web.StreamResponse:
        return web.Response(body=CONTENT)

    (tmp_path / "got").write_bytes(b"what came before")
    async with relay(whole) as link:
        await link.get_blob(ID, len(CONTENT), tmp_path / "got")
    assert (tmp_path / "got").read_bytes() == CONTENT


async def test_a_range_that_begins_elsewhere_is_not_stitched_to_what_is_here(tmp_path: Path) -> None:
    async def elsewhere(_request: web.Request) -> web.StreamResponse:
        told = {"Content-Range": f"bytes 0-9/{len(CONTENT)}"}
        return web.Response(status=206, body=CONTENT[:10], headers=told)

    (tmp_path / "got").write_bytes(CONTENT[:-10])
    async with relay(elsewhere) as link:
        with pytest.raises(PeerFaultError):
            await link.get_blob(ID, len(CONTENT), tmp_path / "got")
    assert not (tmp_path / "got").exists()


async def test_more_than_was_promised_is_not_kept(tmp_path: Path) -> None:
    async def endless(_request: web.Request) -> web.StreamResponse:
        return web.Response(body=CONTENT)

    async with relay(endless) as link:
        with pytest.raises(PeerFaultError, match="another length"):
            await link.get_blob(ID, 10, tmp_path / "got")
    assert not (tmp_path / "got").exists()


class Taker:
    """A relay that says it has so much of a blob, and takes the rest."""

    def __init__(self, has: int | str, *, complete: bool = False, answers: int = 201) -> None:
        self.has = has
        self.complete = complete
        self.answers = answers
        self.taken: list[tuple[str, str | None, bytes]] = []
        self.digest = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if request.method == "HEAD":
            told = {"Upload-Offset": str(self.has), "Upload-Complete": "?1" if self.complete else "?0"}
            return web.Response(status=200 if self.has else 404, headers=told)
        body = b"".join([piece async for piece in request.content.iter_any()])
        self.taken.append((request.method, request.headers.get("Upload-Offset"), body))
        self.digest = request.headers.get("Repr-Digest", "")
        return web.Response(status=self.answers)


@pytest.mark.parametrize("has", [0, 1, 700_000, len(CONTENT) - 1])
async def test_an_upload_goes_on_where_the_relay_has_it(sealed: Path, has: int) -> None:
    taker = Taker(has)
    async with relay(taker.answer) as link:
        await link.put_blob(ID, sealed)
    assert taker.taken == [("PATCH", str(has), CONTENT[has:])]
    assert taker.digest == f"sha-256=:{base64.b64encode(hashlib.sha256(CONTENT).digest()).decode()}:"


@pytest.mark.parametrize("has", [len(CONTENT), len(CONTENT) + 1, 10**11])
async def test_a_relay_that_has_more_than_there_is_gets_it_from_the_beginning(sealed: Path, has: int) -> None:
    taker = Taker(has)
    async with relay(taker.answer) as link:
        await link.put_blob(ID, sealed)
    assert taker.taken == [("PATCH", "0", CONTENT)]


@pytest.mark.parametrize("has", ["", "-1", "x", "9" * 40, "\u0663"])
async def test_a_relay_that_says_something_odd_is_tried_again_later(sealed: Path, has: str) -> None:
    taker = Taker(has or "?")
    async with relay(taker.answer) as link:
        with pytest.raises(RelayRefusedError) as caught:
            await link.put_blob(ID, sealed)
    assert not caught.value.is_final
    assert taker.taken == []


async def test_what_is_there_already_is_not_sent_again(sealed: Path) -> None:
    taker = Taker(len(CONTENT), complete=True)
    async with relay(taker.answer) as link:
        await link.put_blob(ID, sealed)
    assert taker.taken == []


async def test_an_id_that_is_taken_by_something_else_is_final(sealed: Path) -> None:
    async with relay(Taker(5, complete=True).answer) as link:
        with pytest.raises(RelayRefusedError) as caught:
            await link.put_blob(ID, sealed)
    assert caught.value.is_final


async def test_an_upload_that_was_damaged_at_the_relay_is_tried_again(sealed: Path) -> None:
    async with relay(Taker(5, answers=422).answer) as link:
        with pytest.raises(RelayRefusedError) as caught:
            await link.put_blob(ID, sealed)
    assert not caught.value.is_final


async def test_a_short_blob_is_put_in_one_go(tmp_path: Path) -> None:
    (tmp_path / "short").write_bytes(b"short")
    taker = Taker(3)
    async with relay(taker.answer) as link:
        await link.put_blob(ID, tmp_path / "short")
    assert taker.taken == [("PUT", None, b"short")]
