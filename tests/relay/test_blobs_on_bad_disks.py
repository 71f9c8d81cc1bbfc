"""Blobs and the disk: synced before they are answered, and nothing made of what a disk would not sync."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import io
import os
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from foreseal_relay.blob_files import Unsynced
from relay_peer import NOON, Running, until

ID = "0123456789abcdef" * 2
CONTENT = bytes(range(256)) * 600
HALF = 65_536 * 2
WHOLE = hashlib.sha256(CONTENT).digest()


@pytest.fixture
async def http(running: Running) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(running.url) as session:
        yield session


@pytest.fixture
def folder(running: Running) -> Path:
    return running.data / "blobs"


def failing(number: int) -> Callable[..., None]:
    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    return fail


def unsynced(_: object) -> None:
    raise Unsynced(errno.EIO, os.strerror(errno.EIO))


async def put(http: aiohttp.ClientSession) -> int:
    async with http.put(f"/v1/blobs/{ID}", data=CONTENT) as answer:
        return answer.status


async def patch(http: aiohttp.ClientSession, content: bytes, offset: int, *, last: bool = True) -> int:
    headers = {"Upload-Offset": str(offset), "Upload-Complete": "?1" if last else "?0"}
    async with http.patch(f"/v1/blobs/{ID}", data=content, headers=headers) as answer:
        return answer.status


async def offset_of(http: aiohttp.ClientSession) -> int | None:
    async with http.head(f"/v1/blobs/{ID}") as answer:
        return int(answer.headers["Upload-Offset"]) if answer.status == 200 else None


async def content_of(http: aiohttp.ClientSession) -> bytes:
    async with http.get(f"/v1/blobs/{ID}") as answer:
        return await answer.read()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no way to sync a folder")
async def test_what_is_put_is_synced_then_named_then_its_folder_is_synced_before_201(
    http: aiohttp.ClientSession, folder: Path, order: list[tuple[str, int]]
) -> None:
    order.clear()
    assert await put(http) == 201
    file = (folder / ID).stat().st_ino
    assert order == [("sync", file), ("rename", file), ("sync", folder.stat().st_ino)]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no way to sync a folder")
async def test_what_is_kept_of_an_upload_is_on_the_disk_before_it_is_said_and_so_is_the_rest_before_201(
    http: aiohttp.ClientSession, folder: Path, order: list[tuple[str, int]]
) -> None:
    order.clear()
    assert await patch(http, CONTENT[:HALF], 0, last=False) == 204
    file, at = (folder / f"upload-{ID}.partial").stat().st_ino, folder.stat().st_ino
    assert order[-1] == ("sync", at)
    assert ("sync", file) in order
    order.clear()
    assert await patch(http, CONTENT[HALF:], HALF) == 201
    assert order == [("sync", file), ("rename", file), ("sync", at)]


async def test_a_blob_that_cannot_be_synced_is_refused_and_leaves_nothing(
    http: aiohttp.ClientSession, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as ill:
        ill.setattr("foreseal_relay.blobs.sync", unsynced)
        assert await put(http) == 507
    assert list(folder.iterdir()) == []
    assert await put(http) == 201
    assert await content_of(http) == CONTENT


async def test_of_an_upload_whose_sync_failed_once_nothing_is_gone_on_with(
    http: aiohttp.ClientSession, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system tells of a failed write once; a second sync would succeed, whatever the disk has."""
    assert await patch(http, CONTENT[:HALF], 0, last=False) == 204
    with monkeypatch.context() as ill:
        ill.setattr("foreseal_relay.blobs.sync", unsynced)
        assert await patch(http, CONTENT[HALF:], HALF) == 507
    assert await offset_of(http) is None
    assert list(folder.iterdir()) == []
    assert await patch(http, b"", len(CONTENT)) == 409
    assert await patch(http, CONTENT, 0) == 201
    assert await content_of(http) == CONTENT


async def test_what_the_disk_had_no_room_for_at_the_very_end_costs_nothing_of_what_was_kept(
    http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last bytes wait in memory until they are to be synced, and fail there."""
    assert await patch(http, CONTENT[:HALF], 0, last=False) == 204
    with monkeypatch.context() as ill:
        ill.setattr("foreseal_relay.blobs.sync", failing(errno.ENOSPC))
        assert await patch(http, CONTENT[HALF:], HALF) == 507
    offset = await offset_of(http)
    assert offset is not None
    assert await patch(http, CONTENT[offset:], offset) == 201
    assert await content_of(http) == CONTENT


async def test_a_sync_that_fails_while_the_upload_is_taken_over_is_heard_of(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on, blobs = threading.Event(), threading.Event(), running.relay.blobs
    key = bytes.fromhex(ID)

    async def chunks() -> AsyncIterator[bytes]:
        yield CONTENT

    def slowly(_: object) -> None:
        begun.set()
        go_on.wait(20)
        raise Unsynced(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr("foreseal_relay.blobs.sync", slowly)
    uploading = asyncio.create_task(blobs.append(key, 0, chunks(), NOON, last=True, sha256=None))
    await until(begun.is_set)
    asking = asyncio.create_task(blobs.reached(key, NOON))
    await asyncio.sleep(0)
    go_on.set()
    assert await asking is None
    await asyncio.gather(uploading, return_exceptions=True)
    assert blobs._held == 0


async def test_of_what_broke_off_and_could_not_be_synced_nothing_is_gone_on_with(
    http: aiohttp.ClientSession, running: Running, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as ill:
        ill.setattr("foreseal_relay.blobs.keep", failing(errno.EIO))
        assert await patch(http, CONTENT[:HALF], 0, last=False) == 507
    assert await offset_of(http) is None
    assert list(folder.iterdir()) == []
    assert running.relay.blobs._held == 0


async def test_a_full_disk_refuses_the_rest_and_keeps_what_it_took(
    http: aiohttp.ClientSession, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await patch(http, CONTENT[:HALF], 0, last=False) == 204
    opening = Path.open

    class Full(io.BytesIO):
        def write(self, _: object) -> int:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def opened(path: Path, mode: str = "r", **more: Any) -> Any:
        return Full() if mode == "ab" else opening(path, mode, **more)

    with monkeypatch.context() as ill:
        ill.setattr(Path, "open", opened)
        assert await patch(http, CONTENT[HALF:], HALF) == 507
    assert await offset_of(http) == HALF
    assert running.relay.blobs._held == HALF
    assert await patch(http, CONTENT[HALF:], HALF) == 201
    assert await content_of(http) == CONTENT


async def test_a_blob_whose_name_cannot_be_made_durable_is_refused_and_not_found(
    http: aiohttp.ClientSession, running: Running, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as ill:
        ill.setattr("foreseal_relay.durable.sync_folder", failing(errno.EIO))
        assert await put(http) == 507
    assert await offset_of(http) is None
    assert running.relay.blobs._held == 0
    await running.relay.blobs.expire(running.clock())
    assert list(folder.iterdir()) == []
