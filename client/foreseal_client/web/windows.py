"""The windows of a browser that are open, each with a screen behind it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Sequence
from typing import Final, cast

from aiohttp import WSCloseCode, WSMsgType, web

from foreseal_client.web.screen import Screen

__all__ = ["MAX_TYPED", "MAX_WINDOWS", "Windows"]

MAX_WINDOWS: Final = 4
MAX_TYPED: Final = 64 * 1024
_HEARTBEAT: Final = 15.0
_COLUMNS: Final = (20, 500)
_ROWS: Final = (10, 200)


class Windows:
    """`command`: the program of which each window gets one."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._open: set[web.WebSocketResponse] = set()

    @property
    def full(self) -> bool:
        """Whether no further window may be opened."""
        return len(self._open) >= MAX_WINDOWS

    async def show(self, request: web.Request) -> web.StreamResponse:
        """Gives this window a screen, until one of them is closed. `width` and `height` are asked for in cells."""
        socket = web.WebSocketResponse(heartbeat=_HEARTBEAT, max_msg_size=MAX_TYPED, timeout=2.0)
        self._open.add(socket)
        try:
            await socket.prepare(request)
            width, height = _size(request.query.get("width"), request.query.get("height"))
            screen = await Screen.start(self._command, width, height)
            drawing = asyncio.create_task(_draw(screen, socket))
            try:
                async for message in socket:
                    if message.type is not WSMsgType.TEXT or not await _hear(screen, socket, message.data):
                        await socket.close(code=WSCloseCode.UNSUPPORTED_DATA)
            finally:
                drawing.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await drawing
                await screen.end()
        finally:
            self._open.discard(socket)
        return socket

    async def close(self) -> None:
        """Closes all windows; each then ends its screen."""
        await asyncio.gather(*(socket.close(code=WSCloseCode.GOING_AWAY) for socket in [*self._open]))


async def _draw(screen: Screen, socket: web.WebSocketResponse) -> None:
    with contextlib.suppress(ConnectionError):
        async for piece in screen.drawn():
            await socket.send_bytes(piece)
        await socket.close()


async def _hear(screen: Screen, socket: web.WebSocketResponse, said: str) -> bool:
    """What the page's script says: `["stdin", text]`, `["resize", {"width", "height"}]`, `["ping", text]`, and others
    that mean nothing here. False when it is none of that script's."""
    try:
        heard = json.loads(said)
    except (ValueError, RecursionError):
        return False
    match heard:
        case ["stdin", str(typed)]:
            await screen.type(typed)
        case ["resize", {"width": int(width), "height": int(height)}]:
            await screen.resize(*_size(width, height))
        case ["ping", str(when)]:
            await socket.send_json(["pong", when])
        case [str(), *_]:
            pass
        case _:
            return False
    return True


def _size(width: object, height: object) -> tuple[int, int]:
    return _within(width, _COLUMNS, 80), _within(height, _ROWS, 24)


def _within(told: object, bounds: tuple[int, int], otherwise: int) -> int:
    try:
        wanted = int(cast("str | int", told))
    except (TypeError, ValueError):
        return otherwise
    return min(max(wanted, bounds[0]), bounds[1])
