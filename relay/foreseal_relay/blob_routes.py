"""`PUT`, `GET`, `HEAD` and `PATCH /v1/blobs/{id}`. The id is 32 hex digits, and whoever knows it may read the blob.

`HEAD` and `PATCH` go on with an upload that broke off, in the manner of the IETF's resumable uploads
(draft-ietf-httpbis-resumable-upload): `Upload-Offset`, `Upload-Complete`, and `Repr-Digest` (RFC 9530) for the whole.
"""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import AsyncIterator, Coroutine
from typing import Any, Final

from aiohttp import ClientPayloadError, web

from foreseal_relay.downloads import Places
from foreseal_relay.limits import FULL_RETRY, MAX_BLOB_DOWNLOADS, patience_with
from foreseal_relay.relay import Relay
from foreseal_relay.token_wire import TOKENS_FIELD, tokens_for
from foreseal_relay.uploads import Put
from foreseal_relay.wire import BLOB_ID_BYTES, MAX_BLOB

__all__ = ["blob_routes"]

# Only this shape reaches the handlers: no dot, no slash, no upper case that a file system might fold.
_PATH: Final = f"/v1/blobs/{{id:[0-9a-f]{{{2 * BLOB_ID_BYTES}}}}}"
MAX_BLOB_TOKENS: Final = tokens_for(MAX_BLOB)
_CHUNK: Final = 64 * 1024
_STATUS: Final = {
    Put.CREATED: 201, Put.SAME: 200, Put.KEPT: 204, Put.CONFLICT: 409, Put.MISPLACED: 409, Put.EMPTY: 400,
    Put.TOO_LONG: 413, Put.ALTERED: 422, Put.FULL: 507,
}  # fmt: skip
_DIGEST: Final = re.compile(r"sha-256=:([A-Za-z0-9+/]{43}=):", re.ASCII)


def blob_routes(relay: Relay) -> list[web.RouteDef]:
    """The routes of one relay's blobs."""
    places = Places(MAX_BLOB_DOWNLOADS)

    async def put(request: web.Request) -> web.Response:
        if request.content_length is not None and request.content_length > MAX_BLOB:
            return _answer(Put.TOO_LONG)
        if (refused := await unpaid(request, 0)) is not None:
            return refused
        return await taken(relay.blobs.put(_id_of(request), _chunks(request), relay.clock()))

    async def head(request: web.Request) -> web.Response:
        reached = await relay.blobs.reached(_id_of(request), relay.clock())
        if reached is None:
            raise web.HTTPNotFound
        return web.Response(
            headers={
                "Upload-Offset": str(reached.offset),
                "Upload-Complete": "?1" if reached.complete else "?0",
                "Cache-Control": "no-store",
            }
        )

    async def patch(request: web.Request) -> web.Response:
        offset = request.headers.get("Upload-Offset", "")
        complete = request.headers.get("Upload-Complete", "")
        if not (offset.isascii() and offset.isdigit() and len(offset) < 12 and complete in ("?0", "?1")):
            return web.Response(status=400)
        if int(offset) + (request.content_length or 0) > MAX_BLOB:
            return _answer(Put.TOO_LONG)
        if (refused := await unpaid(request, int(offset))) is not None:
            return refused
        digest = _DIGEST.search(request.headers.get("Repr-Digest", ""))
        sha256 = None if digest is None else base64.b64decode(digest[1])
        appending = relay.blobs.append(
            _id_of(request), int(offset), _chunks(request), relay.clock(), last=complete == "?1", sha256=sha256
        )
        answer = await taken(appending)
        if answer.status == 409 and (reached := await relay.blobs.reached(_id_of(request), relay.clock())):
            answer.headers["Upload-Offset"] = str(reached.offset)
        return answer

    async def unpaid(request: web.Request, offset: int) -> web.Response | None:
        """The refusal of an upload that is not paid for, by the length it announces."""
        if relay.free_blobs:
            return None
        if request.content_length is None:
            return web.Response(status=411)
        try:
            given = request.headers.get(TOKENS_FIELD, "").split(",", MAX_BLOB_TOKENS)[:MAX_BLOB_TOKENS]
            tokens = [
                base64.b64decode(token.strip(), altchars=b"-_", validate=True) for token in given if token.strip()
            ]
        except ValueError:
            return web.Response(status=400)
        size = offset + request.content_length
        paid = await relay.mailboxes.pay(_id_of(request), size, tokens, relay.clock())
        return None if paid else web.Response(status=402)

    async def taken(upload: Coroutine[Any, Any, Put]) -> web.Response:
        try:
            return _answer(await upload)
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
        return places.of(path)

    return [web.put(_PATH, put), web.get(_PATH, get, allow_head=False), web.head(_PATH, head), web.patch(_PATH, patch)]


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
