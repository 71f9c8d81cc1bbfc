"""The server's own echo: the same HTTP server and the same loop, which answers a frame without reading it.

`python -m foreseal_relay.measuring.echo_server` prints its address first, as a relay does, and ends with its input.
"""

from __future__ import annotations

import asyncio
import sys

from aiohttp import WSMsgType, web

from foreseal_relay import wire
from foreseal_relay.server import loop_factory

__all__ = ["ANSWERED"]

ANSWERED = 16
"""Bytes of an answer: about what `Accepted` has."""


async def _echo(request: web.Request) -> web.StreamResponse:
    socket = web.WebSocketResponse(max_msg_size=wire.MAX_FRAME + 1, compress=False)
    await socket.prepare(request)
    async for message in socket:
        if message.type is WSMsgType.BINARY:
            await socket.send_bytes(message.data[:ANSWERED])
    return socket


async def _serve() -> None:
    app = web.Application()
    app.add_routes([web.get("/v1/drop", _echo)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(f"listening on http://127.0.0.1:{runner.addresses[0][1]}", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await runner.cleanup()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(_serve())
