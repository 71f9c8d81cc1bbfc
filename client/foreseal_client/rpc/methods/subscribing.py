"""Events pushed to who asks for them: each connection has its own subscriptions."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any, Final

import msgspec

from foreseal_client.rpc.calling import Params, method
from foreseal_client.rpc.codes import Code, RpcError
from foreseal_client.rpc.journal import Happened
from foreseal_client.rpc.methods.accounts import Done, OfAccount
from foreseal_client.rpc.service import Service
from foreseal_client.rpc.views import View

__all__ = ["SUBSCRIBER", "Ended", "Pushed", "Subscriber", "notification"]

MAX_SUBSCRIPTIONS: Final = 16
"""Subscriptions of one connection at the same time."""

Write = Callable[[bytes], Awaitable[None]]


class Subscribe(OfAccount, frozen=True):
    """`account`: only what happens in this one; all of them where it is left out. `since`: the id of the last event
    seen, to begin with what was missed; left out, it begins now."""

    since: int | None = None


class Unsubscribe(Params, frozen=True):
    """`subscription`: as `subscribeReceive` answered."""

    subscription: int


class Subscribed(View, frozen=True):
    """`subscription`: stands in each notification of it. `since`: the event after which it begins."""

    subscription: int
    since: int


class Pushed(View, frozen=True):
    """The parameters of the notification `receive`."""

    subscription: int
    result: Happened


class Ended(View, frozen=True):
    """The parameters of the notification `subscriptionEnded`: its reader was slower than what is kept."""

    subscription: int
    reason: str


def notification(name: str, params: Any) -> bytes:
    """A notification as one line."""
    return msgspec.json.encode({"jsonrpc": "2.0", "method": name, "params": params}) + b"\n"


class Subscriber:
    """The subscriptions of one connection."""

    def __init__(self, service: Service, write: Write) -> None:
        self._service = service
        self._write = write
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._last = 0

    def begin(self, account: str | None, since: int) -> int:
        """Its number. Raises `RpcError`."""
        if len(self._tasks) >= MAX_SUBSCRIPTIONS:
            raise RpcError(Code.REFUSED, f"A connection has at most {MAX_SUBSCRIPTIONS} subscriptions.")
        self._service.journal.since(since)
        self._last += 1
        self._tasks[self._last] = asyncio.create_task(self._push(self._last, account, since))
        return self._last

    def end(self, subscription: int) -> None:
        """Ends one. Raises `RpcError`."""
        task = self._tasks.pop(subscription, None)
        if task is None:
            raise RpcError(Code.UNKNOWN, f"There is no subscription {subscription}.")
        task.cancel()

    async def close(self) -> None:
        """Ends all."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _push(self, subscription: int, account: str | None, since: int) -> None:
        try:
            async for happened in self._service.journal.follow(since):
                if account in (None, happened.account):
                    await self._write(notification("receive", Pushed(subscription, happened)))
        except RpcError as fault:
            self._tasks.pop(subscription, None)
            await self._write(notification("subscriptionEnded", Ended(subscription, str(fault))))


SUBSCRIBER: ContextVar[Subscriber | None] = ContextVar("subscriber", default=None)
"""That of the connection on which a call came; none over HTTP, which has server-sent events instead."""


@method("subscribeReceive")
async def subscribe_receive(service: Service, params: Subscribe) -> Subscribed:
    """Have events pushed as notifications `receive` on this connection, replayed from an id on."""
    if params.account is not None:
        service.account(params.account)
    since = service.journal.last if params.since is None else params.since
    return Subscribed(_subscriber().begin(params.account, since), since)


@method("unsubscribeReceive")
async def unsubscribe_receive(service: Service, params: Unsubscribe) -> Done:
    """End a subscription of this connection."""
    _subscriber().end(params.subscription)
    return Done()


def _subscriber() -> Subscriber:
    found = SUBSCRIBER.get()
    if found is None:
        raise RpcError(Code.USAGE, "Over HTTP events are read from /v1/events.")
    return found
