"""A device's record of a group: states that come early wait, within bounds; what is too late or foreign is refused."""

from __future__ import annotations

import msgspec
import pytest

from foreseal_client.errors import PeerFaultError
from foreseal_client.groups.admission import Admitted, NotAMember, Unseen, judge
from foreseal_client.groups.changes import Add, Confirm, EndAdmin, Impossible, Leave, MakeAdmin, Remove, Rename, changed
from foreseal_client.groups.log import (
    MAX_LOSING_OF_ONE,
    MAX_WAITING_STATES,
    VERSIONS_KEPT,
    GroupLog,
    Known,
    Learned,
    Missing,
    Refusal,
)
from foreseal_client.groups.state import SignedState
from group_people import GROUP, Somebody, extended, forged, founded, made, people

ALICE, BOB, CAROL, DAN, ERIN = people(5)
FIRST = founded(ALICE, BOB, CAROL, DAN)
NEW = GroupLog.begin(FIRST)
LOG = extended(NEW, made(ALICE, NEW, MakeAdmin(BOB.id)))
"""Alice and Bob are admins, Carol and Dan members."""


def renamed(log: GroupLog, author: Somebody, times: int) -> tuple[GroupLog, list[SignedState]]:
    states = []
    for number in range(times):
        states.append(made(author, log, Rename(f"Walk {number}")))
        log = extended(log, states[-1])
    return log, states


def names(log: GroupLog) -> list[str]:
    return [member.name for member in log.agreed.members]


# --- waiting ---------------------------------------------------------------------------------------------------------


def test_states_in_the_wrong_order_wait_and_the_lowest_missing_one_is_asked_for() -> None:
    after, (first, second, third) = renamed(LOG, ALICE, 3)
    late = LOG.learn(third)
    assert isinstance(late, Missing)
    assert late.wanted == second.hash
    later = late.log.learn(second)
    assert isinstance(later, Missing)
    assert later.wanted == first.hash
    done = later.log.learn(first)
    assert isinstance(done, Learned)
    assert done.log == after
    assert not done.log.waiting


def test_a_repeated_state_changes_nothing() -> None:
    _, (first, second) = renamed(LOG, ALICE, 2)
    assert LOG.learn(FIRST) == Known()
    waiting = LOG.learn(second)
    assert isinstance(waiting, Missing)
    assert waiting.log.learn(second) == Known()
    assert extended(LOG, first).learn(first) == Known()


def test_what_waited_and_proves_impossible_is_forgotten() -> None:
    _, (first, second) = renamed(LOG, ALICE, 2)
    usurped = CAROL.sign(forged(second, author=CAROL.id))
    waiting = LOG.learn(usurped)
    assert isinstance(waiting, Missing)
    done = waiting.log.learn(first)
    assert isinstance(done, Learned)
    assert done.log == extended(LOG, first)


def test_no_more_than_so_many_states_wait() -> None:
    log = LOG
    for number in range(MAX_WAITING_STATES):
        learned = log.learn(ALICE.sign(forged(FIRST, version=9, before=bytes([1 + number]) * 32)))
        assert isinstance(learned, Missing)
        log = learned.log
    refused = log.learn(ALICE.sign(forged(FIRST, version=9, before=b"y" * 32)))
    assert isinstance(refused, Refusal)
    assert "Too many" in refused.reason
    assert isinstance(log.learn(made(ALICE, log, Rename("Runs"))), Learned)


# --- what is not taken -----------------------------------------------------------------------------------------------


def test_another_groups_state_is_refused() -> None:
    other = ALICE.sign(forged(FIRST, group=bytes(16)))
    assert isinstance(LOG.learn(other), Refusal)


def test_a_second_beginning_of_the_same_group_is_never_followed() -> None:
    usurped = CAROL.sign(forged(FIRST, admins=(CAROL.id,), author=CAROL.id))
    assert LOG.learn(usurped) == Refusal("A group begins only once.")


def test_a_group_cannot_be_begun_with_a_state_by_somebody_who_is_no_admin_in_it() -> None:
    with pytest.raises(PeerFaultError, match="no admin"):
        GroupLog.begin(DAN.sign(forged(LOG.agreed.in_force, author=DAN.id)))


def test_what_is_too_long_past_is_forgotten_and_a_change_of_it_comes_too_late() -> None:
    log, _ = renamed(LOG, ALICE, VERSIONS_KEPT + 5)
    assert len(log.states) == VERSIONS_KEPT + 1
    late = log.learn(made(BOB, LOG, Rename("Runs")))
    assert isinstance(late, Refusal)
    assert "too long past" in late.reason


def test_one_author_cannot_fill_the_log_with_states_that_do_not_hold() -> None:
    log, _ = renamed(LOG, ALICE, 1)
    for number in range(MAX_LOSING_OF_ONE):
        log = extended(log, made(BOB, LOG, Rename(f"Run {number}")))
    refused = log.learn(made(BOB, LOG, Rename("One more")))
    assert isinstance(refused, Refusal)
    assert "too many" in refused.reason
    assert isinstance(log.learn(made(BOB, log, Rename("Runs"))), Learned)


# --- two at once -----------------------------------------------------------------------------------------------------


def test_of_two_changes_at_once_the_more_senior_admins_holds_on_every_device() -> None:
    runs, swims = made(ALICE, LOG, Rename("Runs")), made(BOB, LOG, Rename("Swims"))
    for states in ((runs, swims), (swims, runs)):
        log = extended(LOG, *states)
        assert log.agreed.in_force == runs
        assert log.agreed.losing == (swims,)


def test_a_long_branch_does_not_outweigh_a_senior_admin() -> None:
    behind, _ = renamed(LOG, BOB, 20)
    late = made(ALICE, LOG, Add(ERIN.member))
    assert extended(behind, late).agreed.in_force == late


def test_a_removal_that_lost_holds_until_somebody_confirms_it() -> None:
    removal, rival = made(BOB, LOG, Remove(DAN.id)), made(ALICE, LOG, Rename("Runs"))
    log = extended(LOG, rival, removal)
    assert log.agreed.in_force == rival
    assert names(log) == ["Alice", "Bob", "Carol"]
    confirmed = extended(log, made(ALICE, log, Confirm()))
    assert names(confirmed) == ["Alice", "Bob", "Carol"]
    assert not confirmed.agreed.put_out
    again = extended(confirmed, made(ALICE, confirmed, Add(DAN.member)))
    assert names(again) == ["Alice", "Bob", "Carol", "Dan"]


def test_who_was_put_out_is_not_added_before_that_is_confirmed() -> None:
    log = extended(LOG, made(ALICE, LOG, Rename("Runs")), made(BOB, LOG, Remove(DAN.id)))
    refused = changed(log.agreed, ALICE.id, Add(DAN.member))
    assert isinstance(refused, Impossible)
    assert "Confirm" in refused.reason


def test_any_next_change_of_an_admin_confirms_what_holds() -> None:
    log = extended(LOG, made(ALICE, LOG, Rename("Runs")), made(BOB, LOG, Remove(DAN.id)))
    log = extended(log, made(BOB, log, Rename("Swims")))
    assert DAN.id not in log.agreed.in_force.state.identities


def test_what_an_admin_who_was_put_out_signs_alone_is_not_followed() -> None:
    office = extended(LOG, made(ALICE, LOG, MakeAdmin(CAROL.id)))
    rival, removal = made(ALICE, office, Rename("Runs")), made(BOB, office, Remove(CAROL.id))
    believed = extended(office, rival)
    log = extended(believed, removal, made(CAROL, believed, Add(ERIN.member)))
    assert names(log) == ["Alice", "Bob", "Dan"]
    assert log.agreed.in_force == rival


def test_a_removed_admin_cannot_undo_it_from_the_past_alone_or_with_friends() -> None:
    office = extended(LOG, made(ALICE, LOG, MakeAdmin(CAROL.id)))
    log = extended(office, made(BOB, office, Remove(CAROL.id)))
    past = made(CAROL, office, Remove(DAN.id))
    friends = extended(office, past)
    friend = made(CAROL, friends, Add(ERIN.member))
    log = extended(log, past, friend, made(CAROL, extended(friends, friend), MakeAdmin(ERIN.id)))
    assert names(log) == ["Alice", "Bob", "Dan"]


def test_leaving_holds_even_when_it_loses() -> None:
    log = extended(LOG, made(ALICE, LOG, Rename("Runs")), made(DAN, LOG, Leave()))
    assert names(log) == ["Alice", "Bob", "Carol"]


def test_who_was_put_out_cannot_bring_somebody_in_and_then_leave() -> None:
    office = extended(LOG, made(ALICE, LOG, MakeAdmin(CAROL.id)))
    rival, removal = made(ALICE, office, Rename("Runs")), made(BOB, office, Remove(CAROL.id))
    believed = extended(office, rival)
    brought = made(CAROL, believed, Add(ERIN.member))
    leaving = made(CAROL, extended(believed, brought), Leave())
    assert names(extended(believed, removal, brought, leaving)) == ["Alice", "Bob", "Dan"]


def test_whom_somebody_removed_who_was_put_out_stays() -> None:
    office = extended(LOG, made(ALICE, LOG, MakeAdmin(CAROL.id)))
    of_dan, of_carol = made(CAROL, office, Remove(DAN.id)), made(BOB, office, Remove(CAROL.id))
    log = extended(office, of_dan, of_carol, made(ALICE, office, Rename("Runs")))
    assert names(log) == ["Alice", "Bob", "Dan"]


def test_a_removal_that_lost_counts_no_more_when_its_author_ranks_below_who_was_removed() -> None:
    log = extended(LOG, made(BOB, LOG, Remove(CAROL.id)), made(ALICE, LOG, EndAdmin(BOB.id)))
    assert names(log) == ["Alice", "Bob", "Carol", "Dan"]  # Bob is no admin now
    for change in (MakeAdmin(CAROL.id), MakeAdmin(BOB.id)):
        log = extended(log, made(ALICE, log, change))
    assert names(log) == ["Alice", "Bob", "Carol", "Dan"]


# --- who comes later -------------------------------------------------------------------------------------------------


def test_who_was_asked_in_learns_the_past_backwards_and_settles_with_the_others() -> None:
    asked_in, rival = made(BOB, LOG, Add(ERIN.member)), made(ALICE, LOG, Rename("Runs"))
    erin = GroupLog.begin(asked_in)
    waiting = erin.learn(rival)
    assert isinstance(waiting, Missing)
    assert waiting.wanted == LOG.agreed.in_force.hash
    settled = extended(waiting.log, LOG.agreed.in_force)
    assert settled.agreed == extended(GroupLog.begin(LOG.agreed.in_force), asked_in, rival).agreed
    assert not settled.agreed.has(ERIN.id)


def test_an_early_state_is_no_reason_to_ask_for_anything_but_the_next_one_down() -> None:
    _, (first, second, third) = renamed(LOG, ALICE, 3)
    log = GroupLog.begin(third)
    waiting = log.learn(FIRST)
    assert isinstance(waiting, Missing)
    assert waiting.wanted == second.hash
    log = extended(waiting.log, second, first, LOG.agreed.in_force)
    assert log.root == FIRST.hash


def test_a_past_that_does_not_lead_to_the_state_is_refused() -> None:
    state = msgspec.structs.replace(FIRST.state, version=3, before=FIRST.hash, admins=(ALICE.id, DAN.id))
    log = GroupLog.begin(DAN.sign(msgspec.structs.replace(state, author=DAN.id)))
    refused = log.learn(FIRST)
    assert isinstance(refused, Refusal)


# --- messages --------------------------------------------------------------------------------------------------------


def test_a_message_is_judged_by_the_state_in_force_and_not_by_the_one_it_names() -> None:
    before = LOG.agreed.in_force
    log = extended(LOG, made(ALICE, LOG, Remove(DAN.id)))
    now = log.agreed.in_force
    assert judge(log, CAROL.id, now.hash) == Admitted(behind=False)
    assert judge(log, CAROL.id, before.hash) == Admitted(behind=True)
    assert isinstance(judge(log, DAN.id, before.hash), NotAMember)
    assert isinstance(judge(log, DAN.id, now.hash), NotAMember)
    assert isinstance(judge(log, ERIN.id, now.hash), NotAMember)


def test_a_message_under_a_state_that_is_not_here_waits_for_it() -> None:
    after = extended(LOG, made(ALICE, LOG, Add(ERIN.member)))
    unseen = after.agreed.in_force
    assert judge(LOG, ERIN.id, unseen.hash) == Unseen(unseen.hash)
    assert judge(extended(LOG, unseen), ERIN.id, unseen.hash) == Admitted(behind=False)
    assert unseen.state.group == GROUP
