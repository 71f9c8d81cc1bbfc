"""Sealing for a group: what was checked once becomes an envelope for each member, in one transaction.

The order in which members come is drawn anew each time. A blob is sealed once and named in each letter.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence

from foreseal_client.checks import Check
from foreseal_client.conversation.saying import notes_in_group
from foreseal_client.device import Device
from foreseal_client.draft import Draft
from foreseal_client.errors import PeerFaultError, StoreError
from foreseal_client.groups.letters import GroupPart, Way, in_group, parts_with
from foreseal_client.ledger.lines import Course
from foreseal_client.mail import demand_waiting, sealed_attachments, sealed_for
from foreseal_client.sealing.attachments import SealedAttachments, seal_attachments
from foreseal_client.sealing.notes import Notes
from foreseal_client.store import Direction, Group, GroupStanding, Message, Standing, State
from foreseal_matcher import Cleared, Held, decide, screen

__all__ = [
    "cleared_note", "queue_for_group", "queue_for_member", "queue_parts", "tell_states", "ways_to", "written_to",
]  # fmt: skip


async def cleared_note(device: Device) -> Cleared[Draft]:
    """A letter without text, to carry what is said about a group: it goes the way everything goes.

    Raises `StoreError` when the policy holds even that.
    """
    policy = device.policy
    screened, _ = await device.measured(screen, Draft(), policy)
    decided = decide(screened, policy)
    if isinstance(decided, Held):
        raise StoreError("Nothing can be checked at the moment, and the policy lets nothing pass unchecked.")
    return decided


async def queue_for_group(
    cleared: Cleared[Draft], group: Group, device: Device, check: Check, held: Message | None = None
) -> Message:
    """Seals for every member and keeps envelopes, sessions and message in one transaction. Members whose keys are not
    here are written to when those have come; whoever this person blocked is not written to. `held`: the message as
    which this draft was stopped before.

    Raises `ChangedSinceCheckError`, `StoreError` (`MovedOnError` where `held` waits no more), or `ValueError`
    when it does not fit.
    """
    draft, store = cleared.content, device.store
    verdict, digest, cost = device.kept(cleared.verdict), cleared.digest, check.cost
    sealed = await sealed_attachments(cleared, device)
    with sealed.removed_on_failure(), store.keeping(draft.attachments) as files, store.transaction():
        demand_waiting(held, device)
        group = store.groups.get(group.id) or group  # somebody may have been removed while attachments were sealed
        if group.standing is not GroupStanding.JOINED:  # this person, too: nobody would show it
            raise StoreError("You are not in this group any more. Nothing was sent.")
        fades = store.conversations.get(group.id).timer
        device.note_check(check, cleared, Course.OUT)
        if held is None:
            row = store.history.add(
                device.identity, Direction.OUT, State.QUEUED, at=device.now, text=draft.text, cost=cost,
                verdict=verdict, digest=digest, files=files, group=group.id, fades_after=fades,
            ).id  # fmt: skip
        else:
            row = held.id
            store.history.send_held(
                row, at=device.now, verdict=verdict, digest=digest, cost=cost, files=files, eid=None, fades_after=fades
            )
        for identity in _in_any_order(written_to(group, device)):
            _queue(cleared, row, identity, group, sealed, device)
        store.groups.sum_up(row)
    _drop_unnamed(sealed, device)
    message = store.history.get(row)
    if message is None:
        raise StoreError("This message is not on this device any more.")
    return message


async def queue_for_member(
    cleared: Cleared[Draft], message: Message, group: bytes, identity: bytes, device: Device
) -> None:
    """Seals a message for one member whose keys have come since it was written, if it still waits for them. Raises what
    `queue_for_group` does."""
    sealed, groups = await sealed_attachments(cleared, device), device.store.groups
    with sealed.removed_on_failure(), device.store.transaction():
        found = groups.get(group)
        # It may have been deleted while it was checked and sealed, or sealed for them beside this.
        waits = message.id in groups.keyless(identity)
        if waits and found is not None and identity in written_to(found, device):
            _queue(cleared, message.id, identity, found, sealed, device)
        groups.sum_up(message.id)
    _drop_unnamed(sealed, device)


def queue_parts(cleared: Cleared[Draft], parts: Sequence[GroupPart], to: Iterable[bytes], device: Device) -> None:
    """Says something about a group to these people; the caller holds the transaction. Members whose keys are not here
    are told the state in force when those have come."""
    store, nothing = device.store, seal_attachments(cleared, device.store.new_outgoing)
    for identity in _in_any_order(to):
        contact = store.people.get(identity)
        if contact is None or contact.bundle is None:
            store.groups.owe(parts[0].group, identity)
        elif contact.standing is not Standing.BLOCKED:
            for part in parts:
                sealed = sealed_for(cleared, identity, nothing, device, group=part.packed, notes=Notes())
                store.outbox.put(identity, sealed)


def tell_states(cleared: Cleared[Draft], group: Group, identity: bytes, device: Device) -> None:
    """Tells a member all that somebody has to know who knows nothing; the caller holds the transaction."""
    queue_parts(cleared, parts_with(group.log, group.log.telling(), ways_to(group, device)), [identity], device)


def ways_to(group: Group, device: Device, identities: Iterable[bytes] | None = None) -> list[Way]:
    """What lets letters into the mailboxes of these members, or of all, as far as it is known here."""
    wanted = set(group.log.agreed.in_force.state.identities if identities is None else identities)
    ways = [Way(device.identity, device.account.delivery_token)] if device.identity in wanted else []
    for member in group.log.agreed.members:
        contact = device.store.people.get(member.identity)
        if contact is not None and contact.invitation is None and member.identity in wanted:
            ways.append(Way(contact.identity, contact.token))
    return ways


def written_to(group: Group, device: Device) -> list[bytes]:
    """Who gets what this person writes in a group: every other member but those whom they blocked."""
    if group.standing is not GroupStanding.JOINED:
        return []
    blocked = {contact.identity for contact in device.store.people.all() if contact.standing is Standing.BLOCKED}
    members = (member.identity for member in group.log.agreed.members)
    return [identity for identity in members if identity != device.identity and identity not in blocked]


def _queue(
    cleared: Cleared[Draft],
    message: int,
    identity: bytes,
    group: Group,
    attachments: SealedAttachments,
    device: Device,
) -> None:
    """One member's envelope."""
    store = device.store
    contact = store.people.get(identity)
    if contact is None or contact.bundle is None:
        store.groups.put_send(message, identity, None)
        return
    try:
        packed, notes = in_group(group.log).packed, notes_in_group(group.id, identity, store)
        earlier = store.groups.earlier(message, identity)
        sealed = sealed_for(cleared, identity, attachments, device, group=packed, notes=notes, eid=earlier)
    except PeerFaultError:  # one member's malformed keys are no reason to leave the others without it
        store.groups.put_send(message, identity, None)
        return
    store.outbox.put(identity, sealed)
    store.groups.put_send(message, identity, sealed.envelope.eid)


def _drop_unnamed(sealed: SealedAttachments, device: Device) -> None:
    """Removes the blobs that no envelope names: everybody was blocked, has left, or is sealed for later."""
    named = device.store.outbox.files()
    for _, path in sealed.blobs:
        if path.name not in named:
            path.unlink(missing_ok=True)


def _in_any_order(identities: Iterable[bytes]) -> list[bytes]:
    found = list(identities)
    secrets.SystemRandom().shuffle(found)
    return found
