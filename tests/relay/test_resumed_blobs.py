"""Uploads that break off are gone on with, and what they come to is what the sender says it is."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
import secrets
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from foreseal_relay.blobs import Blobs
from foreseal_relay.limits import BLOB_DAYS, DAY, HOUR, PARTIAL_HOURS
from foreseal_relay.store import SqliteStore
from foreseal_relay.uploads import Put, Reached
from foreseal_relay.wire import MAX_BLOB
from relay_peer import NOON, Running

ID = "0123456789abcdef" * 2
KEY = bytes.fromhex(ID)
CONTENT = secrets.token_bytes(300_000)
PARTIAL = f"upload-{ID}.partial"


@pytest.fixture
async def http(running: Running) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(running.url) as session:
        yield session


@pytest.fixture
async def blobs(tmp_path: Path, store: SqliteStore) -> Blobs:
    made = Blobs(store, tmp_path / "blobs", capacity=1_000_000)
    await made.open()
    return made


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def broken(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part
    raise ConnectionResetError


async def part(
    blobs: Blobs, offset: int, source: AsyncIterator[bytes], *, last: bool = True, sha256: bytes | None = None
) -> Put:
    return await blobs.append(KEY, offset, source, NOON, last=last, sha256=sha256)


async def broken_off(blobs: Blobs, length: int = 1000) -> None:
    with pytest.raises(ConnectionResetError):
        await part(blobs, 0, broken(CONTENT[:length]))


def headers(offset: int, *, last: bool = True, whole: bytes = CONTENT) -> dict[str, str]:
    digest = base64.b64encode(hashlib.sha256(whole).digest()).decode()
    complete = "?1" if last else "?0"
    return {"Upload-Offset": str(offset), "Upload-Complete": complete, "Repr-Digest": f"sha-256=:{digest}:"}


async def patch(http: aiohttp.ClientSession, content: bytes, told: dict[str, str]) -> tuple[int, str | None]:
    async with http.patch(f"/v1/blobs/{ID}", data=content, headers=told) as answer:
        return answer.status, answer.headers.get("Upload-Offset")


async def reached(http: aiohttp.ClientSession) -> tuple[int, str | None, str | None]:
    async with http.head(f"/v1/blobs/{ID}") as answer:
        return answer.status, answer.headers.get("Upload-Offset"), answer.headers.get("Upload-Complete")


async def test_an_upload_in_pieces_comes_back_byte_for_byte(http: aiohttp.ClientSession) -> None:
    assert await reached(http) == (404, None, None)
    assert (await patch(http, CONTENT[:1000], headers(0, last=False)))[0] == 204
    assert await reached(http) == (200, "1000", "?0")
    async with http.get(f"/v1/blobs/{ID}") as answer:
        assert answer.status == 404  # nobody reads half of one
    assert (await patch(http, CONTENT[1000:], headers(1000)))[0] == 201
    assert await reached(http) == (200, str(len(CONTENT)), "?1")
    async with http.get(f"/v1/blobs/{ID}") as answer:
        assert await answer.read() == CONTENT


async def test_a_connection_that_breaks_off_leaves_what_it_brought(
    running: Running, http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("foreseal_relay.limits.UPLOAD_IDLE", 1000.0)  # the relay would wait for long
    told = "\r\n".join(f"{name}: {value}" for name, value in headers(0).items())
    _, writer = await asyncio.open_connection("127.0.0.1", int(running.url.rpartition(":")[2]))
    writer.write(
        f"PATCH /v1/blobs/{ID} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(CONTENT)}\r\n{told}\r\n\r\n".encode()
        + CONTENT[:100_000]
    )
    await writer.drain()
    async with asyncio.timeout(20):
        path = running.data / "blobs" / PARTIAL
        while not (path.exists() and path.stat().st_size == 100_000):  # noqa: ASYNC110
            await asyncio.sleep(0)
    # Not closed: half open, as when a phone changes its network. Whoever asks next ends it.
    async with asyncio.timeout(20):
        assert await reached(http) == (200, "100000", "?0")
    assert (await patch(http, CONTENT[100_000:], headers(100_000)))[0] == 201
    writer.transport.abort()
    async with http.get(f"/v1/blobs/{ID}") as answer:
        assert await answer.read() == CONTENT


@pytest.mark.parametrize("offset", [0, 999, 1001, MAX_BLOB])
async def test_what_does_not_go_on_where_it_broke_off_is_refused_with_the_place(
    http: aiohttp.ClientSession, offset: int
) -> None:
    await patch(http, CONTENT[:1000], headers(0, last=False))
    status, told = await patch(http, b"x", headers(offset))
    assert (status, told) == ((409, "1000") if offset < MAX_BLOB else (413, None))
    assert await reached(http) == (200, "1000", "?0")


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"Upload-Offset": "0"},
        {"Upload-Complete": "?1"},
        {"Upload-Offset": "-1", "Upload-Complete": "?1"},
        {"Upload-Offset": "\u0663", "Upload-Complete": "?1"},
        {"Upload-Offset": "9" * 30, "Upload-Complete": "?1"},
        {"Upload-Offset": "0", "Upload-Complete": "yes"},
    ],
)
async def test_a_patch_that_does_not_say_where_it_goes_is_refused(
    running: Running, http: aiohttp.ClientSession, told: dict[str, str]
) -> None:
    assert (await patch(http, CONTENT, told))[0] == 400
    assert list((running.data / "blobs").iterdir()) == []


async def test_what_is_not_what_its_sender_says_is_thrown_away_whole(
    running: Running, http: aiohttp.ClientSession
) -> None:
    await patch(http, b"damaged on a disk", headers(0, last=False))
    assert (await patch(http, CONTENT[17:], headers(17)))[0] == 422
    assert list((running.data / "blobs").iterdir()) == []
    assert (await patch(http, CONTENT, headers(0)))[0] == 201


async def test_all_of_it_again_is_fine_and_more_of_it_conflicts(http: aiohttp.ClientSession) -> None:
    await patch(http, CONTENT, headers(0))
    assert (await patch(http, b"", headers(len(CONTENT))))[0] == 200
    assert (await patch(http, b"x", headers(0)))[0] == 409


async def test_what_broke_off_is_there_after_a_restart_and_counts(blobs: Blobs, tmp_path: Path) -> None:
    await broken_off(blobs, 1000)
    again = Blobs(blobs._store, tmp_path / "blobs", capacity=2000)
    await again.open()
    assert await again.reached(KEY, NOON) == Reached(1000, complete=False)
    assert await part(again, 1000, chunks(bytes(1001))) is Put.FULL
    assert await again.reached(KEY, NOON) == Reached(1000, complete=False)
    assert await part(again, 1000, chunks(CONTENT[1000:2000])) is Put.CREATED


async def test_what_nobody_goes_on_with_is_gone_after_a_day_and_leaves_room(blobs: Blobs, tmp_path: Path) -> None:
    await broken_off(blobs)
    assert await blobs.expire(NOON + (PARTIAL_HOURS - 1) * HOUR) == 0
    assert await blobs.expire(NOON + (PARTIAL_HOURS + 1) * HOUR) == 1
    assert await blobs.reached(KEY, NOON) is None
    assert await part(blobs, 0, chunks(bytes(1_000_000))) is Put.CREATED


async def test_the_time_of_what_broke_off_says_no_more_than_the_hour(blobs: Blobs, tmp_path: Path) -> None:
    await broken_off(blobs)
    assert (tmp_path / "blobs" / PARTIAL).stat().st_mtime == NOON // HOUR * HOUR


async def test_only_so_many_may_wait(blobs: Blobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("foreseal_relay.blobs.MAX_PARTIALS", 1)
    await broken_off(blobs)
    other = bytes(16)
    assert await blobs.append(other, 0, chunks(b"x"), NOON, last=True, sha256=None) is Put.FULL
    assert await part(blobs, 1000, chunks(b"x")) is Put.CREATED


async def test_whatever_ended_leaves_its_place_and_what_broke_off_keeps_it_over_a_restart(
    blobs: Blobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("foreseal_relay.blobs.MAX_PARTIALS", 1)
    for number, ending in enumerate((Put.CREATED, Put.ALTERED, Put.EMPTY)):
        sha256 = bytes(32) if ending is Put.ALTERED else None
        source = chunks() if ending is Put.EMPTY else chunks(CONTENT)
        assert await blobs.append(bytes([number]) * 16, 0, source, NOON, last=True, sha256=sha256) is ending
    await broken_off(blobs)
    again = Blobs(blobs._store, tmp_path / "blobs")
    await again.open()
    assert await again.append(b"o" * 16, 0, chunks(b"x"), NOON, last=False, sha256=None) is Put.FULL
    assert await again.expire(NOON + (PARTIAL_HOURS + 1) * HOUR) == 1
    assert await again.append(b"o" * 16, 0, chunks(b"x"), NOON, last=False, sha256=None) is Put.KEPT


async def test_two_that_upload_one_blob_at_once_do_not_mix(blobs: Blobs) -> None:
    """Both have asked how far it is before either began."""

    async def in_pieces(content: bytes) -> AsyncIterator[bytes]:
        for place in range(0, len(content), 1000):
            yield content[place : place + 1000]
            await asyncio.sleep(0)

    pair = (bytes(20_000), b"\xff" * 20_000)
    uploads = [asyncio.create_task(part(blobs, 0, in_pieces(content))) for content in pair]
    await asyncio.wait(uploads)
    # The later one ended the earlier one; where that had brought something, it has to ask again from there.
    assert [task.cancelled() for task in uploads] == [True, False]
    if uploads[1].result() is not Put.CREATED:
        found = await blobs.reached(KEY, NOON)
        assert found is not None
        assert await part(blobs, found.offset, in_pieces(pair[0][found.offset :])) is Put.CREATED
    path = await blobs.find(KEY, NOON)
    assert path is not None
    assert path.read_bytes() in pair


async def test_a_slow_disk_holds_up_nobody_but_who_goes_on(blobs: Blobs, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, synced, sync = threading.Event(), threading.Event(), os.fsync

    def slow(file: int) -> None:
        begun.set()
        assert synced.wait(5), "the sync held up the thread that all connections share"
        sync(file)

    monkeypatch.setattr(os, "fsync", slow)
    breaking = asyncio.create_task(broken_off(blobs, 1000))
    assert await asyncio.to_thread(begun.wait, 5)
    asking = asyncio.create_task(blobs.reached(KEY, NOON))
    await asyncio.sleep(0)
    synced.set()
    assert await asking == Reached(1000, complete=False)
    assert breaking.done()  # nobody was told of what is not on the disk
    await breaking


async def test_an_upload_too_long_for_a_blob_is_removed(blobs: Blobs, tmp_path: Path) -> None:
    blobs._capacity = 2 * MAX_BLOB
    block = bytes(8 * 1024 * 1024)
    assert await part(blobs, 0, chunks(*[block] * (MAX_BLOB // len(block)), b"x")) is Put.TOO_LONG
    assert list((tmp_path / "blobs").iterdir()) == []


async def test_nothing_at_all_is_no_upload(blobs: Blobs, tmp_path: Path) -> None:
    assert await part(blobs, 0, chunks()) is Put.EMPTY
    assert list((tmp_path / "blobs").iterdir()) == []


@pytest.mark.parametrize("seed", range(8))
async def test_however_often_it_breaks_off_it_is_whole_in_the_end(blobs: Blobs, seed: int) -> None:
    import random

    chance, offset = random.Random(seed), 0
    while offset < len(CONTENT) - 1:
        upto = chance.randint(offset + 1, len(CONTENT) - 1)
        with pytest.raises(ConnectionResetError):
            await part(blobs, offset, broken(CONTENT[offset:upto]))
        found = await blobs.reached(KEY, NOON)
        assert found == Reached(upto, complete=False)
        offset = upto
    digest = hashlib.sha256(CONTENT).digest()
    assert await part(blobs, offset, chunks(CONTENT[offset:]), sha256=digest) is Put.CREATED
    path = await blobs.find(KEY, NOON)
    assert path is not None
    assert path.read_bytes() == CONTENT
    assert await blobs.expire(NOON + (BLOB_DAYS + 1) * DAY) == 1
    assert blobs._held == 0
