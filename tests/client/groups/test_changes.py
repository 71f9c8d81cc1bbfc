"""What may follow what: admins change a group, within their rank, and everybody else may leave it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from foreseal_client.groups.changes import (
    Add,
    Change,
    Confirm,
    EndAdmin,
    Impossible,
    Leave,
    MakeAdmin,
    Remove,
    Rename,
    changed,
    changes_between,
)
from foreseal_client.groups.log import GroupLog, Refusal
from foreseal_client.groups.rules import objection
from group_people import Somebody, extended, forged, founded, made, people

ALICE, BOB, CAROL, DAN, ERIN = people(5)
NEW = GroupLog.begin(founded(ALICE, BOB, CAROL, DAN))
WITH_BOB = extended(NEW, made(ALICE, NEW, MakeAdmin(BOB.id)))
GROUP = extended(WITH_BOB, made(ALICE, WITH_BOB, MakeAdmin(CAROL.id)))
"""Alice, Bob and Carol are admins in this order, Dan is a member, Erin is not."""
TIP = GROUP.agreed.in_force


@pytest.mark.parametrize(
    ("author", "change"),
    [
        (BOB, Add(ERIN.member)),
        (CAROL, Remove(DAN.id)),
        (ALICE, Remove(BOB.id)),
        (BOB, Remove(CAROL.id)),
        (BOB, Rename("Runs")),
        (CAROL, MakeAdmin(DAN.id)),
        (ALICE, EndAdmin(CAROL.id)),
        (BOB, EndAdmin(BOB.id)),
        (ALICE, Leave()),
        (DAN, Leave()),
    ],
)
def test_a_change_that_is_allowed_is_taken_and_can_be_read_back_from_the_state(
    author: Somebody, change: Change
) -> None:
    known = made(author, GROUP, change)
    after = extended(GROUP, known)
    assert after.agreed.in_force == known
    assert changes_between(TIP.state, known.state) == (change,)


@pytest.mark.parametrize(
    ("author", "change", "told"),
    [
        (ERIN, Leave(), "not in this group"),
        (ERIN, Add(ERIN.member), "not in this group"),
        (DAN, Add(ERIN.member), "no admin"),
        (DAN, Remove(CAROL.id), "no admin"),
        (DAN, Rename("Runs"), "no admin"),
        (DAN, MakeAdmin(DAN.id), "no admin"),
        (BOB, Remove(ALICE.id), "longer than its author"),
        (CAROL, Remove(BOB.id), "longer than its author"),
        (CAROL, EndAdmin(BOB.id), "longer than its author"),
        (ALICE, Remove(ALICE.id), "to leave"),
        (ALICE, Remove(ERIN.id), "not in the group"),
        (ALICE, Add(DAN.member), "already"),
        (ALICE, MakeAdmin(BOB.id), "already"),
        (ALICE, MakeAdmin(ERIN.id), "not in the group"),
        (ALICE, EndAdmin(DAN.id), "no admin"),
        (ALICE, Rename(""), "visible characters"),
        (ALICE, Confirm(), "nothing to confirm"),
    ],
)
def test_a_change_that_is_not_allowed_is_refused_in_words(author: Somebody, change: Change, told: str) -> None:
    refused = changed(GROUP.agreed, author.id, change)
    assert isinstance(refused, Impossible)
    assert told in refused.reason


@pytest.mark.parametrize(
    ("author", "changes", "told"),
    [
        (DAN, {"name": "Dan's"}, "no admin"),
        (DAN, {"admins": (ALICE.id, BOB.id, CAROL.id, DAN.id)}, "no admin"),
        (ERIN, {"members": (*TIP.state.members, ERIN.member)}, "was not in the group"),
        (CAROL, {"admins": (CAROL.id, ALICE.id, BOB.id)}, "order of the admins"),
        (CAROL, {"admins": (CAROL.id,)}, "longer than its author"),
        (BOB, {"members": TIP.state.members[1:], "admins": (BOB.id, CAROL.id)}, "longer than its author"),
        (BOB, {"members": tuple(reversed(TIP.state.members))}, "order or the addresses"),
        (BOB, {"members": (ALICE.member, BOB.member, CAROL.member, ERIN.member, DAN.member)}, "order or the addresses"),
        (DAN, {"members": TIP.state.members[:3], "name": "Without me"}, "changes nothing else"),
        (CAROL, {"members": (*TIP.state.members[:2], DAN.member), "admins": (ALICE.id,)}, "changes nothing else"),
        (ALICE, {"version": 9}, "does not follow"),
    ],
)
def test_a_state_that_its_author_may_not_make_is_refused_though_it_is_signed(
    author: Somebody, changes: dict[str, Any], told: str
) -> None:
    state = forged(TIP, **{"version": TIP.state.version + 1, "before": TIP.hash, "author": author.id} | changes)
    assert told in objection(TIP.state, state)
    assert isinstance(GROUP.learn(author.sign(state)), Refusal)


def test_nobodys_mailbox_can_be_exchanged_while_they_stay() -> None:
    lured = msgspec.structs.replace(DAN.member, mailbox=BOB.member.mailbox)
    state = forged(
        TIP, version=TIP.state.version + 1, before=TIP.hash, author=BOB.id, members=(*TIP.state.members[:3], lured)
    )
    assert "addresses of people who stay" in objection(TIP.state, state)


def test_everybody_may_leave_even_the_last_admin_and_the_last_member() -> None:
    log = GroupLog.begin(founded(ALICE, BOB))
    log = extended(log, made(ALICE, log, Leave()))
    assert log.agreed.in_force.state.admins == ()
    assert isinstance(changed(log.agreed, BOB.id, Add(DAN.member)), Impossible)
    log = extended(log, made(BOB, log, Leave()))
    assert log.agreed.members == ()


def test_a_full_group_takes_nobody_else_in() -> None:
    crowd = tuple(msgspec.structs.replace(ERIN.member, identity=bytes([n]) * 32) for n in range(1, 29))
    log = GROUP
    for member in crowd:
        log = extended(log, made(BOB, log, Add(member)))
    refused = changed(log.agreed, BOB.id, Add(ERIN.member))
    assert isinstance(refused, Impossible)
    assert "32" in refused.reason
