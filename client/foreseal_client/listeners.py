"""Who follows what happens in a running client, and how often they are told of a transfer."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Final

from foreseal_client.delivery import Transferred as Told
from foreseal_client.events import Event, Transferred
from foreseal_client.store import Direction

__all__ = ["Listeners"]

_STEPS: Final = 50
"""How often at most a transfer is told of between its begin and its end: nobody could see each chunk."""


class Listeners:
    """Queues of events, one for each who listens."""

    def __init__(self) -> None:
        self._queues: list[asyncio.Queue[Event]] = []

    @contextlib.contextmanager
    def events(self) -> Iterator[asyncio.Queue[Event]]:
        """A queue of what happens from now on."""
        queue: asyncio.Queue[Event] = asyncio.Queue()
        self._queues.append(queue)
        try:
            yield queue
        finally:
            self._queues.remove(queue)

    def tell(self, event: Event) -> None:
        """Tells everybody."""
        for queue in self._queues:
            queue.put_nowait(event)

    def transfer(self, identity: bytes, eid: bytes, direction: Direction) -> Told:
        """What tells of the attachments of one message on their way."""
        told = -1

        def tell(done: int, total: int) -> None:
            nonlocal told
            step = done * _STEPS // max(1, total)
            if step > told:
                told = step
                self.tell(Transferred(identity, eid, direction, done, total))

        return tell
