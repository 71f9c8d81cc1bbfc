"""Blobs: sealed attachments as files under a folder. Named by random ids, never listed, gone after some days.

Order of a PUT: bytes to a temporary file, sync, rename, sync the folder, note it in the store, answer. What was
answered is on disk; what was not may be an orphan file, which the next start removes.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import tempfile
from collections.abc import AsyncIterable
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import BinaryIO

from foreseal_relay import durable
from foreseal_relay.limits import BLOB_DAYS, DAY, MAX_BLOBS_BYTES, MAX_UPLOADS, SWEEP_ROWS, expiry_of, hour_of
from foreseal_relay.store.interface import Blob, MailboxStore, StoreError
from foreseal_relay.wire import MAX_BLOB

__all__ = ["Blobs", "Put"]


class Put(Enum):
    """What became of an upload."""

    CREATED = auto()
    SAME = auto()
    CONFLICT = auto()
    EMPTY = auto()
    TOO_LONG = auto()
    FULL = auto()


@dataclass(slots=True)
class _Upload:
    """An upload under way, in a file of its own."""

    path: Path
    size: int = 0
    sha256: bytes = b""


class Blobs:
    """The blobs of one relay. `folder` is its own; nothing else may write there."""

    def __init__(self, store: MailboxStore, folder: Path, capacity: int = MAX_BLOBS_BYTES) -> None:
        self._store = store
        self._folder = folder
        self._capacity = capacity
        self._held = 0
        self._uploads = 0
        self._settling = asyncio.Lock()

    async def open(self) -> None:
        """Counts what is held and removes what a killed relay left behind."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        known = await self._store.blobs()
        self._held = sum(blob.size for blob in known)
        names = {blob.id.hex() for blob in known}
        for path in self._folder.iterdir():
            if path.name not in names:
                path.unlink()

    async def put(self, blob_id: bytes, chunks: AsyncIterable[bytes], now: float) -> Put:
        """Takes a blob in. `blob_id`: 16 bytes. The same bytes under the same id again are `SAME`, others
        `CONFLICT`. Raises `StoreError`, and `OSError` when the disk refuses; nothing is kept then."""
        if self._uploads >= MAX_UPLOADS:
            return Put.FULL
        upload = _Upload(_new_file(self._folder))
        outcome = Put.FULL
        self._uploads += 1
        try:
            outcome = await self._receive(upload, chunks) or await self._settle(blob_id, upload, now)
        finally:
            self._uploads -= 1
            if outcome is not Put.CREATED:
                self._held -= upload.size
                upload.path.unlink(missing_ok=True)
        return outcome

    async def find(self, blob_id: bytes, now: float) -> Path | None:
        """The file of an unexpired blob."""
        blob = await self._store.blob(blob_id, hour_of(now))
        return None if blob is None else self._path(blob.id)

    async def expire(self, now: float) -> int:
        """Removes expired blobs; how many."""
        total = 0
        while gone := await self._store.expire_blobs(hour_of(now), SWEEP_ROWS):
            for blob in gone:
                self._path(blob.id).unlink(missing_ok=True)
                self._held -= blob.size
            total += len(gone)
        return total

    async def _receive(self, upload: _Upload, chunks: AsyncIterable[bytes]) -> Put | None:
        """Writes and syncs what comes; None when it all came."""
        digest = hashlib.sha256()
        with upload.path.open("wb") as file:
            async for chunk in chunks:
                upload.size += len(chunk)
                self._held += len(chunk)
                if upload.size > MAX_BLOB:
                    return Put.TOO_LONG
                if self._held > self._capacity:
                    return Put.FULL
                digest.update(chunk)
                await asyncio.to_thread(file.write, chunk)
            await asyncio.to_thread(_sync, file)
        upload.sha256 = digest.digest()
        return None if upload.size else Put.EMPTY

    async def _settle(self, blob_id: bytes, upload: _Upload, now: float) -> Put:
        """Gives the blob its name. One at a time, so that two uploads under one id cannot mix."""
        async with self._settling:
            # Hour 0: one that has expired and waits for the sweep still holds its id.
            if known := await self._store.blob(blob_id, 0):
                same = known.sha256 == upload.sha256 and known.expires > hour_of(now)
                return Put.SAME if same else Put.CONFLICT
            await asyncio.to_thread(_rename, upload.path, self._path(blob_id))
            expires = expiry_of(now, BLOB_DAYS * DAY)
            try:
                await self._store.add_blob(Blob(blob_id, upload.size, upload.sha256, expires))
            except StoreError:
                self._path(blob_id).unlink(missing_ok=True)
                raise
            return Put.CREATED

    def _path(self, blob_id: bytes) -> Path:
        return self._folder / blob_id.hex()


def _new_file(folder: Path) -> Path:
    handle, name = tempfile.mkstemp(suffix=".partial", dir=folder)
    os.close(handle)
    return Path(name)


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _rename(partial: Path, final: Path) -> None:
    # Times in the file system are timestamps too; these say nothing.
    os.utime(partial, (0, 0))
    durable.rename(partial, final)
