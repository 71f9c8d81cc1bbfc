"""Sealing for one person: what was checked becomes an envelope, kept in one transaction with session and message.

`group_mail` does the same for a group. What does not leave, or not yet, is kept here too.
"""

from __future__ import annotations

import asyncio
from typing import Final

import msgspec

from foreseal_client.checks import Check
from foreseal_client.conversation.saying import notes_to
from foreseal_client.device import Device
from foreseal_client.draft import Draft
from foreseal_client.errors import MovedOnError, PeerFaultError, StoreError
from foreseal_client.ledger.lines import Course
from foreseal_client.sealing.attachments import SealedAttachments, seal_attachments
from foreseal_client.sealing.letter import MAX_UNOPENED, ReturnAddress
from foreseal_client.sealing.notes import Notes
from foreseal_client.sealing.seal import Recipient, Sealed, Sender, seal
from foreseal_client.store import Contact, Direction, Group, Message, State
from foreseal_matcher import Cleared, Held

__all__ = ["demand_waiting", "keep_held", "keep_paused", "queue_for_person", "sealed_attachments", "sealed_for"]


_WAITING: Final = (State.HELD, State.RELEASED, State.PAUSED)


async def queue_for_person(
    cleared: Cleared[Draft], to: Contact, device: Device, check: Check, held: Message | None = None
) -> Message:
    """Seals for `to` and keeps envelope, session and message in one transaction: what is sealed is promised.
    Attachments are sealed before it, in a thread; a text written meanwhile may overtake them. `held`: the message
    as which this draft was stopped before; it is the one that leaves.

    Raises `ChangedSinceCheckError`, `PeerFaultError`, `StoreError` (`MovedOnError` where `held` waits no more),
    or `ValueError` when it does not fit.
    """
    draft, store = cleared.content, device.store
    attachments = await sealed_attachments(cleared, device)
    with attachments.removed_on_failure(), store.keeping(draft.attachments) as files, store.transaction():
        demand_waiting(held, device)
        # What waits for a new session keeps its id: it may have left before this device was put back.
        earlier = held.eid if held is not None and held.state is State.PAUSED else None
        fades = store.conversations.get(to.identity).timer
        sealed = sealed_for(cleared, to.identity, attachments, device, eid=earlier)
        store.outbox.put(to.identity, sealed)
        eid, verdict, cost = sealed.envelope.eid, device.kept(cleared.verdict), check.cost
        device.note_check(check, cleared, Course.OUT)
        if held is not None:
            store.history.send_held(
                held.id, at=device.now, verdict=verdict, digest=cleared.digest, cost=cost, files=files, eid=eid,
                fades_after=fades,
            )  # fmt: skip
            return store.history.get(held.id) or held
        return store.history.add(
            to.identity, Direction.OUT, State.QUEUED, at=device.now, text=draft.text, cost=cost, verdict=verdict,
            digest=cleared.digest, files=files, eid=eid, fades_after=fades,
        )  # fmt: skip


def keep_paused(cleared: Cleared[Draft], to: Contact, device: Device, check: Check) -> Message:
    """Keeps what was cleared without sealing it. Raises `StoreError`."""
    draft, store = cleared.content, device.store
    with store.keeping(draft.attachments) as files, store.transaction():
        device.note_check(check, cleared, Course.OUT)
        return store.history.add(
            to.identity, Direction.OUT, State.PAUSED, at=device.now, text=draft.text, cost=check.cost,
            verdict=device.kept(cleared.verdict), digest=cleared.digest, files=files,
        )  # fmt: skip


def keep_held(
    draft: Draft, to: Contact | Group, held: Held, device: Device, check: Check, before: Message | None = None
) -> Message:
    """Keeps what was stopped, for `HELD_DAYS` with its files: a list can be wrong, and what it listed by mistake
    is released when the entry is withdrawn. `before`: the message as which it was stopped already. Raises
    `StoreError`, `MovedOnError` where `before` does not wait any more."""
    store = device.store
    if before is not None:
        after = msgspec.structs.replace(before, state=State.HELD, verdict=held.verdict, note="", cost=check.cost)
        with store.transaction():
            demand_waiting(before, device)
            device.note_check(check, held, Course.OUT)
            store.history.note_checked(after)
        return after
    identity, group = (device.identity, to.id) if isinstance(to, Group) else (to.identity, None)
    with store.keeping(draft.attachments) as files, store.transaction():
        device.note_check(check, held, Course.OUT)
        return store.history.add(
            identity, Direction.OUT, State.HELD, at=device.now, text=draft.text, verdict=held.verdict,
            digest=held.digest, cost=check.cost, files=files, group=group,
        )  # fmt: skip


def demand_waiting(held: Message | None, device: Device) -> None:
    """Demands that what was stopped before still waits: it may have been sent or deleted while its files were checked
    and sealed. The caller holds the transaction in which it leaves. Raises `MovedOnError`."""
    if held is None:
        return
    current = device.store.history.get(held.id)
    if current is None or current.state not in _WAITING:
        raise MovedOnError


async def sealed_attachments(cleared: Cleared[Draft], device: Device) -> SealedAttachments:
    """A draft's attachments, sealed in a thread for everybody it goes to. Raises what `seal_attachments` raises."""
    if not cleared.content.items:
        return seal_attachments(cleared, device.store.new_outgoing)
    return await asyncio.to_thread(seal_attachments, cleared, device.store.new_outgoing)


def sealed_for(
    cleared: Cleared[Draft],
    identity: bytes,
    attachments: SealedAttachments,
    device: Device,
    *,
    group: bytes = b"",
    notes: Notes | None = None,
    eid: bytes | None = None,
) -> Sealed:
    """Seals for somebody and stores the session after it; the caller holds the transaction and keeps the rest.
    `group`: what the letter says about a group; `notes`: what it says beside its text, if not what it says to one
    person; `eid`: see `seal`. Raises `PeerFaultError`, `StoreError` or `ValueError`."""
    store, account = device.store, device.account
    to = store.people.get(identity)
    if to is None or to.bundle is None:
        raise StoreError("This person's keys are not here yet; they come with their first message.")
    sessions, broken = store.people.sessions(identity), store.mending.due(identity)
    session = sessions.current if broken is None else None
    if session is None and to.bundle.payload.expires_day < device.today:
        raise PeerFaultError("This person's keys have expired. New ones are fetched from their relay; try again.")
    address = None
    if session is None or session.pending or not to.introduced:
        address = ReturnAddress(account.name, account.relay, device.mailbox, account.delivery_token, to.invitation)
    unopened = store.mending.take_unopened(identity, MAX_UNOPENED)
    sender = Sender(account.keys, device.mailbox, address, unopened, device.compared.told(device.lists))
    recipient = Recipient(to.bundle, session, sessions.next_round(broken or 0))
    said = notes_to(to, store) if notes is None else notes
    sealed = seal(cleared, sender, recipient, attachments, now=device.now, group=group, notes=said, eid=eid)
    store.people.put_sessions(identity, sessions.put(sealed.session, device.today))
    store.mending.begun(identity)
    # A one-time prekey begins one session: the next one that has to begin rests on the last-resort key.
    store.people.change(identity, introduced=True, bundle=msgspec.structs.replace(to.bundle, one_time=None))
    return sealed
