"""All who have the same states agree, in whatever order they came, and nobody comes back by the back door."""

from __future__ import annotations

import random
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from foreseal_client.groups.agreeing import Agreed
from foreseal_client.groups.changes import Impossible, Remove, Rename, changed
from foreseal_client.groups.state import SignedState
from group_histories import BEGUN, PEOPLE, Act, acts, grown, told
from group_people import extended

FOUNDED = BEGUN[0]


@settings(deadline=None)
@given(acts, st.randoms(use_true_random=False))
def test_all_who_have_the_same_states_agree_whatever_order_they_came_in(
    doings: list[Act], chance: random.Random
) -> None:
    states = grown(doings, BEGUN)
    in_order = told(states)
    shuffled = states + [chance.choice(states) for _ in range(3)]
    chance.shuffle(shuffled)
    assert told(shuffled) == in_order
    assert told(shuffled).agreed == in_order.agreed
    assert len(in_order.states) == len(states)


@settings(deadline=None)
@given(acts)
def test_nobody_is_a_member_whom_no_admin_added(doings: list[Act]) -> None:
    log = told(grown(doings, BEGUN))
    chain = log.agreed.chain
    for person in PEOPLE:
        if log.agreed.has(person.id) and person.id not in FOUNDED.state.identities:
            came = [
                after.state.author in before.state.admins
                for before, after in pairwise(chain)
                if person.id in after.state.identities and person.id not in before.state.identities
            ]
            assert came
            assert all(came)


def stepped_down(states: list[SignedState]) -> set[bytes]:
    """Whoever was an admin once, and left or gave up their office by their own signature: that is a last word too, and
    may be said again at another point of the past."""
    admins = {admin for known in states for admin in known.state.admins}
    return {known.state.author for known in states[1:] if known.state.author not in known.state.admins} & admins


def in_office(agreed: Agreed) -> list[bytes]:
    return [admin for admin in agreed.in_force.state.admins if agreed.has(admin)]


@settings(deadline=None)
@given(acts, st.lists(st.builds(Act, st.integers(0, 6), st.integers(0, 30), st.integers(0, 5), st.integers(0, 6))))
def test_those_who_were_removed_can_change_nothing_whatever_they_sign_at_whatever_point_of_the_past(
    doings: list[Act], later: list[Act]
) -> None:
    states = grown(doings, BEGUN)
    log = told(states)
    before = log.agreed
    outside = {person.id for person in PEOPLE if not before.has(person.id)} - stepped_down(states)
    evil = [act for act in later if PEOPLE[act.author].id in outside]
    after = told(grown(evil, states)).agreed
    assert after.members == before.members
    assert after.in_force.state.name == before.in_force.state.name
    assert in_office(after) == in_office(before)


@settings(deadline=None)
@given(acts, st.integers(0, 6), st.integers(0, 6))
def test_a_removal_holds_from_the_moment_it_is_known_whatever_else_was_signed_meanwhile(
    doings: list[Act], remover: int, whom: int
) -> None:
    states = grown(doings, BEGUN)
    log = told(states)
    author = PEOPLE[remover]
    state = changed(log.agreed, author.id, Remove(PEOPLE[whom].id))
    if isinstance(state, Impossible):
        return
    removal = author.sign(state)
    seniors = [p for p in PEOPLE if log.agreed.in_force.state.rank(p.id) < log.agreed.in_force.state.rank(author.id)]
    for rival in seniors:  # each of them did something else at the same time
        other = changed(log.agreed, rival.id, Rename("Runs"))
        assert not isinstance(other, Impossible)
        agreed = extended(log, removal, rival.sign(other)).agreed
        if author.id not in log.agreed.put_out:
            assert not agreed.has(PEOPLE[whom].id)
