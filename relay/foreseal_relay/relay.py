"""What one running relay consists of, handed to every connection."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from foreseal_relay.blobs import Blobs
from foreseal_relay.connection import Close, Connection
from foreseal_relay.limits import HEARTBEAT, LOGIN_WAIT
from foreseal_relay.mailboxes import Mailboxes
from foreseal_relay.meter import Meter
from foreseal_relay.patience import Deadlines
from foreseal_relay.presence import Presence
from foreseal_relay.tickets import Tickets

__all__ = ["Relay"]


@dataclass(frozen=True, slots=True)
class Relay:
    """`clock` gives Unix time in seconds, `random(n)` n unpredictable bytes. `origins`: what a login may be signed
    for. `free_blobs`: whether blobs cost no tokens. `meter`: what is counted; `connections`: the websockets open
    now; `logins`: those that have not logged in yet; `heartbeats`: those that are pinged."""

    mailboxes: Mailboxes
    blobs: Blobs
    origins: tuple[str, ...]
    clock: Callable[[], float]
    random: Callable[[int], bytes]
    tickets: Tickets
    presence: Presence = field(default_factory=Presence)
    free_blobs: bool = False
    meter: Meter = field(default_factory=Meter)
    connections: set[Connection] = field(default_factory=set)
    logins: Deadlines[Connection] = field(default_factory=lambda: Deadlines(LOGIN_WAIT, Connection.give_up))
    heartbeats: Deadlines[Connection] = field(default_factory=lambda: Deadlines(HEARTBEAT, Connection.beat))

    async def say_goodbye(self) -> None:
        """Closes every connection because the relay stops."""
        await asyncio.gather(*(connection.close(Close.GOING_AWAY) for connection in self.connections))
