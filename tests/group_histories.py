"""What people may sign in a group, honestly or not, under any state there is: for properties of whole histories."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from foreseal_client.groups.agreeing import Agreed
from foreseal_client.groups.changes import Add, Change, EndAdmin, Impossible, Leave, MakeAdmin, Remove, Rename, changed
from foreseal_client.groups.log import GroupLog, Learned, Missing
from foreseal_client.groups.state import SignedState
from group_people import extended, founded, made, people

__all__ = ["BEGUN", "PEOPLE", "Act", "acts", "grown", "told"]

PEOPLE = people(7)
ALICE, BOB, CAROL, DAN, ERIN, FRANK, GRACE = PEOPLE
FOUNDED = founded(ALICE, BOB, CAROL, DAN)
BOB_IN_OFFICE = made(ALICE, GroupLog.begin(FOUNDED), MakeAdmin(BOB.id))
CAROL_IN_OFFICE = made(ALICE, extended(GroupLog.begin(FOUNDED), BOB_IN_OFFICE), MakeAdmin(CAROL.id))
BEGUN = [FOUNDED, BOB_IN_OFFICE, CAROL_IN_OFFICE]
"""Alice, Bob and Carol are admins in this order, Dan is a member."""


@dataclass(frozen=True)
class Act:
    """Somebody changes something under one of the states there are, newest first by `back`."""

    author: int
    back: int
    kind: int
    whom: int


acts = st.lists(
    st.builds(Act, st.integers(0, 6), st.integers(0, 12), st.integers(0, 5), st.integers(0, 6)), max_size=24
)


def change_of(act: Act) -> Change:
    whom = PEOPLE[act.whom]
    kinds: tuple[Change, ...] = (
        Add(whom.member), Remove(whom.id), MakeAdmin(whom.id), EndAdmin(whom.id), Rename(f"Walk {act.whom}"), Leave(),
    )  # fmt: skip
    return kinds[act.kind]


def child(act: Act, states: list[SignedState]) -> SignedState | None:
    """What this person signs on top of any state, honestly or not; nothing where `changed` says that it cannot be."""
    under = states[max(0, len(states) - 1 - act.back)]
    author = PEOPLE[act.author]
    state = changed(Agreed((under,), (), frozenset()), author.id, change_of(act))
    return None if isinstance(state, Impossible) else author.sign(state)


def grown(doings: list[Act], states: list[SignedState]) -> list[SignedState]:
    for act in doings:
        known = child(act, states)
        if known is not None and known.hash not in {one.hash for one in states}:
            states = [*states, known]
    return states


def told(states: list[SignedState]) -> GroupLog:
    """The log of somebody who is told of the states in this order, and the first one first."""
    log = GroupLog.begin(FOUNDED)
    for known in states:
        match log.learn(known):
            case Learned(after) | Missing(after):
                log = after
    return log
