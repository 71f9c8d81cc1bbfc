"""What happened in all accounts of one client, numbered, so that who was away can ask for what they missed."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import Final

from foreseal_client.rpc.codes import Code, RpcError
from foreseal_client.rpc.notices import Notice
from foreseal_client.rpc.views import View

__all__ = ["KEPT_EVENTS", "Happened", "Journal"]

KEPT_EVENTS: Final = 10_000
"""Events that are kept to be replayed; the history keeps messages for good."""


class Happened(View, frozen=True):
    """An event of one account. `id`: from 1, one more each time, over all accounts of this client."""

    id: int
    account: str
    event: Notice


class Journal:
    """Appended to by accounts, read by whoever subscribes."""

    def __init__(self, kept: int = KEPT_EVENTS) -> None:
        self._kept: deque[Happened] = deque(maxlen=kept)
        self._more = asyncio.Event()
        self.last = 0
        """The id of the newest event; 0 before the first."""

    def add(self, account: str, event: Notice) -> None:
        """Something happened."""
        self.last += 1
        self._kept.append(Happened(self.last, account, event))
        self._more.set()
        self._more = asyncio.Event()

    def since(self, id: int) -> list[Happened]:
        """What happened after the event of this id. Raises `RpcError` when that is not kept any more, or is to come."""
        if id > self.last:
            raise RpcError(Code.USAGE, f"The newest event is {self.last}; {id} has not happened yet.")
        if id < self.last - len(self._kept):
            raise RpcError(Code.GONE, f"Events are kept from {self.last - len(self._kept) + 1} on. Read the history.")
        missing = self.last - id
        return list(self._kept)[len(self._kept) - missing :] if missing else []

    async def follow(self, id: int) -> AsyncIterator[Happened]:
        """Everything after the event of this id, and then on as it happens; never ends. Raises as `since` does, also
        when the reader is too slow for what is kept."""
        while True:
            more = self._more
            for happened in self.since(id):
                id = happened.id
                yield happened
            await more.wait()
