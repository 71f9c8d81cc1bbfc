"""Blobs: sealed attachments as files under a folder. Named by random ids, never listed, gone after some days.

Order of a PUT: bytes to a temporary file, sync, rename, sync the folder, note it in the store, answer. What was
answered is on disk; what was not may be an orphan file, which the next start or sweep removes. A PATCH goes the same
way with a file that bears the blob's id: what came before it broke off is synced and kept a day, to be gone on with.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncIterable
from pathlib import Path
from typing import BinaryIO

from foreseal_relay.blob_files import (
    OURS,
    PARTIAL,
    Unsynced,
    digest_of,
    keep,
    length_of,
    new_file,
    orphans,
    partial_name,
    rename,
    sync,
    written_at,
)
from foreseal_relay.home import HomeError
from foreseal_relay.limits import (
    BLOB_DAYS,
    DAY,
    HOUR,
    MAX_BLOBS_BYTES,
    MAX_PARTIALS,
    MAX_UPLOADS,
    PARTIAL_HOURS,
    SWEEP_ROWS,
    expiry_of,
    hour_of,
)
from foreseal_relay.store.interface import Blob, MailboxStore, StoreError
from foreseal_relay.uploads import GONE, Put, Reached, Upload
from foreseal_relay.wire import MAX_BLOB

__all__ = ["Blobs"]


class Blobs:
    """The blobs of one relay, or of those that share a store and this folder (`shared`). Nothing else may write
    there."""

    def __init__(
        self, store: MailboxStore, folder: Path, capacity: int = MAX_BLOBS_BYTES, *, shared: bool = False
    ) -> None:
        self._store = store
        self._folder = folder
        self._capacity = capacity
        self._shared = shared
        self._held = 0
        self._uploads = 0
        self._settling = asyncio.Lock()
        self._under_way: dict[bytes, Upload] = {}
        self._begun: set[bytes] = set()
        """Uploads that can be gone on with, those under way included; the sweep counts anew what is on the disk."""

    async def open(self) -> None:
        """Counts what is held and removes what a killed relay left behind. Raises `HomeError`, with nothing removed,
        when there is anything in the folder that the relay did not put there, and `OSError` and `StoreError`."""
        if self._folder.is_symlink():
            raise HomeError(f"{self._folder.name} is a link, and must be a folder: the relay removes files there")
        self._folder.mkdir(mode=0o700, exist_ok=True)
        known = await self._store.blobs()
        self._held = sum(blob.size for blob in known)
        names = {blob.id.hex() for blob in known}
        found = sorted(self._folder.iterdir())
        for path in found:
            if not OURS.fullmatch(path.name) or path.is_symlink() or not path.is_file():
                raise HomeError(
                    f"{path.name!r} in the folder {self._folder.name} is not the relay's; move it elsewhere, or choose "
                    "another directory"
                )
        for path in found:
            if match := PARTIAL.fullmatch(path.name):
                self._held += path.stat().st_size
                self._begun.add(bytes.fromhex(match[1]))
            elif path.name.startswith("upload-") and not self._may_be_on_its_way(path):
                path.unlink()
        for path in orphans(found, names, self._settled_before()):
            path.unlink(missing_ok=True)

    async def put(self, blob_id: bytes, chunks: AsyncIterable[bytes], now: float) -> Put:
        """Takes a blob in. `blob_id`: 16 bytes. The same bytes under the same id again are `SAME`, others
        `CONFLICT`. Raises `StoreError`, and `OSError` when the disk refuses; nothing is kept then."""
        if self._uploads >= MAX_UPLOADS:
            return Put.FULL
        upload = Upload(new_file(self._folder))
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

    async def reached(self, blob_id: bytes, now: float) -> Reached | None:
        """How far an upload has come; None: nothing is here. Whoever asks has lost their connection, so one that is
        still open for this blob is ended first, and what it brought is synced."""
        blob = await self._taken_over(blob_id, now)
        if blob is not None:
            return Reached(blob.size, complete=True)
        try:
            return Reached(self._partial(blob_id).stat().st_size, complete=False)
        except FileNotFoundError:
            return None

    async def append(
        self, blob_id: bytes, offset: int, chunks: AsyncIterable[bytes], now: float, *, last: bool, sha256: bytes | None
    ) -> Put:
        """Goes on with a blob at `offset`, or begins one at 0. `last`: nothing comes after this; `sha256`: of the whole
        blob, compared before it gets its name. Raises as `put` does; what came until then is kept and synced."""
        reached = await self.reached(blob_id, now)
        if reached is not None and reached.complete:
            return Put.SAME if offset == reached.offset else Put.CONFLICT
        if offset != (0 if reached is None else reached.offset):
            return Put.MISPLACED
        if self._uploads >= MAX_UPLOADS or (reached is None and len(self._begun) >= MAX_PARTIALS):
            return Put.FULL
        upload = Upload(self._partial(blob_id), offset, task=asyncio.current_task())
        outcome: Put | None = None
        self._uploads += 1
        self._begun.add(blob_id)
        self._under_way[blob_id] = upload
        try:
            outcome = await self._receive(upload, chunks)
            upload.task = None
            if outcome in (None, Put.EMPTY) and upload.size:
                outcome = await self._finish(blob_id, upload, now, sha256) if last else Put.KEPT
            return outcome or Put.EMPTY
        finally:
            upload.task = None
            await self._end(blob_id, upload, outcome, now)

    async def _end(self, blob_id: bytes, upload: Upload, outcome: Put | None, now: float) -> None:
        """Counts what stays of an upload, which is on the disk before anybody else goes on with it. In a thread: of one
        that broke off, all that came has still to be synced."""
        try:
            if outcome in GONE or upload.lost:
                self._held -= upload.size
                upload.path.unlink(missing_ok=True)
            elif outcome is not Put.CREATED:  # what was counted and did not reach the disk
                self._held -= upload.size - length_of(upload.path)
                try:
                    await asyncio.to_thread(keep, upload.path, now)
                except OSError:
                    self._forget(upload.path)
                    raise
        finally:
            self._uploads -= 1
            del self._under_way[blob_id]
            if not upload.path.exists():
                self._begun.discard(blob_id)
            upload.ended.set()

    async def _finish(self, blob_id: bytes, upload: Upload, now: float, sha256: bytes | None) -> Put:
        upload.sha256 = await asyncio.to_thread(digest_of, upload.path)
        if sha256 is not None and upload.sha256 != sha256:
            return Put.ALTERED
        return await self._settle(blob_id, upload, now)

    async def _taken_over(self, blob_id: bytes, now: float) -> Blob | None:
        """The blob, if all of it is here; nobody else is uploading it by then. The newest connection wins: the one
        before may be half open, and hold the blob until it is found out."""
        while True:
            while (upload := self._under_way.get(blob_id)) is not None:
                if upload.task is not None:
                    upload.task.cancel()
                await upload.ended.wait()
            blob = await self._store.blob(blob_id, hour_of(now))
            if blob_id not in self._under_way:  # while the store was asked another one may have begun
                return blob

    def _forget(self, path: Path) -> None:
        self._held -= length_of(path)
        path.unlink(missing_ok=True)

    async def find(self, blob_id: bytes, now: float) -> Path | None:
        """The file of an unexpired blob."""
        blob = await self._store.blob(blob_id, hour_of(now))
        return None if blob is None else self._path(blob.id)

    async def expire(self, now: float) -> int:
        """Removes expired blobs, uploads that nobody went on with, and orphan files; how many."""
        total = 0
        while gone := await self._store.expire_blobs(hour_of(now), SWEEP_ROWS):
            for blob in gone:
                self._path(blob.id).unlink(missing_ok=True)
                self._held -= blob.size
            total += len(gone)
        self._begun = set(self._under_way)
        for path in list(self._folder.iterdir()):
            if (match := PARTIAL.fullmatch(path.name)) and (blob_id := bytes.fromhex(match[1])) not in self._begun:
                if now - written_at(path) > PARTIAL_HOURS * HOUR:
                    self._forget(path)
                    total += 1
                else:
                    self._begun.add(blob_id)
        return total + await self._remove_orphans()

    async def _receive(self, upload: Upload, chunks: AsyncIterable[bytes]) -> Put | None:
        """Writes and syncs what comes; None when it all came."""
        digest = hashlib.sha256()
        with upload.path.open("ab") as file:
            async for chunk in chunks:
                upload.size += len(chunk)
                self._held += len(chunk)
                if upload.size > MAX_BLOB:
                    return Put.TOO_LONG
                if self._held > self._capacity:
                    return Put.FULL
                digest.update(chunk)
                await asyncio.to_thread(file.write, chunk)
            await self._sync(upload, file)
        upload.sha256 = digest.digest()
        return None if upload.size else Put.EMPTY

    async def _sync(self, upload: Upload, file: BinaryIO) -> None:
        """Waits for it even when the upload is ended meanwhile: the file stays open, and a failure is heard of."""
        syncing = asyncio.create_task(asyncio.to_thread(sync, file))
        try:
            await asyncio.shield(syncing)
        except asyncio.CancelledError:
            await asyncio.wait([syncing])
            raise
        finally:
            upload.lost = syncing.done() and isinstance(syncing.exception(), Unsynced)

    async def _settle(self, blob_id: bytes, upload: Upload, now: float) -> Put:
        """Gives the blob its name. One at a time, so that two uploads under one id cannot mix."""
        async with self._settling:
            # Hour 0: one that has expired and waits for the sweep still holds its id.
            if known := await self._store.blob(blob_id, 0):
                same = known.sha256 == upload.sha256 and known.expires > hour_of(now)
                return Put.SAME if same else Put.CONFLICT
            await asyncio.to_thread(rename, upload.path, self._path(blob_id))
            expires = expiry_of(now, BLOB_DAYS * DAY)
            try:
                await self._store.add_blob(Blob(blob_id, upload.size, upload.sha256, expires))
            except StoreError:
                self._path(blob_id).unlink(missing_ok=True)
                raise
            return Put.CREATED

    async def _remove_orphans(self) -> int:
        """One file's name and its note are written under the lock that is held here, so that neither is seen without
        the other: what this relay is just taking in is no orphan."""
        async with self._settling:
            found = list(self._folder.iterdir())  # before the notes: what is noted after this is not looked at
            known = {blob.id.hex() for blob in await self._store.blobs()}
            gone = orphans(found, known, self._settled_before())
            for path in gone:
                path.unlink(missing_ok=True)
        return len(gone)

    def _settled_before(self) -> float | None:
        """By the disk's clock, which dates files. What other relays over this folder named since may not be noted."""
        return time.time() - PARTIAL_HOURS * HOUR if self._shared else None

    def _may_be_on_its_way(self, path: Path) -> bool:
        """Whether another relay may just be receiving this file."""
        return self._shared and time.time() - path.stat().st_ctime < PARTIAL_HOURS * HOUR

    def _path(self, blob_id: bytes) -> Path:
        return self._folder / blob_id.hex()

    def _partial(self, blob_id: bytes) -> Path:
        return self._folder / partial_name(blob_id)
