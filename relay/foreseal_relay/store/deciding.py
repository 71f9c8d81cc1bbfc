"""What becomes of a batch of envelopes: rules alone, from what the database said of their mailboxes."""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from foreseal_relay.limits import MAX_WAITING, MAX_WAITING_BYTES
from foreseal_relay.store.interface import Envelope, Outcome
from foreseal_relay.wire import DIGEST_BYTES, MAX_ONE_TIME_PREKEYS

__all__ = ["Decided", "Door", "Put", "Room", "decide", "leaving"]

_NO_DIGEST: Final = bytes(DIGEST_BYTES)
"""Stands in for the delivery digest of an unknown mailbox. No token is known that hashes to it."""


class Put(msgspec.Struct, frozen=True):
    """An envelope, the digest of the token it came with, and the hour."""

    envelope: Envelope
    token: bytes
    hour: int

    @property
    def door(self) -> tuple[bytes, bytes, int]:
        """What its door depends on: mailbox, token and hour."""
        return self.envelope.mailbox, self.token, self.hour


class Door(msgspec.Struct, frozen=True):
    """What a token is to a mailbox: its delivery token, or an invitation with so many sends left (None: it is none)."""

    by_delivery: bool
    sends_left: int | None

    @classmethod
    def of(cls, token: bytes, delivery: bytes | None, sends_left: int | None) -> Door:
        """`delivery`: the mailbox's digest, None for an unknown one. The comparison is made either way."""
        fits = hmac.compare_digest(_NO_DIGEST if delivery is None else delivery, token)
        return cls(fits and delivery is not None, sends_left)

    @property
    def opens(self) -> bool:
        """Whether the token may ask at all; an invitation that is used up still may, for its duplicates."""
        return self.by_delivery or self.sends_left is not None


class Room(msgspec.Struct, frozen=True):
    """What waits in a mailbox: envelopes, and bytes of their bodies."""

    waiting: int
    size: int


@dataclass(frozen=True, slots=True)
class Decided:
    """`outcomes`, one for each put in its order; `stored`: the envelopes to write; `charged`: sends by (mailbox,
    invitation)."""

    outcomes: list[Outcome] = field(default_factory=list)
    stored: list[Envelope] = field(default_factory=list)
    charged: Counter[tuple[bytes, bytes]] = field(default_factory=Counter)


def decide(
    puts: Sequence[Put],
    doors: Mapping[tuple[bytes, bytes, int], Door],
    rooms: Mapping[bytes, Room],
    seen: Collection[tuple[bytes, bytes]],
) -> Decided:
    """Decides one put after the other, each as if those before it were stored already. `rooms`: of every mailbox that
    exists; `seen`: (mailbox, eid) of what waits or was acknowledged."""
    decided = Decided()
    left = dict(rooms)
    known = set(seen)
    for put in puts:
        outcome = _outcome(put, doors[put.door], left.get(put.envelope.mailbox), known, decided.charged)
        decided.outcomes.append(outcome)
        if outcome is not Outcome.STORED:
            continue
        mailbox, body = put.envelope.mailbox, put.envelope.body
        decided.stored.append(put.envelope)
        known.add((mailbox, put.envelope.eid))
        left[mailbox] = Room(left[mailbox].waiting + 1, left[mailbox].size + len(body))
        if not doors[put.door].by_delivery:
            decided.charged[mailbox, put.token] += 1
    return decided


def leaving(idle: Iterable[tuple[bytes, int]], rows: int) -> list[bytes]:
    """Of idle mailboxes, each with how many envelopes wait in it, those to forget in one step: as many as hold about
    `rows` rows together, since everybody else waits meanwhile, and the first one in any case."""
    gone: list[bytes] = []
    for mailbox, waiting in idle:
        rows -= waiting + MAX_ONE_TIME_PREKEYS
        if gone and rows < 0:
            break
        gone.append(mailbox)
    return gone


def _outcome(
    put: Put,
    door: Door,
    room: Room | None,
    known: Collection[tuple[bytes, bytes]],
    charged: Counter[tuple[bytes, bytes]],
) -> Outcome:
    if room is None or not door.opens:
        return Outcome.NOT_DELIVERABLE
    if (put.envelope.mailbox, put.envelope.eid) in known:
        return Outcome.DUPLICATE  # before the invitation is charged: a retry costs nothing
    if not door.by_delivery and (door.sends_left or 0) <= charged[put.envelope.mailbox, put.token]:
        return Outcome.NOT_DELIVERABLE
    if room.waiting >= MAX_WAITING or room.size + len(put.envelope.body) > MAX_WAITING_BYTES:
        return Outcome.FULL
    return Outcome.STORED
