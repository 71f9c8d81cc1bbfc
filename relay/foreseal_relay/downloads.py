"""Files on their way to somebody: so many at the same time, and not to whoever does not read them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

from foreseal_relay.limits import DOWNLOAD_IDLE, DOWNLOAD_RATE, UNAVAILABLE_RETRY

__all__ = ["Download", "Places"]

_CHUNK = 64 * 1024
_TYPE = "application/octet-stream"


class Places:
    """So many downloads at the same time. Each holds two descriptors."""

    def __init__(self, count: int) -> None:
        self._free = asyncio.BoundedSemaphore(count)

    def of(self, path: Path, headers: Mapping[str, str] | None = None) -> Download:
        """The answer that is this file. Raises `web.HTTPServiceUnavailable` when all places are taken, and
        `web.HTTPNotFound` when it is not there."""
        if self._free.locked():
            raise web.HTTPServiceUnavailable(headers={"Retry-After": str(UNAVAILABLE_RETRY)})
        try:
            return Download(path, self._free, headers or {})
        except FileNotFoundError:
            raise web.HTTPNotFound from None


class Download(web.FileResponse):
    """A file on its way, with ranges. Who reads it too slowly is cut off."""

    def __init__(self, path: Path, free: asyncio.BoundedSemaphore, headers: Mapping[str, str]) -> None:
        super().__init__(path, chunk_size=_CHUNK, headers={"Content-Type": _TYPE, **headers})
        self._free = free
        self._patience = DOWNLOAD_IDLE + path.stat().st_size / DOWNLOAD_RATE

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Sends all of it."""
        try:
            async with asyncio.timeout(self._patience), self._free:
                return await super().prepare(request)
        except TimeoutError:
            if request.transport is not None:
                request.transport.abort()
            return None
