"""One connection to the headless client: lines in, lines out, until it ends or the client does."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from functools import cache
from importlib.metadata import version
from typing import Final

from foreseal_client.rpc.calling import answer, failure, read_request
from foreseal_client.rpc.codes import MEANINGS, Code, RpcError
from foreseal_client.rpc.lines import TooLong
from foreseal_client.rpc.methods import METHODS
from foreseal_client.rpc.methods.subscribing import SUBSCRIBER, Subscriber, Write, notification
from foreseal_client.rpc.service import Service
from foreseal_client.rpc.views import View

__all__ = ["UNDER_WAY", "Ready", "ready", "serve"]

UNDER_WAY: Final = 64
"""Calls of one connection that may be under way; beyond it the next line is read when one of them is done."""


class Ready(View, frozen=True):
    """The parameters of the notification `ready`, which comes first on each connection. `session`: of this run, to
    which event ids belong; `methods`: those that answer."""

    version: str
    session: str
    last_event: int
    accounts: tuple[str, ...]
    methods: tuple[str, ...]
    test_methods: bool


def ready(service: Service) -> Ready:
    """What a client says first."""
    tests = service.settings.test_methods
    names = tuple(sorted(name for name, one in METHODS.items() if tests or not one.for_tests))
    return Ready(
        _version(), service.session, service.journal.last,
        tuple(account.name for account in service.accounts), names, tests,
    )  # fmt: skip


async def serve(service: Service, lines: AsyncIterator[bytes | TooLong], write: Write) -> None:
    """Answers calls as they come, each in a task of its own: one that waits for a relay holds up no other. Returns
    when the lines end or the client is told to shut down; what was asked for by then is answered. `write` is called
    for one line at a time and may raise `OSError`, which ends the connection."""
    lock = asyncio.Lock()

    async def write_one(line: bytes) -> None:
        async with lock:
            await write(line)

    subscriber = Subscriber(service, write_one)
    token = SUBSCRIBER.set(subscriber)
    free = asyncio.Semaphore(UNDER_WAY)

    async def carry_out(line: bytes | TooLong) -> None:
        try:
            told = await _answered(line, service)
            if told is not None:
                await write_one(told)
        finally:
            free.release()

    try:
        await write_one(notification("ready", ready(service)))
        async with asyncio.TaskGroup() as under_way:
            async for line in lines:
                await free.acquire()
                under_way.create_task(carry_out(line))
    except* OSError:
        pass  # nobody reads any more
    finally:
        SUBSCRIBER.reset(token)
        with contextlib.suppress(OSError):
            await subscriber.close()


@cache
def _version() -> str:
    """Read once: looking for it among all that is installed takes some milliseconds."""
    return version("foreseal")


async def _answered(line: bytes | TooLong, service: Service) -> bytes | None:
    if isinstance(line, TooLong):
        return failure(None, RpcError(Code.INVALID_REQUEST, f"The line is too long. {MEANINGS[Code.INVALID_REQUEST]}"))
    try:
        request = read_request(line)
    except RpcError as fault:
        return failure(None, fault)
    return await answer(request, service)
