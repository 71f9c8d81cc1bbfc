"""Which of a group's states holds, when two admins changed it at once and no server puts one before the other.

States form a tree. Where it forks, **the branch with the most senior author in it wins**, by the order of those who
were admins at the fork. The choice depends on which states there are, never on the order they came in or on how long a
branch has grown, so that all who have the same states agree.

An admin can be removed only by a more senior one. The branch of that removal is therefore stronger than anything that
who was removed can still sign, at whatever point of the past, alone or with people who became admins later.

A removal that loses against another change still holds (`put_out`): nobody comes back because two people were busy at
once, and what who was put out signs alone is not followed. It ends where the winning branch removes the same person
itself, so that an admin can add them again after that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from foreseal_client.groups.rules import gone
from foreseal_client.groups.state import MAX_MEMBERS, GroupState, Member, SignedState

__all__ = ["Agreed", "agree"]


@dataclass(frozen=True, slots=True)
class Agreed:
    """What all who have the same states agree on. `chain`: from the oldest kept state to the one in force; `losing`:
    valid states that are not on it; `put_out`: who is in the state in force and was removed all the same."""

    chain: tuple[SignedState, ...]
    losing: tuple[SignedState, ...]
    put_out: frozenset[bytes]

    @property
    def in_force(self) -> SignedState:
        """The state in force."""
        return self.chain[-1]

    @property
    def members(self) -> tuple[Member, ...]:
        """Who is in the group: nobody else is written to, and nobody else is heard."""
        return tuple(member for member in self.in_force.state.members if member.identity not in self.put_out)

    def has(self, identity: bytes) -> bool:
        """Whether this person is in the group."""
        return identity not in self.put_out and identity in self.in_force.state.identities


def agree(states: Mapping[bytes, SignedState], root: bytes) -> Agreed:
    """What holds among `states`, all of which descend from `root` by steps that `rules` allows. Both by hash."""
    following: dict[bytes, list[SignedState]] = defaultdict(list)
    for known in states.values():
        following[known.state.before].append(known)
    chain, lost, put_out = [states[root]], list[_Lost](), frozenset[bytes]()
    while rivals := following[chain[-1].hash]:
        branches = {rival.hash: tuple(_branch(rival, following)) for rival in rivals}
        strengths = {rival: _strength(branch, chain[-1].state, put_out) for rival, branch in branches.items()}
        winner = min(
            (rival for rival in rivals if strengths[rival.hash]), key=lambda r: strengths[r.hash], default=None
        )
        lost += [
            _Lost(one, gone(states[one.state.before].state, one.state), len(chain) - 1)
            for rival in rivals
            if rival is not winner
            for one in branches[rival.hash]
        ]
        if winner is None:
            break
        chain.append(winner)
        put_out = _put_out(chain, lost)
    losing = tuple(sorted((one.known for one in lost), key=lambda known: known.hash))
    return Agreed(tuple(chain), losing, _put_out(chain, lost))


@dataclass(frozen=True, slots=True)
class _Lost:
    """A state that lost, whom it removed, and the place on the chain where its branch begins."""

    known: SignedState
    removed: tuple[bytes, ...]
    fork: int


def _branch(first: SignedState, following: Mapping[bytes, Sequence[SignedState]]) -> Iterator[SignedState]:
    todo = [first]
    while todo:
        known = todo.pop()
        yield known
        todo += following.get(known.hash, ())


_Strength: TypeAlias = tuple[tuple[int, bool, int, bytes], ...]


def _strength(branch: Sequence[SignedState], fork: GroupState, put_out: Collection[bytes]) -> _Strength:
    """How strong a branch is, its first state coming first; the smaller, the stronger, and empty when nobody who counts
    has signed in it. Who was put out counts no more, but may leave.

    The most senior author decides. Only what they signed themselves counts then, so that nobody else can tip the
    scales between two branches that have the same one. But who stepped down or left in a branch has said a last word
    there: it is stronger than anything else they sign, and between two such branches the next author decides.
    """
    by_author: dict[bytes, list[SignedState]] = defaultdict(list)
    for place, known in enumerate(branch):
        leaving = place == 0 and known.state.author not in known.state.identities
        if leaving or known.state.author not in put_out:
            by_author[known.state.author].append(known)
    strength: list[tuple[int, bool, int, bytes]] = []
    for author in sorted(by_author, key=lambda one: (fork.rank(one), one)):
        if all(author in known.state.admins for known in by_author[author]):
            return (*strength, (fork.rank(author), True, *_last(by_author[author])))
        strength.append((fork.rank(author), False, 0, b""))
    return (*strength, (_NOBODY, True, *_last(branch))) if strength else ()


_NOBODY: Final = MAX_MEMBERS + 1
"""A rank below all."""


def _last(states: Sequence[SignedState]) -> tuple[int, bytes]:
    return min((-known.state.version, known.hash) for known in states)


def _put_out(chain: Sequence[SignedState], lost: Sequence[_Lost]) -> frozenset[bytes]:
    """Who was removed by a state that lost, or left by one, and was not removed on the winning branch since."""
    in_force = chain[-1].state
    removed: set[bytes] = set()
    # The most senior first: whom they put out can put nobody out.
    for one in sorted(lost, key=lambda one: (in_force.rank(one.known.state.author), one.known.hash)):
        author = one.known.state.author
        for identity in one.removed:
            if (
                identity in in_force.identities
                and (identity == author or (author not in removed and _is_senior(in_force, author, identity)))
                and not _was_removed(identity, chain[one.fork :])
            ):
                removed.add(identity)
    return frozenset(removed)


def _is_senior(state: GroupState, author: bytes, identity: bytes) -> bool:
    return author in state.admins and state.rank(author) < state.rank(identity)


def _was_removed(identity: bytes, chain: Sequence[SignedState]) -> bool:
    """Whether some state of this part of the chain, which begins with the fork, is without them."""
    return any(identity not in known.state.identities for known in chain)
