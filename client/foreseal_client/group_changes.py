"""Founding and changing groups on this device: a state is kept and sealed for everybody in one transaction."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence

from foreseal_client.delivery_tokens import note_parted
from foreseal_client.device import Device
from foreseal_client.draft import Draft
from foreseal_client.errors import StoreError
from foreseal_client.group_mail import queue_parts, tell_states, ways_to
from foreseal_client.groups.changes import Add, Change, Impossible, begin, changed
from foreseal_client.groups.letters import Way, parts_with
from foreseal_client.groups.log import GroupLog, Learned
from foreseal_client.groups.state import GROUP_ID_BYTES, GroupState, Member, sign_state
from foreseal_client.sealing.keys import DEVICE
from foreseal_client.store import Contact, Group, GroupStanding, Standing
from foreseal_matcher import Cleared

__all__ = ["change_group", "found_group", "keep_group", "member_of"]


def member_of(contact: Contact) -> Member:
    """A contact as a member of a group."""
    return Member(contact.identity, contact.name, contact.relay, contact.mailbox, DEVICE)


def found_group(cleared: Cleared[Draft], name: str, others: Sequence[Contact], device: Device) -> Group | Impossible:
    """A new group of this person and some contacts. `cleared`: a letter without text. Raises `StoreError`."""
    me = Member(device.identity, device.account.name, device.account.relay, device.mailbox, DEVICE)
    if strangers := _not_addable(others):
        return Impossible(strangers)
    state = begin(secrets.token_bytes(GROUP_ID_BYTES), name, me, tuple(member_of(one) for one in others))
    if isinstance(state, Impossible):
        return state
    log = GroupLog.begin(sign_state(state, device.account.keys.identity))
    with device.store.transaction():
        group = keep_group(state.group, log, device)
        for contact in others:
            tell_states(cleared, group, contact.identity, device)
    return group


def change_group(cleared: Cleared[Draft], group: Group, change: Change, device: Device) -> Group | Impossible:
    """Makes a change, and tells everybody whom it concerns: who stays, who comes, and who goes. Raises `StoreError`."""
    if group.standing is not GroupStanding.JOINED:
        return Impossible("You are not in this group any more.")
    if isinstance(change, Add):
        contact = device.store.people.get(change.member.identity)
        if contact is None or (strangers := _not_addable([contact])):
            return Impossible(strangers if contact is not None else "This person is no contact of yours.")
    state = changed(group.log.agreed, device.identity, change)
    if isinstance(state, Impossible):
        return state
    return _carry_out(cleared, group, state, device)


def _carry_out(cleared: Cleared[Draft], group: Group, state: GroupState, device: Device) -> Group:
    known = sign_state(state, device.account.keys.identity)
    before, learned = group.log.agreed, group.log.learn(known)
    if not isinstance(learned, Learned):
        raise StoreError("This group has changed meanwhile. Try again.")
    log = learned.log
    there = set(before.in_force.state.identities)
    newcomers = [member.identity for member in log.agreed.members if member.identity not in there]
    with device.store.transaction():
        after = keep_group(group.id, log, device)
        ways = ways_to(after, device, newcomers)
        queue_parts(cleared, parts_with(log, [known], ways), _others(log, there.difference(newcomers), device), device)
        gone = _others(log, there.difference(state.identities), device, gone=True)
        queue_parts(cleared, parts_with(log, [known]), gone, device)
        for identity in newcomers:
            tell_states(cleared, after, identity, device)
    return after


def keep_group(group: bytes, log: GroupLog, device: Device, ways: Iterable[Way] = ()) -> Group:
    """Stores a group as it is now; the caller holds the transaction. People whom this device does not know can be
    written to where `ways` says how. What has not left for people who are gone does not leave any more."""
    store, agreed = device.store, log.agreed
    standing = GroupStanding.JOINED if agreed.has(device.identity) else GroupStanding.GONE
    before = store.groups.get(group)
    store.groups.put(group, log, standing)
    if before is None or before.log.states.keys() != log.states.keys():
        store.groups.judge_anew(group)
    tokens = {way.identity: way.token for way in ways}
    for member in agreed.members:
        token = tokens.get(member.identity)
        if token is not None and member.identity != device.identity and store.people.get(member.identity) is None:
            # They are told our token with our membership, so they know where we can be reached.
            store.people.put(
                Contact(
                    member.identity, member.name, member.relay, member.mailbox, token, None, None, Standing.MEMBER,
                    introduced=True,
                )
            )  # fmt: skip
    if before is not None:
        for member in before.log.agreed.members:
            if not agreed.has(member.identity):
                for eid in store.groups.drop_unsent(group, member.identity):
                    store.outbox.remove(eid)
        note_parted((member.identity for member in before.log.agreed.members), device)
    return Group(group, log, standing)


def _others(log: GroupLog, identities: Iterable[bytes], device: Device, *, gone: bool = False) -> list[bytes]:
    return [one for one in identities if one != device.identity and log.agreed.has(one) is not gone]


def _not_addable(contacts: Iterable[Contact]) -> str:
    """Why one of these people cannot be asked into a group, or nothing. Their answer has to have come: what an
    invitation lets in is one conversation, and could not be handed on."""
    for contact in contacts:
        if contact.standing is Standing.BLOCKED:
            return f"{contact.name} is blocked. Unblock them first, then add them."
        if contact.standing is not Standing.ACCEPTED:
            return f"{contact.name} is no contact of yours."
        if contact.invitation is not None or contact.bundle is None:
            return f"{contact.name} has not answered yet, and can be added as soon as they have."
    return ""
