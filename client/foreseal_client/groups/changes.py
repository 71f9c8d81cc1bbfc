"""What a person can do to a group, and the state that comes of it."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from foreseal_client.groups.agreeing import Agreed
from foreseal_client.groups.rules import gone, objection
from foreseal_client.groups.state import (
    FIRST,
    FORMAT,
    MAX_GROUP_NAME,
    MAX_MEMBERS,
    GroupState,
    Member,
    is_group_name,
)

__all__ = [
    "Add",
    "Change",
    "Confirm",
    "EndAdmin",
    "Impossible",
    "Leave",
    "MakeAdmin",
    "Remove",
    "Rename",
    "begin",
    "changed",
    "changes_between",
]


@dataclass(frozen=True, slots=True)
class Add:
    """Somebody comes in."""

    member: Member


@dataclass(frozen=True, slots=True)
class Remove:
    """Somebody else has to go. They read nothing that is written later."""

    identity: bytes


@dataclass(frozen=True, slots=True)
class Leave:
    """The author goes."""


@dataclass(frozen=True, slots=True)
class Rename:
    """The group is called otherwise."""

    name: str


@dataclass(frozen=True, slots=True)
class MakeAdmin:
    """A member becomes an admin, the most junior of all."""

    identity: bytes


@dataclass(frozen=True, slots=True)
class EndAdmin:
    """An admin, perhaps the author, is one no longer and stays a member."""

    identity: bytes


@dataclass(frozen=True, slots=True)
class Confirm:
    """Nothing but what holds already: that those who were put out by a state that lost are gone."""


Change = Add | Remove | Leave | Rename | MakeAdmin | EndAdmin | Confirm


@dataclass(frozen=True, slots=True)
class Impossible:
    """The change cannot be made. Nothing was changed. `reason` is for reading."""

    reason: str


def begin(group: bytes, name: str, creator: Member, others: tuple[Member, ...] = ()) -> GroupState | Impossible:
    """A group's first state; its creator is its most senior admin. `group`: 16 random bytes."""
    if not is_group_name(name):
        return _unnameable()
    if len(others) >= MAX_MEMBERS:
        return _full()
    members = (creator, *others)
    return GroupState(FORMAT, group, 0, FIRST, name, members, (creator.identity,), creator.identity)


def changed(agreed: Agreed, author: bytes, change: Change) -> GroupState | Impossible:
    """The state that `author` signs to make a change. Whoever was put out already is written off in the same state,
    as far as its author may do that."""
    before = agreed.in_force.state
    if author not in before.identities:
        return Impossible("You are not in this group any more.")
    if isinstance(change, Leave):
        members, admins = _without(before, frozenset([author]))
        return _follow(agreed, author, members=members, admins=admins)
    below = {identity for identity in agreed.put_out if before.rank(identity) > before.rank(author)}
    members, admins = _without(before, frozenset(below))
    match change:
        case Add(member) if member.identity in before.identities:
            return Impossible(
                "This person was removed at the same time as something else was changed. Confirm that first."
                if member.identity in agreed.put_out
                else "This person is in the group already."
            )
        case Add() if len(members) >= MAX_MEMBERS:
            return _full()
        case Add(member):
            return _follow(agreed, author, members=(*members, member), admins=admins)
        case Remove(identity) if identity == author:
            return Impossible("To go yourself is to leave.")
        case Remove(identity) if identity in before.identities:
            members, admins = _without(before, frozenset(below | {identity}))
            return _follow(agreed, author, members=members, admins=admins)
        case Rename(name) if not is_group_name(name):
            return _unnameable()
        case Rename(name):
            return _follow(agreed, author, members=members, admins=admins, name=name)
        case MakeAdmin(identity) if identity in admins:
            return Impossible("This person is an admin already.")
        case MakeAdmin(identity) if agreed.has(identity):
            return _follow(agreed, author, members=members, admins=(*admins, identity))
        case EndAdmin(identity) if identity in admins:
            rest = tuple(admin for admin in admins if admin != identity)
            return _follow(agreed, author, members=members, admins=rest)
        case Confirm() if below:
            return _follow(agreed, author, members=members, admins=admins)
        case Confirm():
            return Impossible("There is nothing to confirm.")
        case _:
            return Impossible("This person is not in the group, or is no admin.")


def changes_between(before: GroupState, after: GroupState) -> tuple[Change, ...]:
    """What the author of `after` changed, to be made once more when it lost."""
    if after.author not in after.identities:
        return (Leave(),)
    there, staying = set(before.identities), set(after.identities)
    changes: list[Change] = [Remove(identity) for identity in gone(before, after)]
    changes += [Add(member) for member in after.members if member.identity not in there]
    changes += [MakeAdmin(admin) for admin in after.admins if admin not in before.admins]
    changes += [EndAdmin(admin) for admin in before.admins if admin not in after.admins and admin in staying]
    if after.name != before.name:
        changes.append(Rename(after.name))
    return tuple(changes)


def _without(state: GroupState, identities: frozenset[bytes]) -> tuple[tuple[Member, ...], tuple[bytes, ...]]:
    return (
        tuple(member for member in state.members if member.identity not in identities),
        tuple(admin for admin in state.admins if admin not in identities),
    )


def _follow(agreed: Agreed, author: bytes, **fields: object) -> GroupState | Impossible:
    before = agreed.in_force
    after = msgspec.structs.replace(
        before.state, version=before.state.version + 1, before=before.hash, author=author, **fields
    )
    reason = objection(before.state, after)
    return Impossible(reason) if reason else after


def _full() -> Impossible:
    return Impossible(f"A group has at most {MAX_MEMBERS} members.")


def _unnameable() -> Impossible:
    return Impossible(f"The name of a group has 1 to {MAX_GROUP_NAME} visible characters.")
