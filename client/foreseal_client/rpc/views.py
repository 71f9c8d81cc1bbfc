"""What the headless client says of accounts, people, groups, messages and verdicts: values, as they go out in JSON.

Ids are hexadecimal. What a policy hides is not in them: a withheld message has neither text nor files here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, assert_never

import msgspec

from foreseal_client import words
from foreseal_client.device import Device
from foreseal_client.store import Contact, Direction, Group, Message, Received, State
from foreseal_matcher import Clear, ListFacts, Match, Policy, Unreadable, Verdict

__all__ = [
    "AccountView",
    "AttachmentView",
    "ContactView",
    "GroupView",
    "IdentityView",
    "ListView",
    "MemberView",
    "MessageView",
    "PolicyView",
    "VerdictView",
    "View",
    "account_view",
    "contact_view",
    "group_view",
    "identity_view",
    "list_view",
    "message_view",
    "policy_view",
    "verdict_view",
]  # fmt: skip


_RECEIVED: Final[dict[Received, Literal["unknown", "delivered", "read"]]] = {
    Received.UNKNOWN: "unknown", Received.DELIVERED: "delivered", Received.READ: "read",
}  # fmt: skip


class View(msgspec.Struct, frozen=True, rename="camel"):
    """A value that goes out. Its fields are written in camelCase."""


class AccountView(View, frozen=True):
    """An account of this client. `identity`: public key; `mailbox`: where its envelopes wait at the relay."""

    account: str
    name: str
    relay: str
    identity: str
    mailbox: str
    online: bool
    card: str


class ContactView(View, frozen=True):
    """Somebody this account knows. `standing`: accepted, requested, blocked or member. `answered`: they have told where
    they can be reached, so that they can be taken into groups."""

    identity: str
    name: str
    relay: str
    standing: str
    verified: bool
    answered: bool = True


class IdentityView(View, frozen=True):
    """The key of a contact. `changed`: it takes the place of a known one, and nobody has looked at it yet."""

    identity: str
    name: str
    safety_number: str
    verified: bool
    changed: bool


class MemberView(View, frozen=True):
    """Somebody in a group."""

    identity: str
    name: str
    admin: bool


class GroupView(View, frozen=True):
    """A group. `standing`: joined or gone."""

    group_id: str
    name: str
    standing: str
    members: tuple[MemberView, ...]


class VerdictView(View, frozen=True):
    """What a check found. `summary` is for reading. A match says how far the fingerprints lie apart only under
    --test-methods, where every list is synthetic: elsewhere that would be a gauge for finding out what passes."""

    kind: Literal["clear", "match", "unreadable"]
    summary: str
    reasons: tuple[str, ...] = ()
    list_name: str | None = None
    category: str | None = None
    distance: int | None = None
    limit: int | None = None
    entry: int | None = None


class AttachmentView(View, frozen=True):
    """A file of a message. `id`: for `getAttachment`."""

    id: str
    name: str
    size: int
    sha256: str


class MessageView(View, frozen=True):
    """A message. `id`: in this account's store; `eid`: the envelope's, the same on both sides; `sender`: an identity;
    `timestamp`: seconds since 1970, as its sender's clock told it."""

    id: int
    eid: str | None
    direction: Literal["in", "out"]
    state: str
    conversation: str
    group_id: str | None
    sender: str
    timestamp: int
    text: str | None
    attachments: tuple[AttachmentView, ...]
    verdict: VerdictView
    note: str
    received: Literal["unknown", "delivered", "read"] = "unknown"
    """How far an own message has come with its reader, as far as they tell."""
    expires_in: int = 0
    """Seconds after which it disappears, once it was sent or read; 0: it stays."""


class PolicyView(View, frozen=True):
    """The policy in force, and what it does in words."""

    mode: str
    on_failure: str
    summary: str


class ListView(View, frozen=True):
    """A list in use."""

    name: str
    version: str
    purpose: str
    entries: int
    age_days: int
    digest: str


def account_view(account: str, device: Device, *, online: bool) -> AccountView:
    """An account as it is now."""
    known = device.account
    return AccountView(
        account, known.name, known.relay, device.identity.hex(), device.mailbox.hex(), online, device.card()
    )


def contact_view(contact: Contact, device: Device) -> ContactView:
    """A contact as it is now."""
    verified = device.store.trust.verified_on(contact.identity) is not None
    answered = contact.invitation is None and contact.bundle is not None
    return ContactView(contact.identity.hex(), contact.name, contact.relay, contact.standing.value, verified, answered)


def identity_view(contact: Contact, device: Device) -> IdentityView:
    """A contact's key."""
    trust = device.store.trust
    verified, changed = trust.verified_on(contact.identity) is not None, trust.unseen(contact.identity) is not None
    return IdentityView(contact.identity.hex(), contact.name, device.safety_number(contact), verified, changed)


def group_view(group: Group) -> GroupView:
    """A group as this device knows it."""
    state = group.log.agreed.in_force.state
    members = tuple(
        MemberView(member.identity.hex(), member.name, member.identity in state.admins)
        for member in group.log.agreed.members
    )
    return GroupView(group.id.hex(), group.name, group.standing.value, members)


def verdict_view(verdict: Verdict, *, detailed: bool) -> VerdictView:
    """A verdict. `detailed`: with distance and entry."""
    summary = words.outcome(verdict)
    match verdict:
        case Clear(limits):
            return VerdictView("clear", summary, tuple(limit.name.lower() for limit in limits))
        case Unreadable(reason):
            return VerdictView("unreadable", summary, (reason.name.lower(),))
        case Match():
            found = VerdictView("match", summary, (), verdict.list_name, verdict.entry.category)
            if not detailed:
                return found
            return msgspec.structs.replace(
                found, distance=verdict.distance, limit=verdict.limit, entry=verdict.entry.id
            )
        case other:
            assert_never(other)


def message_view(message: Message, device: Device, *, detailed: bool) -> MessageView:
    """A message, without what the policy hides."""
    hidden = message.state is State.WITHHELD
    files = () if hidden or message.state is State.COVERED else message.files
    sender = device.identity if message.direction is Direction.OUT else message.identity
    return MessageView(
        message.id, None if message.eid is None else message.eid.hex(), message.direction.value, message.state.value,
        (message.group or message.identity).hex(), None if message.group is None else message.group.hex(),
        sender.hex(), message.at, None if hidden else message.text,
        tuple(AttachmentView(file.path.name, file.name, file.size, file.sha256.hex()) for file in files),
        verdict_view(message.verdict, detailed=detailed), message.note, _RECEIVED[message.received],
        message.fades_after,
    )  # fmt: skip


def policy_view(policy: Policy) -> PolicyView:
    """A policy."""
    return PolicyView(policy.mode.value, policy.on_failure.value, words.consequence(policy))


def list_view(facts: Sequence[ListFacts]) -> tuple[ListView, ...]:
    """The lists in use."""
    return tuple(ListView(f.name, f.version, f.purpose.value, f.entries, f.age_days, f.digest) for f in facts)
