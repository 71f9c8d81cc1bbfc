"""A group as one device knows it: the states it has, those whose predecessor is missing, and what holds among them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from foreseal_client.errors import PeerFaultError
from foreseal_client.groups.agreeing import Agreed, agree
from foreseal_client.groups.rules import gone, objection
from foreseal_client.groups.state import SignedState

__all__ = [
    "MAX_LOSING_OF_ONE",
    "MAX_WAITING_STATES",
    "VERSIONS_KEPT",
    "GroupLog",
    "Known",
    "Learned",
    "Missing",
    "Refusal",
]

VERSIONS_KEPT: Final = 64
"""States kept below the one in force. A change of an older one comes too late."""
MAX_WAITING_STATES: Final = 64
"""States held whose predecessor is missing; more are refused until it has come."""
MAX_LOSING_OF_ONE: Final = 64
"""States of one author that lie beside the winning branch."""


@dataclass(frozen=True, slots=True)
class Learned:
    """The state was new and belongs to the group. `log` has it, and whatever waited for it."""

    log: GroupLog


@dataclass(frozen=True, slots=True)
class Known:
    """It was there already, or is waiting already."""


@dataclass(frozen=True, slots=True)
class Missing:
    """It follows a state that is not here: `wanted`, by hash. `log` keeps it until that one comes."""

    log: GroupLog
    wanted: bytes


@dataclass(frozen=True, slots=True)
class Refusal:
    """It does not belong to this group. Nothing was changed. `reason` is for reading."""

    reason: str


@dataclass(frozen=True)
class GroupLog:
    """Values in, values out. `states` descend from `root`; `waiting` do not, so far as is known; both by hash."""

    states: Mapping[bytes, SignedState]
    root: bytes
    waiting: Mapping[bytes, SignedState] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "agreed", agree(self.states, self.root))

    agreed: Agreed = field(init=False, repr=False, compare=False)

    @classmethod
    def begin(cls, first: SignedState) -> GroupLog:
        """A group from the state it begins with here: its very first, or the one that somebody was asked in with.
        What came before that, whoever is asked in takes on trust. Raises `PeerFaultError` when no group can begin
        with it."""
        state = first.state
        if state.author in state.identities and state.author not in state.admins:
            raise PeerFaultError("A group's state was made by somebody who is no admin in it. It was dropped.")
        return cls({first.hash: first}, first.hash)

    def learn(self, known: SignedState) -> Learned | Known | Missing | Refusal:
        """The log with one more state, in whatever order they come."""
        state, root = known.state, self.states[self.root].state
        if known.hash in self.states or known.hash in self.waiting:
            return Known()
        if state.group != root.group:
            return Refusal("This state is another group's.")
        if known.hash == root.before:
            return self._deepened(known)
        if state.before not in self.states:
            return self._kept_waiting(known)
        if reason := self._objection(known):
            return Refusal(reason)
        return Learned(replace(self, states={**self.states, known.hash: known})._joined()._trimmed())

    def telling(self) -> tuple[SignedState, ...]:
        """What somebody has to be told who has none of it: the state in force, and where somebody is put out by a
        state that lost, everything since that fork."""
        forks = [self.states[one.state.before].state.version for one in self._unsettled()]
        if not forks:
            return (self.agreed.in_force,)
        return tuple(
            sorted(
                (known for known in self.states.values() if known.state.version >= min(forks)),
                key=lambda known: (known.state.version, known.hash),
            )
        )

    def answer(self, wanted: bytes, asker: bytes) -> tuple[SignedState, ...]:
        """A state, by its hash, and everything that may have followed it, for a member who asks. Somebody who is not
        in the group any more is told up to how they left it; anybody else, and of what is not here, nothing."""
        states = self.states.values() if self.agreed.has(asker) else self._until_gone(asker)
        first = next((known for known in states if known.hash == wanted), None)
        if first is None:
            return ()
        later = (known for known in states if known.state.version > first.state.version)
        return (first, *sorted(later, key=lambda known: (known.state.version, known.hash)))

    def _until_gone(self, identity: bytes) -> list[SignedState]:
        with_them = {known.hash for known in self.states.values() if identity in known.state.identities}
        came = min((self.states[one].state.version for one in with_them), default=-1)
        return [
            known
            for known in self.states.values()
            if known.hash in with_them or known.state.before in with_them or known.state.version <= came
        ]

    def fork_of(self, losing: SignedState) -> tuple[SignedState, ...]:
        """Where the branch of a state that lost begins, and the state that holds there instead."""
        chain, known = self.agreed.chain, losing
        while known not in chain:
            known = self.states[known.state.before]
        place = chain.index(known)
        return chain[place : place + 2]

    def _objection(self, known: SignedState) -> str:
        if reason := objection(self.states[known.state.before].state, known.state):
            return reason
        beside = sum(one.state.author == known.state.author for one in self.agreed.losing)
        if beside >= MAX_LOSING_OF_ONE and known.state.before != self.agreed.in_force.hash:
            return "Its author has made too many states that did not hold."
        return ""

    def _deepened(self, known: SignedState) -> Learned | Refusal:
        """The predecessor of the oldest state here: named by its hash, so it can be no other."""
        if reason := objection(known.state, self.states[self.root].state):
            return Refusal(reason)
        return Learned(replace(self, states={**self.states, known.hash: known}, root=known.hash)._joined())

    def _kept_waiting(self, known: SignedState) -> Missing | Refusal:
        if known.state.version + VERSIONS_KEPT <= self.agreed.in_force.state.version:
            return Refusal("It changes a state that is too long past.")
        root = self.states[self.root].state
        if known.state.version <= root.version and root.version == 0:
            return Refusal("A group begins only once.")
        if len(self.waiting) >= MAX_WAITING_STATES:
            return Refusal("Too many states of this group wait for one that has not come.")
        return Missing(replace(self, waiting={**self.waiting, known.hash: known}), self._wanted_by(known))

    def missing_under(self, state: bytes) -> bytes:
        """What has to be asked for when the state with this hash is not here: itself, or what it waits for."""
        known = self.waiting.get(state)
        return state if known is None else self._wanted_by(known)

    def _wanted_by(self, known: SignedState) -> bytes:
        """The hash of what is missing under a state that waits, below others that wait as well. The past is learned
        backwards, each state named by the next."""
        root = self.states[self.root].state
        if known.state.version < root.version:
            return root.before
        while known.state.before in self.waiting:
            known = self.waiting[known.state.before]
        return known.state.before

    def _joined(self) -> GroupLog:
        """With everything that waited for what has come, and without what proves to be impossible now."""
        log, waiting = self, sorted(self.waiting.values(), key=lambda one: (one.state.version, one.hash))
        for known in waiting:
            root = log.states[log.root].state
            if known.state.before not in log.states and known.hash != root.before:
                continue
            log = replace(log, waiting={key: one for key, one in log.waiting.items() if key != known.hash})
            match log.learn(known):
                case Learned(joined):
                    log = joined
        return log

    def _trimmed(self) -> GroupLog:
        """Without what is too long past to change anything, unless somebody is put out by it."""
        chain = self.agreed.chain
        floor = chain[-1].state.version - VERSIONS_KEPT
        floor = min([floor, *(self.states[one.state.before].state.version for one in self._unsettled())])
        new_root = next(known for known in chain if known.state.version >= floor)
        if new_root.hash == self.root:
            return self
        kept = {new_root.hash: new_root}
        for known in sorted(self.states.values(), key=lambda one: one.state.version):
            if known.state.before in kept:
                kept[known.hash] = known
        waiting = {key: one for key, one in self.waiting.items() if one.state.version > floor}
        return GroupLog(kept, new_root.hash, waiting)

    def _unsettled(self) -> Iterable[SignedState]:
        put_out = self.agreed.put_out
        for known in self.agreed.losing:
            if put_out.intersection(gone(self.states[known.state.before].state, known.state)):
                yield known
