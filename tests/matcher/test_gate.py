"""The four policies, and what follows when the check could not be made."""

from __future__ import annotations

from itertools import product

import pytest

from foreseal_matcher import (
    Bytes,
    Clear,
    Cleared,
    Held,
    ListSet,
    Match,
    Mode,
    OnFailure,
    Policy,
    Screened,
    Unreadable,
    decide,
    screen,
)
from sample_pictures import encoded, picture

POLICIES = [Policy(mode, failure) for mode, failure in product(Mode, OnFailure)]
STOPPING = [policy for policy in POLICIES if policy.mode in (Mode.WARN, Mode.HOLD)]


def held_for(screened: Screened[Bytes], *, may_override: bool) -> Held:
    assert not isinstance(screened.verdict, Clear)
    return Held(screened.verdict, screened.digest, may_override)


@pytest.fixture(scope="module")
def matched(lists: ListSet, listed_file: bytes) -> Screened[Bytes]:
    screened = screen(Bytes(listed_file), lists)
    assert isinstance(screened.verdict, Match)
    return screened


@pytest.fixture(scope="module")
def unreadable(lists: ListSet) -> Screened[Bytes]:
    screened = screen(Bytes(b"\xff\xd8\xff damaged"), lists)
    assert isinstance(screened.verdict, Unreadable)
    return screened


@pytest.mark.parametrize("acknowledged", [False, True])
@pytest.mark.parametrize("policy", POLICIES, ids=str)
def test_what_is_clear_passes_everywhere(lists: ListSet, policy: Policy, acknowledged: bool) -> None:
    content = Bytes(encoded(picture(1, 64, 64), "PNG"))
    outcome = decide(screen(content, lists), policy, acknowledged=acknowledged)
    assert isinstance(outcome, Cleared)
    assert outcome.content is content
    assert outcome.verdict == Clear()


@pytest.mark.parametrize("failure", OnFailure)
@pytest.mark.parametrize("mode", [Mode.OFF, Mode.OBSERVE])
def test_off_and_observe_let_everything_pass_and_keep_the_verdict(
    mode: Mode, failure: OnFailure, matched: Screened[Bytes], unreadable: Screened[Bytes]
) -> None:
    for screened in (matched, unreadable):
        outcome = decide(screened, Policy(mode, failure))
        assert isinstance(outcome, Cleared)
        assert outcome.verdict == screened.verdict


@pytest.mark.parametrize("failure", OnFailure)
def test_warn_holds_a_match_until_it_is_acknowledged(matched: Screened[Bytes], failure: OnFailure) -> None:
    policy = Policy(Mode.WARN, failure)
    assert decide(matched, policy) == held_for(matched, may_override=True)
    assert isinstance(decide(matched, policy, acknowledged=True), Cleared)


@pytest.mark.parametrize("acknowledged", [False, True])
@pytest.mark.parametrize("failure", OnFailure)
def test_hold_holds_a_match_whatever_the_person_says(
    matched: Screened[Bytes], failure: OnFailure, acknowledged: bool
) -> None:
    outcome = decide(matched, Policy(Mode.HOLD, failure), acknowledged=acknowledged)
    assert outcome == held_for(matched, may_override=False)


@pytest.mark.parametrize("acknowledged", [False, True])
@pytest.mark.parametrize("policy", STOPPING, ids=str)
def test_what_could_not_be_read_follows_fail_open_or_fail_closed(
    unreadable: Screened[Bytes], policy: Policy, acknowledged: bool
) -> None:
    outcome = decide(unreadable, policy, acknowledged=acknowledged)
    if policy.on_failure is OnFailure.OPEN:
        assert isinstance(outcome, Cleared)
    else:
        assert outcome == held_for(unreadable, may_override=False)


def test_held_gives_no_way_back_to_the_content(matched: Screened[Bytes]) -> None:
    held = decide(matched, Policy(Mode.HOLD, OnFailure.CLOSED))
    assert not hasattr(held, "content")


@pytest.mark.parametrize(("one", "other"), list(product(POLICIES, POLICIES)), ids=str)
def test_joining_two_policies_never_loosens_either(one: Policy, other: Policy) -> None:
    joined = Policy.tightest(one, other)
    assert joined == Policy.tightest(other, one)
    assert joined.mode in (one.mode, other.mode)
    modes, failures = list(Mode), list(OnFailure)
    for each in (one, other):
        assert modes.index(joined.mode) >= modes.index(each.mode)
        assert failures.index(joined.on_failure) >= failures.index(each.on_failure)


@pytest.mark.parametrize("mode", [Mode.WARN, Mode.HOLD])
def test_what_a_person_reviewed_passes_and_nothing_else_does(
    mode: Mode, matched: Screened[Bytes], unreadable: Screened[Bytes]
) -> None:
    policy = Policy(mode, OnFailure.CLOSED)
    assert isinstance(decide(matched, policy, reviewed=frozenset([matched.digest])), Cleared)
    assert isinstance(decide(matched, policy, reviewed=frozenset([bytes(32), matched.digest[:31]])), Held)
    # A review says that it is not what it resembles. It says nothing of what nobody could look at.
    assert isinstance(decide(unreadable, policy, reviewed=frozenset([unreadable.digest])), Held)
