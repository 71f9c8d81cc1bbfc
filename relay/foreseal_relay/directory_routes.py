"""`POST /v1/public`, `GET /v1/handles/{handle}`, `GET /v1/room` and, for people, `GET /room`: what is public. Nobody
logs in for it, and no address is kept."""

from __future__ import annotations

import asyncio
from typing import Final

from aiohttp import web

from foreseal_relay.directory import Directory
from foreseal_relay.limits import UPLOAD_IDLE
from foreseal_relay.public_wire import Note, decode_signed, encode_public, read_statement
from foreseal_relay.rates import Rates
from foreseal_relay.relay import Relay
from foreseal_relay.store.handles import Published
from foreseal_relay.wire import KEY_BYTES

__all__ = ["LOOKUPS", "STATEMENTS", "directory_routes"]

LOOKUPS: Final = (60, 30, 50)
"""Look-ups: one address may make one in so many seconds, so many at once; all together so many a second."""
STATEMENTS: Final = (600, 5, 5)
"""The same for statements."""
_STATUS: Final = {
    Published.KEPT: 201, Published.TAKEN: 409, Published.HOLDS_ANOTHER: 409, Published.STALE: 409,
    Published.MALFORMED: 400, Published.UNPROVEN: 403, Published.FULL: 507,
}  # fmt: skip
_HEADERS: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_TYPE: Final = "application/octet-stream"
_SAID: Final = (
    "This page is public and not encrypted. Anybody can read it, and write anything about themselves here.\n"
    "A card leads to a request, which the other person may leave unanswered. Compare safety numbers before you trust.\n"
)


def directory_routes(relay: Relay, directory: Directory) -> list[web.RouteDef]:
    """The routes of one directory, with rates of their own."""
    lookups, statements = _rates(relay, LOOKUPS), _rates(relay, STATEMENTS)

    async def publish(request: web.Request) -> web.Response:
        _demand(statements, request)
        try:
            async with asyncio.timeout(UPLOAD_IDLE):
                signed = decode_signed(await request.read())
        except (ValueError, TimeoutError):
            return _refused(Published.MALFORMED)
        outcome = await directory.publish(signed, relay.clock())
        return web.Response(status=201) if outcome is Published.KEPT else _refused(outcome)

    async def find(request: web.Request) -> web.Response:
        _demand(lookups, request)
        found = await directory.find(request.match_info["handle"], relay.clock())
        if found is None:
            raise web.HTTPNotFound
        return web.Response(body=encode_public(found), content_type=_TYPE, headers=_HEADERS)

    async def room(request: web.Request) -> web.Response:
        _demand(lookups, request)
        notes = await directory.notes(relay.clock())
        return web.Response(body=encode_public(notes), content_type=_TYPE, headers=_HEADERS)

    async def page(request: web.Request) -> web.Response:
        _demand(lookups, request)
        said = [read_statement(signed) for signed in await directory.notes(relay.clock())]
        notes = "\n".join(f"{note.line}\n{note.card}\n" for note in said if isinstance(note, Note))
        text = f"{directory.room}\n\n{_SAID}\n{notes}"
        return web.Response(text=text, content_type="text/plain", charset="utf-8", headers=_HEADERS)

    return [
        web.post("/v1/public", publish),
        web.get("/v1/handles/{handle:[a-z0-9_.]{3,32}}", find),
        web.get("/v1/room", room),
        web.get("/room", page),
    ]


def _rates(relay: Relay, rate: tuple[int, int, int]) -> Rates:
    every, burst, a_second = rate
    return Rates(relay.random(KEY_BYTES), every=every, burst=burst, all_every=1 / a_second)


def _demand(rates: Rates, request: web.Request) -> None:
    wait = rates.take(request.remote or "", asyncio.get_running_loop().time())
    if wait:
        raise web.HTTPTooManyRequests(headers={"Retry-After": str(wait)})


def _refused(outcome: Published) -> web.Response:
    return web.json_response({"refused": outcome.name.lower().replace("_", "-")}, status=_STATUS[outcome])
