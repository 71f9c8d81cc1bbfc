"""A relay whose every answer a test decides."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web

from foreseal_client.relay_link import SocketLink

__all__ = ["Handler", "relay"]

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def relay(handler: Handler) -> AsyncIterator[SocketLink]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with SocketLink(f"http://127.0.0.1:{runner.addresses[0][1]}") as link:
        yield link
    await runner.cleanup()
