"""All sessions with one contact, and which of them is written on.

Two begin when both sides write first; one more when something could not be opened and both agree on new keys. Each
handshake carries a round, one more than any that its sender knew, so both sides put their sessions into the same
order: by round, then by id. The last one is written on, the others only opened with, until they are forgotten.
"""

from __future__ import annotations

from typing import Final

import msgspec

from foreseal_client.sealing.ratchet import MAX_SKIPPED, SKIPPED_DAYS
from foreseal_client.sealing.session import Session

__all__ = ["MAX_LEAP", "MAX_SESSIONS", "Sessions"]

MAX_SESSIONS: Final = 4
"""Sessions kept with one contact."""
MAX_LEAP: Final = 1000
"""How far a message that could not be opened, and so proves nothing, may lift the round of the next session. Whoever
can write to a mailbox must not bring the end of all rounds nearer."""


class Sessions(msgspec.Struct, frozen=True, array_like=True):
    """`kept`: at most `MAX_SESSIONS`, the one that is written on first. `floor`: round and id of the highest that was
    forgotten. A first message at or below it has opened before, or comes too late; one above it is kept, and its
    repetitions are routed to its session. So each opens once, also where it used no one-time prekey, for as long as
    the contact is known, and nothing grows."""

    kept: tuple[Session, ...] = ()
    floor: tuple[int, bytes] = (0, b"")

    @property
    def current(self) -> Session | None:
        """The one that is written on."""
        return self.kept[0] if self.kept else None

    def get(self, session_id: bytes) -> Session | None:
        """The one with this id (16 bytes)."""
        return next((each for each in self.kept if each.id == session_id), None)

    def may_begin(self, round_: int, session_id: bytes) -> bool:
        """Whether a session that is not known may begin."""
        return (round_, session_id) > self.floor

    @property
    def last_round(self) -> int:
        """The highest round that is known here; 0 for none."""
        return self.kept[0].round if self.kept else self.floor[0]

    @classmethod
    def after_round(cls, last: int) -> Sessions:
        """No session, on a device that was restored: what it begins goes past `last`, the highest round that was known,
        and nothing up to that opens."""
        return cls((), (last, b"\xff" * 16))

    def next_round(self, claimed: int = 0) -> int:
        """The round of a new session, to go past all that are known here. `claimed`: that of a message that could not
        be opened."""
        known = self.last_round
        return max(known, min(claimed, known + MAX_LEAP)) + 1

    def put(self, session: Session, today: int) -> Sessions:
        """With a session added or moved on; keys of overtaken messages that are too old or too many are forgotten, in
        sessions no longer written on first."""
        others = (each for each in self.kept if each.id != session.id)
        ordered = sorted((session, *others), key=lambda each: (each.round, each.id), reverse=True)
        room, kept = MAX_SKIPPED, []
        for each in ordered[:MAX_SESSIONS]:
            ratchet = each.ratchet.forgetting(today - SKIPPED_DAYS, room)
            room -= len(ratchet.skipped)
            kept.append(each if ratchet is each.ratchet else msgspec.structs.replace(each, ratchet=ratchet))
        forgotten = ((each.round, each.id) for each in ordered[MAX_SESSIONS:])
        return Sessions(tuple(kept), max([self.floor, *forgotten]))

    def save(self) -> bytes:
        """The state, to be kept in the encrypted store only: it holds raw secrets."""
        return msgspec.msgpack.encode(self)

    @classmethod
    def restore(cls, state: bytes) -> Sessions:
        """The sessions that `state` was saved from."""
        return msgspec.msgpack.decode(state, type=cls)
