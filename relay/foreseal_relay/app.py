"""The relay's HTTP face: two kinds of websocket, blobs, health."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Final

from aiohttp import web, web_response

from foreseal_relay.blob_routes import blob_routes
from foreseal_relay.connection import Close, Connection
from foreseal_relay.directory import Directory
from foreseal_relay.directory_routes import directory_routes
from foreseal_relay.drop import serve_drop
from foreseal_relay.health import health_routes
from foreseal_relay.inbox import serve_inbox
from foreseal_relay.limits import MAX_CONNECTIONS, UNAVAILABLE_RETRY
from foreseal_relay.list_routes import list_routes
from foreseal_relay.logs import log_fault
from foreseal_relay.relay import Relay
from foreseal_relay.stamp_routes import stamp_routes
from foreseal_relay.store.interface import StoreError
from foreseal_relay.wire import NONCE_BYTES

__all__ = ["application"]

_SERVER: Final = "foreseal"
"""Whom answers are from, without versions: those help who looks for old ones, and nobody else."""
_RETRY: Final = {"Retry-After": str(UNAVAILABLE_RETRY)}
Serve = Callable[[Relay, Connection, bytes], Awaitable[None]]
_WEBSOCKETS: Final[tuple[tuple[str, Serve], ...]] = (("inbox", serve_inbox), ("drop", serve_drop))


def application(relay: Relay, lists: Path | None = None, directory: Directory | None = None) -> web.Application:
    """The routes of one relay. `lists`: a repository of hash lists to serve beside; `directory`: what is public."""

    async def issuer(_: web.Request) -> web.Response:
        # The same bytes for everybody, asked for by nobody in particular.
        return web.Response(body=relay.mailboxes.issuer.listed, headers={"Cache-Control": "public, max-age=86400"})

    routes = [web.get("/v1/issuer", issuer), *health_routes(relay.mailboxes.store), *blob_routes(relay)]
    routes += stamp_routes(relay)
    if lists is not None:
        routes += list_routes(lists)
    if directory is not None:
        routes += directory_routes(relay, directory)
    # There is no setting for it, and what is no HTTP is answered before any signal or middleware.
    web_response.SERVER_SOFTWARE = _SERVER  # type: ignore[attr-defined]
    app = web.Application()
    app.add_routes([web.get(f"/v1/{name}", partial(_connected, relay, serve)) for name, serve in _WEBSOCKETS])
    app.add_routes(map(_answering_faults, routes))

    async def stop(_: web.Application) -> None:
        await relay.say_goodbye()

    app.on_shutdown.append(stop)
    return app


async def _connected(relay: Relay, serve: Serve, request: web.Request) -> web.StreamResponse:
    """Serves a websocket until it closes. In one coroutine and behind no middleware: each is memory of every open
    connection."""
    if len(relay.connections) >= MAX_CONNECTIONS:
        raise web.HTTPServiceUnavailable(headers=_RETRY)
    connection = Connection()
    relay.connections.add(connection)
    try:
        nonce = relay.random(NONCE_BYTES)
        await connection.open(request, nonce)
        await serve(relay, connection, nonce)
    except Exception as error:
        if not connection.is_open:  # no websocket was asked for, or none came about
            return _over_http(error)
        log_fault(error)
        await connection.close(Close.FAULT)
    finally:
        relay.heartbeats.met(connection)
        relay.connections.discard(connection)
        connection.end()
    return connection.response


def _answering_faults(route: web.RouteDef) -> web.RouteDef:
    """The route, whose faults are answered too."""

    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            return await route.handler(request)
        except Exception as error:
            return _over_http(error)

    return web.RouteDef(route.method, route.path, answer, route.kwargs)


def _over_http(error: Exception) -> web.StreamResponse:
    """What a fault is answered with. Raises what is an answer by itself, and where nobody is left to be answered."""
    if isinstance(error, StoreError):
        return web.json_response({"status": "unavailable"}, status=503, headers=_RETRY)
    if isinstance(error, web.HTTPException | ConnectionError):
        raise error
    log_fault(error)
    raise web.HTTPInternalServerError from None
