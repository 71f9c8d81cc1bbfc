"""The rules of what is public: who may claim a handle, and leave a note in the open room. Statements and time in,
outcomes out; no sockets."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from foreseal_relay.limits import day_of, hour_of
from foreseal_relay.login import proven
from foreseal_relay.public_wire import (
    HANDLE,
    HANDLE_DAYS,
    HANDLE_PAUSE_DAYS,
    LABEL,
    NOTE_DAYS,
    ROOM_SHOWN,
    Claim,
    Note,
    Release,
    Signed,
    TakeBack,
    read_statement,
)
from foreseal_relay.store.handles import PublicStore, Published

__all__ = ["Directory"]

_SKEW: Final = 24
"""Hours by which a statement's clock may be wrong."""


@dataclass(frozen=True, slots=True)
class Directory:
    """What is public at one relay. `origins`: the names under which it is reached; `room`: what the room is called.
    `now` is Unix time in seconds. Every method may raise `StoreError`."""

    store: PublicStore
    origins: Collection[str]
    room: str

    async def publish(self, signed: Signed, now: float) -> Published:
        """Takes a statement in, if its signer may make it."""
        try:
            said = read_statement(signed)
        except ValueError:
            return Published.MALFORMED
        today, hour = day_of(now), hour_of(now)
        if said.origin not in self.origins or not proven(said.identity, signed.signature, LABEL + signed.statement):
            return Published.UNPROVEN
        if abs(said.serial - hour) > _SKEW:
            return Published.STALE
        match said:
            case Claim(expires=expires) if today < expires <= today + HANDLE_DAYS:
                return await self.store.claim(said, signed, today, expires + HANDLE_PAUSE_DAYS)
            case Note(expires=expires) if today < expires <= today + NOTE_DAYS:
                return await self.store.note(said, signed, today)
            case Release():
                return await self.store.release(said, today, today + HANDLE_PAUSE_DAYS)
            case TakeBack():
                return await self.store.take_back(said, today)
            case _:
                return Published.MALFORMED

    async def find(self, handle: str, now: float) -> Signed | None:
        """The claim of exactly this handle. There is no list of them, and no search."""
        return await self.store.find(handle, day_of(now)) if HANDLE.fullmatch(handle) else None

    async def notes(self, now: float) -> list[Signed]:
        """What stands in the room, the newest first."""
        return await self.store.notes(day_of(now), ROOM_SHOWN)

    async def expire(self, now: float) -> int:
        """Forgets what has run out; how many rows went."""
        return await self.store.expire(day_of(now))
