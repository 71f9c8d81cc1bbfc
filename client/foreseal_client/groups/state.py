"""A group state: who is in a group from now on, as one admin signed it.

The bytes that were signed are the bytes that travel and are kept; nothing is ever encoded again to check a signature.
A state is named by the hash of those bytes and names the one it follows, so that all of a group's past hangs together.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

import msgspec

from foreseal_client.addresses import MAX_PERSON_NAME, is_relay_url
from foreseal_client.errors import PeerFaultError
from foreseal_client.sealing.decoding import decoded
from foreseal_client.sealing.keys import sign, verify
from foreseal_relay.wire import MAILBOX_BYTES

__all__ = [
    "FIRST",
    "GROUP_ID_BYTES",
    "MAX_GROUP_NAME",
    "MAX_MEMBERS",
    "MAX_STATE_BYTES",
    "GroupState",
    "Member",
    "SignedState",
    "is_group_name",
    "kept_state",
    "open_state",
    "sign_state",
]

FORMAT: Final = 1
GROUP_ID_BYTES: Final = 16
MAX_MEMBERS: Final = 32
"""People in one group: each message is sealed for each of them."""
MAX_GROUP_NAME: Final = 64
"""Longest name of a group, in characters."""
MAX_STATE_BYTES: Final = 20 * 1024
"""Longest signed state, in bytes: 32 people with the longest names and addresses."""
FIRST: Final = bytes(32)
"""What stands where the hash of the state before would stand, in a group's first state."""

_LABEL: Final = b"foreseal/1 group state\x00"
_DROPPED: Final = "It was dropped."


class Member(msgspec.Struct, frozen=True, array_like=True):
    """Somebody in a group and where their letters go, without what would let one in. `identity`: Ed25519, 32 bytes;
    `relay`: its origin; `mailbox`: 16 bytes; `device`: from 1."""

    identity: bytes
    name: str
    relay: str
    mailbox: bytes
    device: int


class GroupState(msgspec.Struct, frozen=True, array_like=True):
    """What an admin decided. `group`: 16 random bytes; `version`: 0 and then one more each time; `before`: the hash of
    the state that this one changes; `members`: in the order they came; `admins`: identities, the most senior first;
    `author`: who signed it."""

    format: int
    group: bytes
    version: int
    before: bytes
    name: str
    members: tuple[Member, ...]
    admins: tuple[bytes, ...]
    author: bytes

    @property
    def identities(self) -> tuple[bytes, ...]:
        """Who is in it, in the order they came."""
        return tuple(member.identity for member in self.members)

    def rank(self, identity: bytes) -> int:
        """Place among the admins, 0 being the most senior; whoever is no admin comes after all of them."""
        return self.admins.index(identity) if identity in self.admins else len(self.admins)


@dataclass(frozen=True, slots=True)
class SignedState:
    """A state with the exact bytes that were signed, their signature (64 bytes) and their hash (32 bytes)."""

    state: GroupState
    payload: bytes
    signature: bytes
    hash: bytes

    @property
    def packed(self) -> bytes:
        """As it travels and is kept."""
        return msgspec.msgpack.encode((self.payload, self.signature))


def is_group_name(name: str) -> bool:
    """Whether a group may be called so."""
    return 1 <= len(name) <= MAX_GROUP_NAME and name.isprintable() and bool(name.strip())


def sign_state(state: GroupState, identity_seed: bytes) -> SignedState:
    """The author's signature under a state. Raises `PeerFaultError` when nobody would take it."""
    payload = msgspec.msgpack.encode(state)
    return open_state(msgspec.msgpack.encode((payload, sign(identity_seed, _LABEL, payload))))


def open_state(packed: bytes) -> SignedState:
    """A state that is well formed and signed by the author it names. Whether that author was allowed to make it is
    for `rules` to say. Raises `PeerFaultError`."""
    payload, signature = decoded(packed, tuple[bytes, bytes], f"A group's state is malformed. {_DROPPED}")
    if len(payload) > MAX_STATE_BYTES:
        raise PeerFaultError(f"A group's state is longer than {MAX_STATE_BYTES} bytes. {_DROPPED}")
    state = decoded(payload, GroupState, f"A group's state is malformed. {_DROPPED}")
    if state.format != FORMAT:
        raise PeerFaultError(f"A group's state has format {state.format}; this client reads {FORMAT}. Update it.")
    if fault := _fault_in(state):
        raise PeerFaultError(f"A group's state {fault}. {_DROPPED}")
    if not verify(state.author, signature, _LABEL, payload):
        raise PeerFaultError(f"A group's state is not signed by the person it names. {_DROPPED}")
    return SignedState(state, payload, signature, _hash(payload))


def kept_state(packed: bytes) -> SignedState:
    """A state from this device's own store, where only what `open_state` took is kept."""
    payload, signature = msgspec.msgpack.decode(packed, type=tuple[bytes, bytes])
    return SignedState(msgspec.msgpack.decode(payload, type=GroupState), payload, signature, _hash(payload))


def _hash(payload: bytes) -> bytes:
    return hashlib.sha256(_LABEL + payload).digest()


def _fault_in(state: GroupState) -> str:
    """What is impossible about a state taken by itself, or nothing."""
    identities = state.identities
    if len(state.group) != GROUP_ID_BYTES or not 0 <= state.version < 2**32 or len(state.before) != len(FIRST):
        return "has an impossible number, id or hash"
    if not is_group_name(state.name):
        return "has an impossible name"
    if len(identities) > MAX_MEMBERS:
        return f"has more than {MAX_MEMBERS} members"
    if len(set(identities)) != len(identities) or not all(_possible(member) for member in state.members):
        return "names somebody twice, or with an impossible address"
    if len(set(state.admins)) != len(state.admins) or not set(state.admins) <= set(identities):
        return "names an admin twice, or one who is no member"
    if (state.version == 0) != (state.before == FIRST):
        return "is a first one that follows another, or a later one that follows none"
    if state.version == 0 and state.admins != (state.author,):
        return "begins a group with other admins than the one who made it"
    return ""


def _possible(member: Member) -> bool:
    return (
        (len(member.identity), len(member.mailbox)) == (32, MAILBOX_BYTES)
        and 1 <= len(member.name) <= MAX_PERSON_NAME
        and is_relay_url(member.relay)
        and 1 <= member.device < 2**32
    )
