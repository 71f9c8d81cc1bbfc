"""`PUT` and `GET /v1/blobs/{id}`. The id is 32 hex digits, and whoever knows it may read the blob."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from aiohttp import ClientPayloadError, web

from foreseal_relay.blobs import Put
from foreseal_relay.limits import FULL_RETRY, patience_with
from foreseal_relay.relay import Relay
from foreseal_relay.wire import BLOB_ID_BYTES, MAX_BLOB

__all__ = ["blob_routes"]

# Only this shape reaches the handlers: no dot, no slash, no upper case that a file system might fold.
_PATH: Final = f"/v1/blobs/{{id:[0-9a-f]{{{2 * BLOB_ID_BYTES}}}}}"
_CHUNK: Final = 64 * 1024
_STATUS: Final = {Put.CREATED: 201, Put.SAME: 200, Put.CONFLICT: 409, Put.EMPTY: 400, Put.TOO_LONG: 413, Put.FULL: 507}


def blob_routes(relay: Relay) -> list[web.RouteDef]:
    """The two routes of one relay's blobs."""

    async def put(request: web.Request) -> web.Response:
        if request.content_length is not None and request.content_length > MAX_BLOB:
            return _answer(Put.TOO_LONG)
        try:
            return _answer(await relay.blobs.put(_id_of(request), _chunks(request), relay.clock()))
        except TimeoutError:
            return web.Response(status=408)
        except ClientPayloadError:
            return web.Response(status=400)
        except OSError as error:
            if isinstance(error, ConnectionError):
                raise
            return _answer(Put.FULL)

    async def get(request: web.Request) -> web.StreamResponse:
        path = await relay.blobs.find(_id_of(request), relay.clock())
        if path is None:
            raise web.HTTPNotFound
        return web.FileResponse(path, chunk_size=_CHUNK, headers={"Content-Type": "application/octet-stream"})

    return [web.put(_PATH, put), web.get(_PATH, get)]


def _id_of(request: web.Request) -> bytes:
    return bytes.fromhex(request.match_info["id"])


def _answer(outcome: Put) -> web.Response:
    headers = {"Retry-After": str(FULL_RETRY)} if outcome is Put.FULL else None
    return web.Response(status=_STATUS[outcome], headers=headers)


async def _chunks(request: web.Request) -> AsyncIterator[bytes]:
    """The bytes as they come. Raises `TimeoutError` when they come too slowly."""
    now = asyncio.get_running_loop().time
    begun, received = now(), 0
    while True:
        patience = patience_with(received, now() - begun)
        if patience <= 0:  # a timeout alone does not end a read that need not wait
            raise TimeoutError
        async with asyncio.timeout(patience):
            chunk = await request.content.read(_CHUNK)
        if not chunk:
            return
        received += len(chunk)
        yield chunk
