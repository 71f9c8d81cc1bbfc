"""Attachments over HTTP: put once, read by whoever knows the id, gone after some days."""

from __future__ import annotations

import asyncio
import gzip
import os
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from yarl import URL

from foreseal_relay.blob_files import orphans
from foreseal_relay.blobs import Blobs
from foreseal_relay.home import HomeError
from foreseal_relay.limits import BLOB_DAYS, DAY, UPLOAD_IDLE, UPLOAD_RATE, patience_with
from foreseal_relay.store import SqliteStore
from foreseal_relay.uploads import Put
from foreseal_relay.wire import MAX_BLOB
from relay_peer import NOON, Running, until

ID = "0123456789abcdef" * 2
CONTENT = bytes(range(256)) * 1000


@pytest.fixture
async def http(running: Running) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(running.url) as session:
        yield session


async def put(http: aiohttp.ClientSession, content: bytes = CONTENT, name: str = ID) -> int:
    async with http.put(f"/v1/blobs/{name}", data=content) as answer:
        return answer.status


async def get(http: aiohttp.ClientSession, name: str = ID, **headers: str) -> tuple[int, bytes]:
    async with http.get(f"/v1/blobs/{name}", headers=headers) as answer:
        return answer.status, await answer.read()


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def test_what_is_said_to_be_compressed_is_kept_as_it_comes_and_paid_for_by_its_bytes(
    running: Running, http: aiohttp.ClientSession
) -> None:
    name, packed = "cd" * 16, gzip.compress(bytes(1_000_000))
    for content in (packed, packed[:-9], b"no gzip at all"):
        headers = {"Content-Encoding": "gzip"}
        async with http.put(f"/v1/blobs/{name}", data=content, headers=headers) as answer:
            assert answer.status == 201
        assert (running.data / "blobs" / name).read_bytes() == content
        name = f"{int(name, 16) + 1:032x}"


def files(running: Running) -> list[str]:
    return sorted(path.name for path in (running.data / "blobs").iterdir())


async def test_a_blob_comes_back_byte_for_byte(http: aiohttp.ClientSession) -> None:
    assert await put(http) == 201
    assert await get(http) == (200, CONTENT)


async def test_a_range_is_answered_so_that_a_download_can_go_on(http: aiohttp.ClientSession) -> None:
    await put(http)
    assert await get(http, Range="bytes=1000-1999") == (206, CONTENT[1000:2000])
    assert await get(http, Range="bytes=255000-") == (206, CONTENT[255000:])
    status, _ = await get(http, Range=f"bytes={len(CONTENT)}-")
    assert status == 416


async def test_the_same_bytes_again_are_fine_and_other_bytes_conflict(http: aiohttp.ClientSession) -> None:
    assert [await put(http), await put(http), await put(http, b"other")] == [201, 200, 409]
    assert await get(http) == (200, CONTENT)


async def test_two_uploads_at_once_under_one_id_do_not_mix(running: Running, http: aiohttp.ClientSession) -> None:
    contents = [os.urandom(300_000) for _ in range(6)]
    answers = await asyncio.gather(*(put(http, content) for content in contents))
    assert sorted(answers) == [201] + [409] * 5
    assert await get(http) == (200, contents[answers.index(201)])
    assert files(running) == [ID]


async def test_an_empty_blob_is_refused(running: Running, http: aiohttp.ClientSession) -> None:
    assert await put(http, b"") == 400
    assert files(running) == []


async def test_a_blob_that_says_it_is_too_long_is_refused_before_it_is_read(
    running: Running,
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(running.url.rpartition(":")[2]))
    writer.write(f"PUT /v1/blobs/{ID} HTTP/1.1\r\nHost: x\r\nContent-Length: {MAX_BLOB + 1}\r\n\r\n".encode())
    assert b" 413 " in await reader.readline()
    writer.close()
    await writer.wait_closed()
    assert files(running) == []


async def test_a_blob_that_turns_out_too_long_is_refused_and_removed(tmp_path: Path, store: SqliteStore) -> None:
    blobs = Blobs(store, tmp_path / "blobs")
    await blobs.open()
    block = bytes(8 * 1024 * 1024)
    too_long = chunks(*[block] * (MAX_BLOB // len(block)), b"x")
    assert await blobs.put(bytes(16), too_long, NOON) is Put.TOO_LONG
    assert list((tmp_path / "blobs").iterdir()) == []


async def test_an_upload_that_breaks_off_leaves_nothing(running: Running, http: aiohttp.ClientSession) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", int(running.url.rpartition(":")[2]))
    writer.write(f"PUT /v1/blobs/{ID} HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n".encode() + bytes(2000))
    await writer.drain()
    await until(lambda: len(files(running)) == 1)
    writer.transport.abort()
    await until(lambda: files(running) == [])
    assert (await get(http))[0] == 404


def test_an_upload_at_the_least_rate_is_waited_for_to_its_end_and_a_slower_one_is_not() -> None:
    to_its_end = [patience_with(second * UPLOAD_RATE, float(second)) for second in range(MAX_BLOB // UPLOAD_RATE)]
    assert min(to_its_end) == UPLOAD_IDLE
    half = [patience_with(second * UPLOAD_RATE // 2, float(second)) for second in range(61)]
    assert half == sorted(half, reverse=True)
    assert half[-1] == 0.0


def test_a_byte_now_and_then_buys_no_more_than_its_own_time() -> None:
    assert patience_with(0, 0.0) == UPLOAD_IDLE
    assert patience_with(30, UPLOAD_IDLE) == 30 / UPLOAD_RATE
    assert patience_with(31, UPLOAD_IDLE + 1) < 0


def test_an_upload_that_was_fast_may_still_pause_no_longer_than_any_other() -> None:
    assert patience_with(MAX_BLOB, 1.0) == UPLOAD_IDLE


async def test_an_upload_that_never_pauses_and_never_gets_on_is_ended_and_its_place_is_free(
    running: Running, http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("foreseal_relay.limits.UPLOAD_IDLE", 0.2)
    monkeypatch.setattr("foreseal_relay.limits.UPLOAD_RATE", 10**12)
    monkeypatch.setattr("foreseal_relay.blobs.MAX_UPLOADS", 1)
    reader, writer = await asyncio.open_connection("127.0.0.1", int(running.url.rpartition(":")[2]))
    writer.write(f"PUT /v1/blobs/{ID} HTTP/1.1\r\nHost: x\r\nContent-Length: {MAX_BLOB}\r\n\r\n".encode())
    answer = asyncio.create_task(reader.readline())
    async with asyncio.timeout(20):
        while not answer.done():
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0)
    assert b" 408 " in await answer
    writer.transport.abort()
    await until(lambda: files(running) == [])
    monkeypatch.undo()
    assert await put(http) == 201


async def test_a_relay_that_holds_enough_blobs_refuses_more_and_has_room_after_expiry(
    tmp_path: Path, store: SqliteStore
) -> None:
    blobs = Blobs(store, tmp_path / "blobs", capacity=1000)
    await blobs.open()
    assert await blobs.put(b"1" * 16, chunks(bytes(600)), NOON) is Put.CREATED
    assert await blobs.put(b"2" * 16, chunks(bytes(300), bytes(300)), NOON) is Put.FULL
    assert await blobs.put(b"3" * 16, chunks(bytes(400)), NOON) is Put.CREATED
    later = NOON + (BLOB_DAYS + 1) * DAY
    assert await blobs.expire(later) == 2
    assert await blobs.put(b"2" * 16, chunks(bytes(600)), later) is Put.CREATED


async def test_full_is_507_and_says_when_to_try_again(
    running: Running, http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("foreseal_relay.blobs.MAX_UPLOADS", 0)
    async with http.put(f"/v1/blobs/{ID}", data=CONTENT) as answer:
        assert answer.status == 507
        assert int(answer.headers["Retry-After"]) > 0


async def test_an_expired_blob_is_not_found_and_the_sweep_removes_its_file(
    running: Running, http: aiohttp.ClientSession
) -> None:
    await put(http)
    running.clock.now += (BLOB_DAYS - 1) * DAY
    assert (await get(http))[0] == 200
    running.clock.now += 2 * DAY
    assert (await get(http))[0] == 404
    assert await put(http) == 409
    assert await running.relay.blobs.expire(running.clock()) == 1
    assert files(running) == []


@pytest.mark.parametrize(
    "name",
    [
        "",
        ID[:-1],
        ID + "0",
        ID.upper(),
        "..%2f..%2frelay.sqlite",
        "../relay.sqlite",
        "..%5crelay.sqlite",
        "%00" * 16,
        ID[:-2] + "..",
        ID + "/",
        ID + ".partial",
        "\uff10" * 32,
    ],
)
async def test_what_is_no_id_is_not_found(running: Running, name: str) -> None:
    async with aiohttp.ClientSession() as session:
        url = URL(f"{running.url}/v1/blobs/{name}", encoded=name.isascii())
        async with session.put(url, data=b"x") as answer:
            assert answer.status in (404, 405)
        async with session.get(url) as answer:
            assert answer.status == 404
    assert files(running) == []


async def test_blobs_are_never_listed(http: aiohttp.ClientSession) -> None:
    await put(http)
    for path in ("/v1/blobs", "/v1/blobs/"):
        async with http.get(path) as answer:
            assert answer.status == 404


async def test_an_unknown_blob_is_not_found(http: aiohttp.ClientSession) -> None:
    assert (await get(http))[0] == 404


async def test_a_blobs_file_does_not_say_when_it_was_put(running: Running, http: aiohttp.ClientSession) -> None:
    await put(http)
    assert (running.data / "blobs" / ID).stat().st_mtime == 0


async def test_opening_removes_what_a_killed_relay_left_and_keeps_the_rest(tmp_path: Path, store: SqliteStore) -> None:
    first = Blobs(store, tmp_path / "blobs")
    await first.open()
    await first.put(bytes(16), chunks(b"kept"), NOON)
    (tmp_path / "blobs" / "upload-half.partial").write_bytes(b"half")
    (tmp_path / "blobs" / ("f" * 32)).write_bytes(b"renamed and never noted")
    second = Blobs(store, tmp_path / "blobs")
    await second.open()
    assert [path.name for path in (tmp_path / "blobs").iterdir()] == [bytes(16).hex()]
    found = await second.find(bytes(16), NOON)
    assert found is not None
    assert found.read_bytes() == b"kept"


async def test_the_sweep_removes_what_nobody_noted_and_nothing_else(tmp_path: Path, store: SqliteStore) -> None:
    blobs = Blobs(store, tmp_path / "blobs")
    await blobs.open()
    await blobs.put(bytes(16), chunks(b"kept"), NOON)
    await blobs.append(bytes([1]) * 16, 0, chunks(b"to be gone on with"), NOON, last=False, sha256=None)
    (tmp_path / "blobs" / ("f" * 32)).write_bytes(b"renamed and never noted")
    left = {bytes(16).hex(), f"upload-{'01' * 16}.partial"}
    assert await blobs.expire(NOON) == 1
    assert {path.name for path in (tmp_path / "blobs").iterdir()} == left
    assert await blobs.expire(NOON) == 0


async def test_the_sweep_spares_what_another_relay_over_the_folder_may_be_about_to_note(
    tmp_path: Path, store: SqliteStore
) -> None:
    blobs = Blobs(store, tmp_path / "blobs", shared=True)
    await blobs.open()
    fresh = tmp_path / "blobs" / ("f" * 32)
    fresh.write_bytes(b"renamed a moment ago")
    assert await blobs.expire(NOON) == 0
    assert fresh.exists()
    named = fresh.stat().st_ctime
    assert orphans([fresh], (), named + 1) == [fresh]  # a day later it is one
    assert orphans([fresh], {"f" * 32}, named + 1) == []


@pytest.mark.parametrize(
    "name", ["my-thesis.docx", "half.partial", "upload-.partial", ID[:-1], ID.upper(), ID + ".bak"]
)
async def test_a_file_that_is_not_the_relays_stops_the_start_and_nothing_is_removed(
    tmp_path: Path, store: SqliteStore, name: str
) -> None:
    blobs = Blobs(store, tmp_path / "blobs")
    await blobs.open()
    here = {tmp_path / "blobs" / each for each in (name, "0" * 32, "upload-half.partial")}
    for path in here:
        path.write_bytes(b"precious")
    with pytest.raises(HomeError, match=re.escape(repr(name))):
        await blobs.open()
    assert set((tmp_path / "blobs").iterdir()) == here


async def test_a_folder_under_a_blobs_name_stops_the_start(tmp_path: Path, store: SqliteStore) -> None:
    (tmp_path / "blobs" / ID).mkdir(parents=True)
    with pytest.raises(HomeError, match=ID):
        await Blobs(store, tmp_path / "blobs").open()


@pytest.mark.skipif(sys.platform == "win32", reason="there a link needs a privilege")
async def test_a_link_in_the_place_of_the_folder_or_of_a_blob_stops_the_start(
    tmp_path: Path, store: SqliteStore
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / ID).write_bytes(b"precious")
    (tmp_path / "blobs").symlink_to(elsewhere)
    with pytest.raises(HomeError, match="link"):
        await Blobs(store, tmp_path / "blobs").open()
    (tmp_path / "blobs").unlink()
    (tmp_path / "blobs").mkdir()
    (tmp_path / "blobs" / ID).symlink_to(elsewhere / ID)
    with pytest.raises(HomeError, match=ID):
        await Blobs(store, tmp_path / "blobs").open()
    assert (elsewhere / ID).read_bytes() == b"precious"
