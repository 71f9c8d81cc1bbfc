"""The store's interface: values in, values out, each method one durable step.

Every method that names a mailbox touches that mailbox alone, so that a store spread over many machines can be
divided by mailbox. A method returns only after what it wrote is committed and synced. Ids and digests have the
lengths that `wire` checked; `hour` and `expires` are hours since 1970-01-01, `day` days.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

import msgspec

__all__ = [
    "Blob",
    "Claim",
    "Envelope",
    "MailboxStore",
    "Outcome",
    "Spending",
    "Standing",
    "StoreAway",
    "StoreBusy",
    "StoreError",
    "StoreFailed",
    "StoreFull",
    "StoreRefused",
    "StoreUncertain",
    "StoreUnusable",
    "told",
]


class StoreError(Exception):
    """The relay could not write. Nothing was accepted; the client keeps what it wanted to send and tries again."""


class StoreBusy(StoreError):
    """More writes are waiting than the relay may queue. Nothing was accepted; try again in a few seconds."""


class StoreRefused(StoreError):
    """A commit failed, and nothing of that batch was accepted. The relay goes on with the next one; its log and its
    readiness (`/readyz`) say what was wrong."""


class StoreFull(StoreRefused):
    """The disk is full. Nothing of that batch was accepted; make room and the relay goes on by itself."""


class StoreFailed(StoreError):
    """The disk reported an error while writing. What the relay accepted before is kept, and it accepts nothing more:
    after a failed sync nobody knows what is on the disk. Check the disk, then start the relay again."""


class StoreAway(StoreError):
    """The database cannot be reached. Nothing was accepted; the relay goes on by itself once the database answers."""


class StoreUncertain(StoreError):
    """The database went away while it committed, and nobody knows whether it did. The client sends again: what was
    stored is then answered as a duplicate, and what was not is stored."""


class StoreUnusable(StoreError):
    """The store cannot be opened. The message says why and what to do; nothing in it was changed."""


def told(kind: type[StoreError]) -> StoreError:
    """A fault of this kind, with its docstring as the message."""
    return kind(" ".join((kind.__doc__ or "").split()))


class Outcome(Enum):
    """What became of a write. Only `STORED` changed anything."""

    STORED = auto()
    DUPLICATE = auto()
    NOT_DELIVERABLE = auto()
    NOT_REGISTERED = auto()
    FULL = auto()
    ROLLED_BACK = auto()
    BAD_TOKEN = auto()
    ADMISSION = auto()


class Envelope(msgspec.Struct, frozen=True):
    """One sealed letter, waiting. `expires`: the hour from which it is gone. A `Struct`, as `Send` is: thousands are
    made a second, and a frozen dataclass takes ten times as long to make."""

    mailbox: bytes
    eid: bytes
    commitment: bytes
    body: bytes
    day: int
    expires: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What the relay knows of a mailbox at login. `waiting` counts envelopes, expired ones not yet swept included."""

    generation: int
    prekeys_left: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Claim:
    """A bundle, and the one-time prekey that goes with it; None for a delivery token or when they have run out."""

    bundle: bytes
    one_time: bytes | None


@dataclass(frozen=True, slots=True)
class Blob:
    """What the store knows of a blob; its bytes lie in a file. `size` in bytes, `sha256` 32 bytes."""

    id: bytes
    size: int
    sha256: bytes
    expires: int


@dataclass(frozen=True, slots=True)
class Spending:
    """A token (or a registration code) that holds, about to be spent. `token`: its digest, 32 bytes; `purpose`: a
    digest of what it is spent on, 16 bytes; `until`: the hour from which nobody needs to remember it."""

    token: bytes
    purpose: bytes
    until: int


class MailboxStore(Protocol):
    """Mailboxes, bundles, invitations, envelopes and the index of blobs. Every method may raise `StoreError`."""

    @property
    def failed(self) -> bool:
        """Whether the store accepts nothing more until the relay is started again (`StoreFailed`)."""

    async def put(self, envelope: Envelope, token: bytes, hour: int) -> Outcome:
        """Stores an envelope if `token` (a digest) opens the mailbox: `STORED`, `DUPLICATE` for an eid seen before
        (acknowledged or not), `FULL`, or `NOT_DELIVERABLE` for an unknown mailbox and a bad token alike."""

    async def waiting(self, mailbox: bytes, without: Collection[bytes], limit: int, hour: int) -> list[Envelope]:
        """At most `limit` unexpired envelopes whose eids are not in `without`. Raises `ValueError` for a limit below 1,
        which somebody's arithmetic would otherwise turn into a whole mailbox."""

    async def acknowledge(self, mailbox: bytes, eids: Sequence[bytes]) -> None:
        """Deletes these envelopes and remembers their eids until they would have expired. Unknown ones are ignored."""

    async def sign_in(self, mailbox: bytes, generation: int, day: int) -> Standing | None:
        """Notes a login; keeps the higher generation and returns it. None for a mailbox not registered here."""

    async def register(
        self,
        mailbox: bytes,
        login_key: bytes,
        delivery: bytes,
        generation: int,
        day: int,
        *,
        code: Spending | None = None,
    ) -> Outcome:
        """Creates the mailbox, or replaces the digest of its delivery token; the digest before goes on as an invitation
        for `OLD_TOKEN_SENDS` envelopes and `OLD_TOKEN_DAYS`. `code`: what a new mailbox is made with;
        `ADMISSION`, with nothing made, when it was used for another."""

    async def raise_generation(self, mailbox: bytes, generation: int) -> Outcome:
        """Moves the generation up; `ROLLED_BACK` if it would go down."""

    async def publish(self, mailbox: bytes, bundle: bytes, one_time: Sequence[bytes]) -> Outcome:
        """Replaces the bundle and adds one-time prekeys; all or, when there would be too many, nothing (`FULL`). A
        prekey in store, or handed out under an invitation still remembered, is not added a second time."""

    async def invite(self, mailbox: bytes, invitation: bytes, sends: int, expires: int, hour: int) -> Outcome:
        """Remembers an invitation's digest. A digest already known is left as it is."""

    async def claim(self, mailbox: bytes, token: bytes, hour: int) -> Claim | None:
        """The bundle for a delivery token, and for an invitation one one-time prekey with it, the same one each time
        it is asked. None for an unknown mailbox, a bad token or a mailbox without a bundle."""

    # --- anonymous tokens: spent in the transaction that stores what they pay for

    async def take_requests(self, mailbox: bytes, *, is_open: bool, desk: bool = False) -> Outcome:
        """Whether the mailbox takes what strangers send; a new one does not. `desk`: reports instead of requests."""

    async def draw(self, mailbox: bytes, kind: str, day: int, request: bytes) -> Outcome:
        """Notes that the mailbox draws a kind's tokens of this day. The same `request` (a digest of the blinded
        elements) again is `STORED`, another one `FULL`."""

    async def put_first(self, envelope: Envelope, spending: Spending, *, report: bool = False) -> Outcome:
        """Stores a stranger's envelope in a mailbox that takes requests, or reports if it is one (`report`).
        `BAD_TOKEN` when the token was spent on something else; `NOT_DELIVERABLE`, the token spent, for a mailbox that
        is unknown, closed, full, takes the other of the two, or had as many as it takes a day."""

    async def claim_first(self, mailbox: bytes, spending: Spending, day: int) -> Claim | Outcome:
        """The bundle of a mailbox that takes requests, with one one-time prekey while strangers had fewer than
        `PREKEYS_A_DAY` today; refusals as in `put_first`. The same token gets the same prekey again."""

    async def pay(self, blob_id: bytes, size: int, spendings: Sequence[Spending], expires: int) -> Outcome:
        """Lets a blob become `size` bytes long. `STORED` without spending anything where it may already; otherwise
        `BAD_TOKEN`, with nothing spent, when one was spent on another blob or all together are too few."""

    async def add_blob(self, blob: Blob) -> Blob:
        """Notes a blob whose file is safe on disk, and returns what is noted: the older one if the id is taken."""

    async def blob(self, blob_id: bytes, hour: int) -> Blob | None:
        """An unexpired blob."""

    async def blobs(self) -> list[Blob]:
        """All blobs, for the start of the relay. Never answered to a client."""

    async def expire(self, hour: int, idle_day: int, limit: int) -> int:
        """Forgets at most `limit` expired rows of each kind and mailboxes last seen before `idle_day`; the count."""

    async def expire_blobs(self, hour: int, limit: int) -> list[Blob]:
        """Forgets at most `limit` expired blobs and returns them, so that their files can be removed."""

    async def agreed(self, name: str, key_id: bytes) -> bytes:
        """The id of the key called `name` that every relay over this store must hold: `key_id` if none was noted
        before. The key itself is never stored here."""

    async def check(self) -> None:
        """Writes and commits one row. Raises `StoreError` if that is not possible."""

    async def close(self) -> None:
        """Finishes what was queued, then closes."""
