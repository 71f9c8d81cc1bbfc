"""docs/protocol.md, "Groups", is enough to agree with a client on who is in one: a second implementation, from the
page, beside the vectors and beside the client on sets of states that Hypothesis makes up."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given, settings

from foreseal_client.errors import PeerFaultError
from foreseal_client.groups.letters import Kind, open_part, states_in
from foreseal_client.groups.log import GroupLog, Refusal
from foreseal_client.groups.state import open_state
from group_histories import BEGUN, Act, acts, grown, told

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "groups.json").read_text(encoding="utf-8"))
LABEL = b"foreseal/1 group state\x00"


class Plain:
    """A state, taken apart as the page says."""

    def __init__(self, packed: bytes) -> None:
        payload, signature = msgspec.msgpack.decode(packed)
        _, self.group, self.version, self.before, self.name, members, self.admins, self.author = msgspec.msgpack.decode(
            payload
        )[:8]
        Ed25519PublicKey.from_public_bytes(self.author).verify(signature, LABEL + payload)
        self.names = {member[0]: member[1] for member in members}
        self.hash = hashlib.sha256(LABEL + payload).digest()

    def place(self, identity: bytes) -> int:
        return self.admins.index(identity) if identity in self.admins else len(self.admins)


def removed_by(state: Plain, states: dict[bytes, Plain]) -> set[bytes]:
    return set(states[state.before].names) - set(state.names) if state.before in states else set()


def branch_of(state: Plain, states: dict[bytes, Plain]) -> list[Plain]:
    below = [one for one in states.values() if one.before == state.hash]
    return [state, *(later for one in below for later in branch_of(one, states))]


def strength(branch: list[Plain], fork: Plain, out: set[bytes]) -> list[Any]:
    counting = [s for n, s in enumerate(branch) if s.author not in out or (n == 0 and s.author not in s.names)]
    found: list[Any] = []
    for author in sorted({s.author for s in counting}, key=lambda a: (fork.place(a), a)):
        own = [s for s in counting if s.author == author]
        if all(author in s.admins for s in own):
            return [*found, (fork.place(author), 1, *min((-s.version, s.hash) for s in own))]
        found.append((fork.place(author), 0, 0, b""))
    return [*found, (33, 1, *min((-s.version, s.hash) for s in branch))] if found else []


def put_out(chain: list[Plain], lost: list[tuple[Plain, int]], states: dict[bytes, Plain]) -> set[bytes]:
    now, out = chain[-1], set[bytes]()
    for state, fork in sorted(lost, key=lambda one: (now.place(one[0].author), one[0].hash)):
        for who in removed_by(state, states):
            stayed = who in now.names and all(who in one.names for one in chain[fork:])
            senior = state.author in now.admins and now.place(state.author) < now.place(who)
            if stayed and (who == state.author or (senior and state.author not in out)):
                out.add(who)
    return out


def agreed(packed: list[bytes]) -> tuple[bytes, list[str]]:
    """The hash of the state in force, and the names of the members; the first state is the root."""
    all_of = [Plain(one) for one in packed]
    states = {state.hash: state for state in all_of}
    chain, lost = [all_of[0]], list[tuple[Plain, int]]()
    while rivals := [one for one in all_of if one.before == chain[-1].hash]:
        out = put_out(chain, lost, states)
        rated = [(strength(branch_of(one, states), chain[-1], out), one) for one in rivals]
        chosen = min((r for r in rated if r[0]), key=lambda r: r[0], default=(None, None))[1]
        lost += [(s, len(chain) - 1) for one in rivals if one is not chosen for s in branch_of(one, states)]
        if chosen is None:
            break
        chain.append(chosen)
    out = put_out(chain, lost, states)
    return chain[-1].hash, [name for identity, name in chain[-1].names.items() if identity not in out]


@pytest.mark.parametrize("name", VECTORS["sets"])
def test_the_page_and_the_vectors_agree_on_who_is_in(name: str) -> None:
    case = VECTORS["sets"][name]
    packed = [bytes.fromhex(VECTORS["states"][one]) for one in case["states"]]
    assert agreed(packed) == (bytes.fromhex(case["in_force"]), case["members"])


@pytest.mark.parametrize("name", VECTORS["sets"])
def test_the_client_and_the_vectors_agree_on_who_is_in(name: str) -> None:
    case = VECTORS["sets"][name]
    first, *others = (open_state(bytes.fromhex(VECTORS["states"][one])) for one in case["states"])
    log = GroupLog.begin(first)
    for known in others:
        log = log.learn(known).log  # type: ignore[union-attr]
    assert log.agreed.in_force.hash.hex() == case["in_force"]
    assert [member.name for member in log.agreed.members] == case["members"]


@given(acts)
@settings(max_examples=60, deadline=None)
def test_the_page_and_the_client_agree_on_any_states(doings: list[Act]) -> None:
    states = grown(doings, BEGUN)
    log = told(states)
    hash_, names = agreed([known.packed for known in states])
    assert hash_ == log.agreed.in_force.hash
    assert names == [member.name for member in log.agreed.members]


@pytest.mark.parametrize("name", VECTORS["refused"])
def test_the_client_refuses_what_its_author_may_not_make(name: str) -> None:
    case = VECTORS["refused"][name]
    before = open_state(bytes.fromhex(VECTORS["states"][case["before"]]))
    after = open_state(bytes.fromhex(case["packed"]))
    assert isinstance(GroupLog.begin(before).learn(after), Refusal)


@pytest.mark.parametrize("packed", VECTORS["states"].values())
def test_a_state_with_one_bit_flipped_is_nobodys(packed: str) -> None:
    data = bytearray.fromhex(packed)
    data[len(data) // 2] ^= 1
    with pytest.raises(PeerFaultError):
        open_state(bytes(data))
    with pytest.raises((InvalidSignature, msgspec.DecodeError, UnicodeDecodeError, ValueError)):
        Plain(bytes(data))


def test_what_letters_say_about_groups_is_read_as_the_page_says() -> None:
    for kind, (name, packed) in enumerate(VECTORS["letters"].items(), 1):
        data = bytes.fromhex(packed)
        part = open_part(data)
        assert part.kind == Kind(kind), name
        assert msgspec.msgpack.decode(data)[1:4] == [part.group, part.version, part.state]
    states = open_part(bytes.fromhex(VECTORS["letters"]["states"]))
    assert [known.hash.hex() for known in states_in(states)] == list(VECTORS["states"])[:1]
    assert len(states.ways) == 1


@pytest.mark.parametrize(
    "spoilt",
    [
        None,
        [4, bytes(16), 0, bytes(32)],
        [1, bytes(15), 0, bytes(32)],
        [1, bytes(16), -1, bytes(32)],
        [2, bytes(16), 0, bytes(31)],
        [2, bytes(16), 0, bytes(32), [bytes(21_000)]],
        [2, bytes(16), 0, bytes(32), [], [[bytes(32), bytes(31)]]],
        [2, bytes(16), 0, bytes(32), [], [[bytes(32), bytes(32)]] * 33],
    ],
)
def test_a_letter_that_says_something_impossible_about_a_group_is_refused(spoilt: object) -> None:
    with pytest.raises(PeerFaultError):
        open_part(msgspec.msgpack.encode(spoilt))


def test_another_groups_states_cannot_come_in_a_letter() -> None:
    part = open_part(bytes.fromhex(VECTORS["letters"]["states"]))
    with pytest.raises(PeerFaultError, match="another group"):
        states_in(msgspec.structs.replace(part, group=bytes(16)))
