"""`POST /v1/stamps`: whether this relay made a stamp. Yes or no, for whoever holds all of what the stamp covers.

The stamp is a MAC under a key that stays here, so nobody else can say. The answer is no oracle: a stamp has 256 bits,
and what it covers is known to the mailbox's owner and to whom they showed it. Nothing is looked up and nothing kept.
"""

from __future__ import annotations

import asyncio
from typing import Final

from aiohttp import web

from foreseal_relay.limits import UPLOAD_IDLE
from foreseal_relay.public_wire import STAMP_QUESTION_BYTES, StampQuestion
from foreseal_relay.rates import Rates
from foreseal_relay.relay import Relay
from foreseal_relay.wire import KEY_BYTES

__all__ = ["QUESTIONS", "stamp_routes"]

QUESTIONS: Final = (2, 64, 100)
"""One address may ask once in so many seconds, so many at once; all together so many a second."""
_HEADERS: Final = {"Cache-Control": "no-store"}


def stamp_routes(relay: Relay) -> list[web.RouteDef]:
    """The route, with a rate of its own."""
    every, burst, a_second = QUESTIONS
    rates = Rates(relay.random(KEY_BYTES), every=every, burst=burst, all_every=1 / a_second)

    async def confirm(request: web.Request) -> web.Response:
        wait = rates.take(request.remote or "", asyncio.get_running_loop().time())
        if wait:
            raise web.HTTPTooManyRequests(headers={"Retry-After": str(wait)})
        asked = await _question(request)
        if asked is None:
            raise web.HTTPBadRequest
        return web.json_response({"made_here": _made_here(asked, relay)}, headers=_HEADERS)

    return [web.post("/v1/stamps", confirm)]


async def _question(request: web.Request) -> StampQuestion | None:
    try:
        async with asyncio.timeout(UPLOAD_IDLE):
            body = await request.content.readexactly(STAMP_QUESTION_BYTES)
            more = await request.content.read(1)
    except (TimeoutError, asyncio.IncompleteReadError):
        return None
    return None if more else StampQuestion.decoded(body)


def _made_here(asked: StampQuestion, relay: Relay) -> bool:
    key = relay.mailboxes.stamp_key
    # A day beyond 63 bits is none that was ever stamped; the MAC takes eight bytes of it.
    return asked.key_id == key.id and key.confirms(asked.stamp, asked.commitment, asked.mailbox, asked.eid, asked.day)
