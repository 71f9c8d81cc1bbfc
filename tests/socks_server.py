"""A small SOCKS5 server (RFC 1928, no authentication) that notes what it was asked to connect to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

__all__ = ["Socks", "socks_server"]

_NAME, _IPV4 = 3, 1


@dataclass
class Socks:
    """`asked`: kind of address (1 IPv4, 3 name), the address, the port. `leads_to`: where it really connects."""

    url: str
    leads_to: tuple[str, int]
    refuses: bool = False
    asked: list[tuple[int, str, int]] = field(default_factory=list)


@asynccontextmanager
async def socks_server(leads_to: tuple[str, int]) -> AsyncIterator[Socks]:
    """It resolves every name to one place, as no resolver of this machine would."""
    pumps: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, methods = await reader.readexactly(2)
        await reader.readexactly(methods)
        writer.write(b"\x05\x00")
        _, _, _, kind = await reader.readexactly(4)
        if kind == _NAME:
            (length,) = await reader.readexactly(1)
            host = (await reader.readexactly(length)).decode()
        else:
            host = ".".join(map(str, await reader.readexactly(4)))
        socks.asked.append((kind, host, int.from_bytes(await reader.readexactly(2), "big")))
        writer.write(b"\x05" + (b"\x02" if socks.refuses else b"\x00") + b"\x00\x01" + bytes(6))
        if socks.refuses:
            writer.close()
            return
        far_reader, far_writer = await asyncio.open_connection(*socks.leads_to)
        for source, target in ((reader, far_writer), (far_reader, writer)):
            pumps.add(asyncio.create_task(_pump(source, target)))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    socks = Socks(f"socks5://127.0.0.1:{port}", leads_to)
    try:
        yield socks
    finally:
        server.close()
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)


async def _pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    try:
        while chunk := await source.read(65536):
            target.write(chunk)
            await target.drain()
    except ConnectionError:
        pass
    finally:
        target.close()
