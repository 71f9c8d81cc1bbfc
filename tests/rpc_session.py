"""A headless client in this process, spoken to as through a pipe."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from foreseal_client.rpc.lines import Lines, TooLong
from foreseal_client.rpc.service import Service, Settings
from foreseal_client.rpc.session import serve

__all__ = ["Spoken", "spoken_to"]


class Spoken:
    """`said`: everything that came, in order."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.said: list[dict[str, Any]] = []
        self.lines: asyncio.Queue[bytes] = asyncio.Queue()
        self._more = asyncio.Event()

    async def write(self, line: bytes) -> None:
        self.said.append(msgspec.json.decode(line))
        more, self._more = self._more, asyncio.Event()
        more.set()

    async def pieces(self) -> AsyncIterator[bytes | TooLong]:
        lines = Lines(10_000)
        while piece := await self.lines.get():
            for line in lines.feed(piece):
                yield line

    async def until(self, count: int) -> list[dict[str, Any]]:
        """What came, once it is so much."""
        async with asyncio.timeout(20):
            while len(self.said) < count:
                await self._more.wait()
        return self.said

    async def answer(self, piece: bytes) -> dict[str, Any]:
        """Says it, and what comes next."""
        had = len(self.said)
        self.lines.put_nowait(piece)
        return (await self.until(had + 1))[had]

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        request = {"jsonrpc": "2.0", "id": 7, "method": method, "params": params}
        return await self.answer(msgspec.json.encode(request) + b"\n")


@asynccontextmanager
async def spoken_to(settings: Settings | None = None) -> AsyncIterator[Spoken]:
    """It has said `ready`."""
    service = Service(settings or Settings())
    spoken = Spoken(service)
    serving = asyncio.create_task(serve(service, spoken.pieces(), spoken.write))
    await spoken.until(1)
    yield spoken
    spoken.lines.put_nowait(b"")
    await serving
    await service.close()
