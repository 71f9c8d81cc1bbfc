"""The headless client over HTTP on the loopback interface: one call a request, events as server-sent events.

Who may speak to it is judged by `loopback.py`; beside that, nothing with an `Origin` is answered at all: no page has
anything to ask here.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec
from aiohttp import web
from aiohttp.typedefs import Middleware

from foreseal_client.loopback import ADDRESS, is_same_token, names_this_machine, new_token
from foreseal_client.rpc.calling import Request, answer, failure, read_request
from foreseal_client.rpc.codes import Code, RpcError, explained
from foreseal_client.rpc.lines import MAX_LINE
from foreseal_client.rpc.service import Service
from foreseal_client.rpc.session import ready

__all__ = ["MAX_STREAMS", "serve_http"]

_KEEP_ALIVE: Final = 15.0
"""Seconds after which a stream of events in which nothing happens says so."""
_BODY_WITHIN: Final = 60.0
"""Seconds in which a call has to come whole."""
MAX_STREAMS: Final = 64
"""Streams of events at the same time."""

CarryOut = Callable[[Request], Awaitable[bytes | None]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def serve_http(service: Service, port: int, listening: Callable[[str, str], None]) -> None:
    """Until `shutdown`. `listening` is told the address and the token. Raises `OSError`."""
    token = new_token()
    app = web.Application(client_max_size=MAX_LINE, middlewares=[_guarded(token)])

    under_way: set[asyncio.Task[bytes | None]] = set()

    async def carried_out(called: Request) -> bytes | None:
        """Goes on although its caller has gone: what was asked for is done, as on a pipe."""
        task = asyncio.create_task(answer(called, service))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
        return await asyncio.shield(task)

    async def call(request: web.Request) -> web.StreamResponse:
        return await _call(request, carried_out)

    streams = asyncio.Semaphore(MAX_STREAMS)

    async def events(request: web.Request) -> web.StreamResponse:
        if streams.locked():
            return _refused(429, f"There are at most {MAX_STREAMS} streams of events at the same time.")
        async with streams:
            return await _events(request, service)

    app.add_routes([web.post("/v1/rpc", call), web.get("/v1/events", events)])
    # Who has gone holds no stream: their place is free at once, and not when the next event finds nobody.
    runner = web.AppRunner(app, access_log=None, logger=_nobody(), shutdown_timeout=1.0, handler_cancellation=True)
    await runner.setup()
    try:
        await web.TCPSite(runner, ADDRESS, port).start()
        listening(f"http://{ADDRESS}:{runner.addresses[0][1]}", token)
        await service.over.wait()
    finally:
        await runner.cleanup()


def _nobody() -> logging.Logger:
    """For what is no HTTP: it is answered with 400, and a trace of it on standard error would help nobody."""
    quiet = logging.getLogger("foreseal.rpc.http")
    quiet.propagate, quiet.disabled = False, True
    return quiet


def _guarded(token: str) -> Middleware:
    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not names_this_machine(request.headers.get("Host", "")):
            return _refused(421, "This address is not answered under that name.")
        if "Origin" in request.headers:
            return _refused(403, "Pages are not answered.")
        scheme, _, shown = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not is_same_token(shown, token):
            return _refused(401, "Show the token: Authorization: Bearer TOKEN")
        try:
            return await handler(request)
        except (web.HTTPException, ConnectionError):
            raise
        except Exception as fault:  # whatever it was: the client lives, and the caller is told of which kind
            return _refused(500, str(explained(fault)))

    return guard


async def _call(request: web.Request, carry_out: CarryOut) -> web.StreamResponse:
    if request.content_type != "application/json":
        return _refused(415, "A call is application/json.")
    if (request.content_length or 0) > MAX_LINE:
        return _refused(413, f"A call has at most {MAX_LINE} bytes.")
    try:
        async with asyncio.timeout(_BODY_WITHIN):
            body = await request.read()
        called = read_request(body)
    except TimeoutError:
        return _refused(408, f"A call comes within {_BODY_WITHIN:g} seconds.")
    except web.HTTPRequestEntityTooLarge:
        return _refused(413, f"A call has at most {MAX_LINE} bytes.")
    except RpcError as fault:
        return web.Response(body=failure(None, fault), content_type="application/json")
    told = await carry_out(called)
    if told is None:
        return web.Response(status=204)
    return web.Response(body=told, content_type="application/json")


async def _events(request: web.Request, service: Service) -> web.StreamResponse:
    """Server-sent events (HTML living standard, 9.2): the event's id is the journal's."""
    asked = request.headers.get("Last-Event-ID") or request.query.get("since") or str(service.journal.last)
    try:
        since = int(asked)
        service.journal.since(since)
    except ValueError:
        return _refused(400, "An event's id is a number.")
    except RpcError as fault:
        return _refused(410, str(fault))
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    await response.prepare(request)
    await response.write(b"event: ready\ndata: " + msgspec.json.encode(ready(service)) + b"\n\n")
    ending = asyncio.create_task(service.over.wait())
    following = service.journal.follow(since)
    following_next = asyncio.ensure_future(anext(following))
    try:
        while not service.over.is_set():
            done, _ = await asyncio.wait(
                {following_next, ending}, timeout=_KEEP_ALIVE, return_when=asyncio.FIRST_COMPLETED
            )
            if following_next in done:
                happened = following_next.result()
                data = msgspec.json.encode(happened)
                await response.write(b"id: %d\nevent: receive\ndata: %s\n\n" % (happened.id, data))
                following_next = asyncio.ensure_future(anext(following))
            elif not done:
                await response.write(b": nothing happened\n\n")
    except (ConnectionError, RpcError):
        pass  # nobody reads any more, or too slowly: who comes back is told so
    finally:
        ending.cancel()
        following_next.cancel()
    return response


def _refused(status: int, why: str) -> web.Response:
    body = {"code": int(Code.REFUSED), "message": why}
    return web.json_response(body, status=status)
