"""What a letter says about a group: that it is a message in one, states of one, or a question for a state."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import Final

import msgspec

from foreseal_client.errors import PeerFaultError
from foreseal_client.groups.log import GroupLog
from foreseal_client.groups.state import GROUP_ID_BYTES, MAX_MEMBERS, MAX_STATE_BYTES, SignedState, open_state
from foreseal_client.sealing.decoding import decoded
from foreseal_relay.wire import TOKEN_BYTES

__all__ = ["MAX_PART_BYTES", "GroupPart", "Kind", "Way", "asking", "in_group", "open_part", "parts_with", "states_in"]

MAX_PART_BYTES: Final = 48 * 1024
"""Longest part of a letter that is about a group, in bytes: with the rest it fits into the largest envelope."""

_MALFORMED: Final = "A letter speaks of a group and is malformed there. It was dropped."
_HASH_BYTES: Final = 32


class Kind(IntEnum):
    """What a letter is to its group."""

    MESSAGE = 1
    """A message, written under the state with `state` as its hash."""
    STATES = 2
    """`states` that its reader may not have."""
    ASK = 3
    """Whoever reads this is asked for the state with `state` as its hash, and what followed it."""


class Way(msgspec.Struct, frozen=True, array_like=True):
    """What lets a letter into a member's mailbox: identity (32 bytes) and delivery token (32 bytes). It passes only
    from member to member, inside a session."""

    identity: bytes
    token: bytes


class GroupPart(msgspec.Struct, frozen=True, array_like=True):
    """`group`: 16 bytes; `version` and `state`: number and hash of a state; `states`: packed, the older first."""

    kind: int
    group: bytes
    version: int
    state: bytes
    states: tuple[bytes, ...] = ()
    ways: tuple[Way, ...] = ()

    @property
    def packed(self) -> bytes:
        """As it stands in a letter."""
        return msgspec.msgpack.encode(self)


def in_group(log: GroupLog) -> GroupPart:
    """A message to a group, under the state in force."""
    known = log.agreed.in_force
    return GroupPart(Kind.MESSAGE, known.state.group, known.state.version, known.hash)


def asking(group: bytes, wanted: bytes) -> GroupPart:
    """A question for a state, by its hash."""
    return GroupPart(Kind.ASK, group, 0, wanted)


def parts_with(log: GroupLog, states: Iterable[SignedState], ways: Sequence[Way] = ()) -> list[GroupPart]:
    """States in as few letters as they fit into, in their order; the ways go with the first."""
    in_force, letters, room = log.agreed.in_force, [list[bytes]()], MAX_PART_BYTES - 1024 - len(ways) * 72
    for known in states:
        if len(known.packed) + 4 > room:
            letters.append([])
            room = MAX_PART_BYTES - 1024
        letters[-1].append(known.packed)
        room -= len(known.packed) + 4
    return [
        GroupPart(
            Kind.STATES, in_force.state.group, in_force.state.version, in_force.hash, tuple(packed),
            () if number else tuple(ways),
        )
        for number, packed in enumerate(letters)
    ]  # fmt: skip


def open_part(packed: bytes) -> GroupPart:
    """Raises `PeerFaultError` for malformed bytes, impossible lengths and unknown kinds."""
    part = decoded(packed, GroupPart, _MALFORMED)
    if part.kind not in tuple(Kind):
        raise PeerFaultError("A letter says something about a group that this client does not know. Update it.")
    if (
        len(packed) > MAX_PART_BYTES
        or (len(part.group), len(part.state)) != (GROUP_ID_BYTES, _HASH_BYTES)
        or not 0 <= part.version < 2**32
        or len(part.ways) > MAX_MEMBERS
        or any((len(way.identity), len(way.token)) != (32, TOKEN_BYTES) for way in part.ways)
        or any(len(state) > MAX_STATE_BYTES + 256 for state in part.states)
    ):
        raise PeerFaultError(_MALFORMED)
    return part


def states_in(part: GroupPart) -> list[SignedState]:
    """The states of a part, all of its group, the older first. Raises `PeerFaultError` when one of them is not."""
    states = [open_state(packed) for packed in part.states]
    if any(known.state.group != part.group for known in states):
        raise PeerFaultError("A letter brings a state of another group than it names. It was dropped.")
    return sorted(states, key=lambda known: known.state.version)
