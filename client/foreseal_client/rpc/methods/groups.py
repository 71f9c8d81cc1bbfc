"""Methods for groups."""

from __future__ import annotations

from foreseal_client import words
from foreseal_client.group_changes import member_of
from foreseal_client.groups.changes import Add, Change, EndAdmin, Impossible, Leave, MakeAdmin, Remove, Rename
from foreseal_client.rpc.account import Account
from foreseal_client.rpc.calling import method
from foreseal_client.rpc.codes import Code, RpcError
from foreseal_client.rpc.methods.accounts import OfAccount
from foreseal_client.rpc.service import Service
from foreseal_client.rpc.views import GroupView, group_view
from foreseal_client.store import Group
from foreseal_matcher import Held

__all__ = ["OfGroup", "UpdateGroup"]


class OfGroup(OfAccount, frozen=True):
    """`groupId`: as `listGroups` says it."""

    group_id: str


class UpdateGroup(OfAccount, frozen=True):
    """Without `groupId` a new group of `name` and `members` is made. Otherwise each part that is given is one change,
    made in this order: name, members, removeMembers, admins, removeAdmins. People are named by identity or name.
    `expiration`: seconds after which what this account writes there from now on disappears, 0 for never."""

    group_id: str | None = None
    name: str | None = None
    members: tuple[str, ...] = ()
    remove_members: tuple[str, ...] = ()
    admins: tuple[str, ...] = ()
    remove_admins: tuple[str, ...] = ()
    expiration: int | None = None


@method("listGroups")
async def list_groups(service: Service, params: OfAccount) -> tuple[GroupView, ...]:
    """Say which groups this account is in or has left."""
    return tuple(group_view(group) for group in service.account(params.account).messenger.groups.all())


@method("updateGroup")
async def update_group(service: Service, params: UpdateGroup) -> GroupView:
    """Make a group or change one. What was changed before a refusal stays changed."""
    account = service.account(params.account)
    desk = account.messenger.groups
    if params.group_id is None:
        if not params.name:
            raise RpcError(Code.USAGE, "A new group needs a name; to change one, give its groupId.")
        account.messenger.conversations.demand_timer(params.expiration or 0)
        told = _done(await desk.found(params.name, [account.contact(one) for one in params.members]))
        _expire(bytes.fromhex(told.group_id), params, account)
        return told
    group = account.group(params.group_id)
    _expire(group.id, params, account)
    changes: list[Change] = [] if params.name is None else [Rename(params.name)]
    changes += [Add(member_of(account.contact(one))) for one in params.members]
    changes += [Remove(_member(one, group, account)) for one in params.remove_members]
    changes += [MakeAdmin(_member(one, group, account)) for one in params.admins]
    changes += [EndAdmin(_member(one, group, account)) for one in params.remove_admins]
    told = group_view(group)
    for change in changes:
        told = _done(await desk.change(group.id, change))
    return told


@method("quitGroup")
async def quit_group(service: Service, params: OfGroup) -> GroupView:
    """Leave a group."""
    account = service.account(params.account)
    return _done(await account.messenger.groups.change(account.group(params.group_id).id, Leave()))


def _expire(group: bytes, params: UpdateGroup, account: Account) -> None:
    if params.expiration is not None:
        account.messenger.conversations.set_timer_in_group(group, params.expiration)


def _member(wanted: str, group: Group, account: Account) -> bytes:
    """The identity of a member, who need not be a contact."""
    members = group.log.agreed.members
    found = [m.identity for m in members if m.identity.hex() == wanted.lower()]
    found = found or [m.identity for m in members if m.name == wanted]
    if len(found) != 1:
        raise RpcError(Code.UNKNOWN, f"The group {group.name!r} has {len(found)} members {wanted!r}.")
    return found[0]


def _done(outcome: Group | Impossible | Held) -> GroupView:
    match outcome:
        case Impossible(reason):
            raise RpcError(Code.REFUSED, reason)
        case Held(verdict):
            raise RpcError(Code.REFUSED, f"The name {words.outcome(verdict)}. Nothing was changed.")
        case group:
            return group_view(group)
