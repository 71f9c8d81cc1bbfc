"""Sends to a relay as fast as it answers, or at a pace. A process of its own, so that it is not what is measured:
`python -m foreseal_relay.measuring.load` takes a `Load` as JSON on standard input and prints a `Told`."""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
import time
from collections import deque

import aiohttp
import msgspec

from foreseal_relay import wire
from foreseal_relay.measuring.plan import A_MAILBOX, Load, Told, mailbox, token
from foreseal_relay.server import loop_factory

__all__ = ["run"]

_PATIENCE = 60.0


class _Client:
    """One connection after another, each for one mailbox; a fixed number of sends under way."""

    def __init__(self, load: Load, number: int) -> None:
        self._load = load
        self._number = number
        self._body = os.urandom(wire.BODY_SIZES[0])
        self.took: list[float] = []
        self.refused = 0

    async def run(self, session: aiohttp.ClientSession, ends: float) -> None:
        url = self._load.urls[self._number % len(self._load.urls)] + "/v1/drop"
        for place in itertools.count():
            # No pings to answer late: a loaded client must not be cut off in the middle of a measurement.
            async with session.ws_connect(url, max_msg_size=wire.MAX_FRAME + 1, autoping=True) as socket:
                if self._load.answers == "accepted":
                    await socket.receive(timeout=_PATIENCE)  # the greeting
                await self._fill(socket, place % self._load.mailboxes, ends)
            if time.perf_counter() >= ends:
                return

    async def _fill(self, socket: aiohttp.ClientWebSocketResponse, place: int, ends: float) -> None:
        pace = self._load.clients / self._load.a_second if self._load.a_second else 0.0
        due = time.perf_counter() + pace * self._number / self._load.clients  # evenly, and not all at once
        free = asyncio.Semaphore(self._load.in_flight)
        under_way: dict[int, float] = {}
        in_order: deque[int] = deque()

        async def hear() -> None:
            for _ in range(A_MAILBOX):
                message = await socket.receive(timeout=_PATIENCE)
                if message.type is not aiohttp.WSMsgType.BINARY:
                    return
                req = self._heard(message.data, in_order)
                self.took.append((time.perf_counter() - under_way.pop(req)) * 1000)
                free.release()

        hearing = asyncio.create_task(hear())
        for req in range(A_MAILBOX):
            if pace:
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
            await free.acquire()
            now = time.perf_counter()
            if now >= ends:
                break
            # At a pace the clock starts when a send is due: one that has to wait for its turn has waited.
            under_way[req] = due if pace else now
            due += pace
            in_order.append(req)
            await socket.send_bytes(self._frame(req, place))
        while under_way and not hearing.done():
            await asyncio.wait([hearing], timeout=0.01)
        hearing.cancel()
        await asyncio.gather(hearing, return_exceptions=True)

    def _frame(self, req: int, place: int) -> bytes:
        number = self._number + self._load.first
        return wire.encode(
            wire.Send(req, mailbox(number, place), os.urandom(16), 86400, token(number, place), bytes(32), self._body)
        )

    def _heard(self, data: bytes, in_order: deque[int]) -> int:
        if self._load.answers == "echo":
            return in_order.popleft()
        answer = wire.decode_server(data)
        if not isinstance(answer, wire.Accepted):
            self.refused += 1
        if not isinstance(answer, wire.Accepted | wire.Rejected):
            raise TypeError(f"a drop was answered with {type(answer).__name__}")
        return answer.req


async def run(load: Load) -> Told:
    """Sends until the time is over and every answer is there."""
    clients = [_Client(load, number) for number in range(load.clients)]
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        began, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(*(client.run(session, began + load.seconds) for client in clients))
        passed, cpu = time.perf_counter() - began, time.process_time() - cpu
    took = [one for client in clients for one in client.took]
    refused = sum(client.refused for client in clients)
    return Told(len(took) - refused, refused, passed, tuple(took), cpu)


if __name__ == "__main__":
    given = msgspec.json.decode(sys.stdin.buffer.read(), type=Load)
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        sys.stdout.buffer.write(msgspec.json.encode(runner.run(run(given))))
