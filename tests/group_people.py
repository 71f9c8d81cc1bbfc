"""People with keys for tests of groups, and states they sign."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import msgspec

from foreseal_client.groups.agreeing import Agreed
from foreseal_client.groups.changes import Change, Impossible, begin, changed
from foreseal_client.groups.log import GroupLog, Learned
from foreseal_client.groups.state import GroupState, Member, SignedState, sign_state
from foreseal_client.sealing.keys import DeviceKeys

__all__ = ["GROUP", "Somebody", "extended", "founded", "made", "people"]

GROUP = bytes(range(16))
NAMES = ("Alice", "Bob", "Carol", "Dan", "Erin", "Frank", "Grace", "Heidi")


@dataclass(frozen=True)
class Somebody:
    """A person with keys that are the same in each run."""

    name: str
    keys: DeviceKeys = field(repr=False)
    member: Member = field(repr=False)

    @property
    def id(self) -> bytes:
        return self.member.identity

    def sign(self, state: GroupState) -> SignedState:
        return sign_state(state, self.keys.identity)


def people(count: int) -> list[Somebody]:
    """The first so many of eight people; the earlier ones are made admins first."""
    found = []
    for name in NAMES[:count]:
        seed = hashlib.sha512(name.encode()).digest()
        keys = DeviceKeys(seed[:32], seed[32:])
        member = Member(keys.identity_public, name, "http://relay.example", seed[:16], 1)
        found.append(Somebody(name, keys, member))
    return found


def founded(creator: Somebody, *others: Somebody) -> SignedState:
    """A group's first state."""
    state = begin(GROUP, "Walks", creator.member, tuple(one.member for one in others))
    assert isinstance(state, GroupState), state
    return creator.sign(state)


def made(author: Somebody, under: Agreed | GroupLog, change: Change) -> SignedState:
    """The state that carries this change out."""
    agreed = under.agreed if isinstance(under, GroupLog) else under
    state = changed(agreed, author.id, change)
    assert not isinstance(state, Impossible), state
    return author.sign(state)


def extended(log: GroupLog, *states: SignedState) -> GroupLog:
    """The log after these states, each of which has to be taken."""
    for known in states:
        learned = log.learn(known)
        assert isinstance(learned, Learned), learned
        log = learned.log
    return log


def forged(known: SignedState, **changes: object) -> GroupState:
    """A state with some fields exchanged, to be signed by somebody."""
    return msgspec.structs.replace(known.state, **changes)
