"""The rules of the relay: who may put what where. Frames and time in, frames out; no sockets."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from foreseal_relay.franking import StampKey
from foreseal_relay.limits import (
    FULL_RETRY,
    MAILBOX_IDLE_DAYS,
    SWEEP_ROWS,
    UNAVAILABLE_RETRY,
    day_of,
    expiry_of,
    hour_of,
)
from foreseal_relay.store.interface import Envelope, MailboxStore, Outcome
from foreseal_relay.wire import (
    INVITATION_SENDS,
    Accepted,
    Ack,
    Bundle,
    Deliver,
    Done,
    Duplicate,
    FetchBundle,
    Generation,
    Invite,
    Login,
    Publish,
    Register,
    RejectCode,
    Rejected,
    Send,
    Welcome,
    token_digest,
)

__all__ = ["Change", "Mailboxes", "refusal"]

Change = Register | Publish | Invite | Generation | Ack
"""What the owner of a mailbox may ask for once logged in."""

_CODES: Final = {
    Outcome.NOT_DELIVERABLE: RejectCode.NOT_DELIVERABLE,
    Outcome.NOT_REGISTERED: RejectCode.NOT_REGISTERED,
    Outcome.FULL: RejectCode.FULL,
    Outcome.ROLLED_BACK: RejectCode.ROLLED_BACK,
}
_RETRY_AFTER: Final = {RejectCode.FULL: FULL_RETRY, RejectCode.UNAVAILABLE: UNAVAILABLE_RETRY}


def refusal(req: int, code: RejectCode) -> Rejected:
    """`Rejected`, with the time after which trying again can help."""
    return Rejected(req, code, _RETRY_AFTER.get(code, 0))


@dataclass(frozen=True, slots=True)
class Mailboxes:
    """The mailboxes of one relay. `now` is Unix time in seconds. Every method may raise `StoreError`."""

    store: MailboxStore
    stamp_key: StampKey

    async def accept(self, frame: Send, now: float) -> Accepted | Duplicate | Rejected:
        """Takes an envelope in. `Accepted` means that it is on disk."""
        envelope = Envelope(
            mailbox=frame.mailbox,
            eid=frame.eid,
            commitment=frame.commitment,
            body=frame.body,
            day=day_of(now),
            expires=expiry_of(now, frame.ttl),
        )
        outcome = await self.store.put(envelope, token_digest(frame.token), hour_of(now))
        match outcome:
            case Outcome.STORED:
                return Accepted(frame.req)
            case Outcome.DUPLICATE:
                return Duplicate(frame.req)
            case _:
                return refusal(frame.req, _CODES[outcome])

    async def bundle(self, frame: FetchBundle, now: float) -> Bundle | Rejected:
        """The mailbox's bundle. An invitation claims a one-time prekey with it. A delivery token does not: its holder
        has a session already and only renews it, and could otherwise empty the store by asking."""
        claim = await self.store.claim(frame.mailbox, token_digest(frame.token), hour_of(now))
        if claim is None:
            return refusal(frame.req, RejectCode.NOT_DELIVERABLE)
        return Bundle(frame.req, claim.bundle, claim.one_time)

    async def sign_in(self, login: Login, now: float) -> Welcome:
        """Notes a login whose signature holds. A client that finds the returned generation above its own was restored
        from an older state; the relay still lets it in, because it must learn that number to go past it."""
        standing = await self.store.sign_in(login.mailbox, login.generation, day_of(now))
        if standing is None:
            return Welcome(registered=False, generation=login.generation, prekeys_left=0, waiting=0)
        return Welcome(True, standing.generation, standing.prekeys_left, standing.waiting)

    async def change(self, login: Login, frame: Change, now: float) -> Done | Rejected:
        """Carries out what the mailbox's owner asks for. `Done` means that it is on disk."""
        mailbox = login.mailbox
        match frame:
            case Register():
                outcome = await self.store.register(mailbox, login.key, frame.delivery, login.generation, day_of(now))
            case Publish():
                outcome = await self.store.publish(mailbox, frame.bundle, frame.one_time)
            case Invite():
                expires = expiry_of(now, frame.ttl)
                outcome = await self.store.invite(mailbox, frame.invitation, INVITATION_SENDS, expires, hour_of(now))
            case Generation():
                outcome = await self.store.raise_generation(mailbox, frame.generation)
            case Ack():
                await self.store.acknowledge(mailbox, frame.eids)
                outcome = Outcome.STORED
        return Done(frame.req) if outcome is Outcome.STORED else refusal(frame.req, _CODES[outcome])

    async def deliveries(self, mailbox: bytes, without: Collection[bytes], limit: int, now: float) -> list[Deliver]:
        """At most `limit` (1 or more) waiting envelopes, stamped, leaving out those whose eids are in `without`."""
        waiting = await self.store.waiting(mailbox, without, limit, hour_of(now))
        return [self.stamp_key.deliver(envelope) for envelope in waiting]

    async def expire(self, now: float) -> int:
        """Forgets what has expired, in batches with sends answered in between; how many rows went."""
        total = 0
        while gone := await self.store.expire(hour_of(now), day_of(now) - MAILBOX_IDLE_DAYS, SWEEP_ROWS):
            total += gone
        return total
