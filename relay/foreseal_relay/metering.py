"""`GET /metrics` on a port of the loopback interface, apart from everything that clients can reach."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

from aiohttp import web

from foreseal_relay.logs import http_log, log
from foreseal_relay.meter import CONTENT_TYPE, shown
from foreseal_relay.relay import Relay

__all__ = ["MeterError", "metering"]


class MeterError(Exception):
    """The port for metrics cannot be listened on. The message names it; choose another one."""


@contextlib.asynccontextmanager
async def metering(relay: Relay, port: int) -> AsyncIterator[int]:
    """Shows the relay's meter on 127.0.0.1; the port. Raises `MeterError`."""

    async def page(_: web.Request) -> web.Response:
        text = shown(
            relay.meter,
            len(relay.connections),
            len(relay.presence.present()),
            failed=relay.mailboxes.store.failed,
        )
        return web.Response(body=text.encode(), headers={"Content-Type": CONTENT_TYPE})

    app = web.Application()
    app.add_routes([web.get("/metrics", page)])
    runner = web.AppRunner(app, access_log=None, logger=http_log(), shutdown_timeout=0)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, "127.0.0.1", port).start()
        except (OSError, OverflowError) as error:
            raise MeterError(
                f"cannot listen on port {port} for metrics: {getattr(error, 'strerror', error)}"
            ) from error
        taken: int = runner.addresses[0][1]
        log.info("metrics on http://127.0.0.1:%d/metrics", taken)
        yield taken
    finally:
        await runner.cleanup()
