"""The rules of the relay: who may put what where. Frames and time in, frames out; no sockets."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from foreseal_relay.admission import Admission
from foreseal_relay.franking import StampKey
from foreseal_relay.limits import (
    BLOB_DAYS,
    DAY,
    FULL_RETRY,
    MAILBOX_IDLE_DAYS,
    SWEEP_ROWS,
    UNAVAILABLE_RETRY,
    day_of,
    expiry_of,
    hour_of,
)
from foreseal_relay.store.interface import Claim, Envelope, MailboxStore, Outcome, Spending
from foreseal_relay.token_wire import ALLOWANCE, TOKEN_LENGTHS, Kind
from foreseal_relay.tokens import Issuer, MalformedElement, NoKey
from foreseal_relay.wire import (
    INVITATION_SENDS,
    Accepted,
    Ack,
    Bundle,
    Deliver,
    Done,
    Draw,
    Drawn,
    Duplicate,
    FetchBundle,
    Generation,
    Invite,
    Login,
    Publish,
    Register,
    RejectCode,
    Rejected,
    Requests,
    Send,
    Welcome,
    token_digest,
)

__all__ = ["Change", "Mailboxes", "refusal"]

Change = Register | Requests | Publish | Invite | Generation | Ack
"""What the owner of a mailbox may ask for once logged in."""

_CODES: Final = {
    Outcome.NOT_DELIVERABLE: RejectCode.NOT_DELIVERABLE,
    Outcome.NOT_REGISTERED: RejectCode.NOT_REGISTERED,
    Outcome.FULL: RejectCode.FULL,
    Outcome.ROLLED_BACK: RejectCode.ROLLED_BACK,
    Outcome.BAD_TOKEN: RejectCode.BAD_TOKEN,
    Outcome.ADMISSION: RejectCode.ADMISSION,
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
    issuer: Issuer
    admission: Admission

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
        if len(frame.token) == TOKEN_LENGTHS[0]:
            outcome = await self.store.put(envelope, token_digest(frame.token), hour_of(now))
        else:  # checked before the mailbox is looked up: a token that does not hold says nothing about it
            outcome = await self._first(frame, envelope, now)
        match outcome:
            case Outcome.STORED:
                return Accepted(frame.req)
            case Outcome.DUPLICATE:
                return Duplicate(frame.req)
            case _:
                return refusal(frame.req, _CODES[outcome])

    async def _first(self, frame: Send, envelope: Envelope, now: float) -> Outcome:
        """A request or a report, by the kind of its token."""
        for kind in (Kind.FIRST_CONTACT, Kind.REPORT):
            spending = self.issuer.redeem(frame.token, kind, frame.mailbox + frame.eid, now)
            if spending is not None:
                return await self.store.put_first(envelope, spending, report=kind is Kind.REPORT)
        return Outcome.BAD_TOKEN

    async def bundle(self, frame: FetchBundle, now: float) -> Bundle | Rejected:
        """The mailbox's bundle. An invitation claims a one-time prekey with it. A delivery token does not: its holder
        has a session already and only renews it, and could otherwise empty the store by asking."""
        claim: Claim | Outcome | None
        if len(frame.token) == TOKEN_LENGTHS[0]:
            claim = await self.store.claim(frame.mailbox, token_digest(frame.token), hour_of(now))
        else:
            spending = self.issuer.redeem(frame.token, Kind.BUNDLE, frame.mailbox, now)
            claim = (
                Outcome.BAD_TOKEN
                if spending is None
                else await self.store.claim_first(frame.mailbox, spending, day_of(now))
            )
        if not isinstance(claim, Claim):
            return refusal(frame.req, _CODES[claim or Outcome.NOT_DELIVERABLE])
        return Bundle(frame.req, claim.bundle, claim.one_time)

    async def sign_in(self, login: Login, now: float) -> Welcome:
        """Notes a login whose signature holds. A client that finds the returned generation above its own was restored
        from an older state; the relay still lets it in, because it must learn that number to go past it."""
        standing = await self.store.sign_in(login.mailbox, login.generation, day_of(now))
        if standing is None:
            return Welcome(registered=False, generation=login.generation, prekeys_left=0, waiting=0)
        return Welcome(True, standing.generation, standing.prekeys_left, standing.waiting)

    async def draw(self, login: Login, frame: Draw, now: float) -> Drawn | Rejected:
        """A day's tokens of a kind, for the owner of a mailbox. What is evaluated is noted first, so that nobody gets
        two lots; the same question again gets the same elements."""
        kind = Kind(frame.kind)
        if len(frame.blinded) != ALLOWANCE[kind]:
            return refusal(frame.req, RejectCode.MALFORMED)
        try:
            evaluated = self.issuer.evaluate(kind, frame.epoch, frame.blinded, now)
        except MalformedElement:
            return refusal(frame.req, RejectCode.MALFORMED)
        except NoKey:
            return refusal(frame.req, RejectCode.UNAVAILABLE)
        request = hashlib.sha256(frame.epoch.to_bytes(4, "big") + b"".join(frame.blinded)).digest()
        outcome = await self.store.draw(login.mailbox, kind, day_of(now), request)
        if outcome is Outcome.FULL:
            return Rejected(frame.req, RejectCode.FULL, DAY - int(now) % DAY)
        return Drawn(frame.req, evaluated) if outcome is Outcome.STORED else refusal(frame.req, _CODES[outcome])

    async def pay(self, blob_id: bytes, size: int, tokens: Sequence[bytes], now: float) -> bool:
        """Whether a blob may become `size` bytes long, by what was paid before or is paid with these tokens."""
        spendings = [self.issuer.redeem(token, Kind.BLOB, blob_id, now) for token in tokens]
        held = [spending for spending in spendings if spending is not None]
        if len(held) < len(spendings):
            return False
        return await self.store.pay(blob_id, size, held, expiry_of(now, BLOB_DAYS * DAY)) is Outcome.STORED

    async def change(self, login: Login, frame: Change, now: float, admission: bytes = b"") -> Done | Rejected:
        """Carries out what the mailbox's owner asks for. `Done` means that it is on disk. `admission`: what was brought
        for making the mailbox, where it is not there yet."""
        mailbox = login.mailbox
        match frame:
            case Register():
                outcome = await self._register(login, frame, admission, now)
            case Requests():
                outcome = await self.store.take_requests(mailbox, is_open=frame.open, desk=frame.desk)
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

    async def _register(self, login: Login, frame: Register, admission: bytes, now: float) -> Outcome:
        admitted = self.admission.admits(login.mailbox, admission, now)
        if not admitted and await self.store.sign_in(login.mailbox, login.generation, day_of(now)) is None:
            return Outcome.ADMISSION
        return await self.store.register(
            login.mailbox,
            login.key,
            frame.delivery,
            login.generation,
            day_of(now),
            code=admitted if isinstance(admitted, Spending) else None,
        )

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
