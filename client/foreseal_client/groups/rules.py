"""Who may change what in a group: one question, asked of every state, one's own and other people's.

An admin may add and remove people, name the group and make admins, but has no power over an admin who is one for
longer. Everybody may leave. So of two people never each can remove the other, and a removal has one direction.
"""

from __future__ import annotations

from foreseal_client.groups.state import GroupState

__all__ = ["gone", "objection"]


def gone(before: GroupState, after: GroupState) -> tuple[bytes, ...]:
    """Who was in the one and is not in the other, in the order they had come."""
    staying = set(after.identities)
    return tuple(identity for identity in before.identities if identity not in staying)


def objection(before: GroupState, after: GroupState) -> str:
    """Why `after` cannot follow `before`, as a sentence; empty when it can. That it names `before` by its hash is for
    the caller to see."""
    author = after.author
    if after.group != before.group or after.version != before.version + 1:
        return "It does not follow the state that it names."
    if author not in before.identities:
        return "Its author was not in the group."
    if author not in after.identities:
        return "" if _left(before, after) else "Who leaves a group changes nothing else in it."
    if author not in before.admins:
        return "Its author was no admin; everybody else may leave and nothing more."
    return _objection_to_members(before, after) or _objection_to_admins(before, after)


def _left(before: GroupState, after: GroupState) -> bool:
    author = after.author
    return (
        after.name == before.name
        and after.members == tuple(member for member in before.members if member.identity != author)
        and after.admins == tuple(admin for admin in before.admins if admin != author)
    )


def _objection_to_members(before: GroupState, after: GroupState) -> str:
    staying = set(after.identities)
    kept = tuple(member for member in before.members if member.identity in staying)
    if after.members[: len(kept)] != kept:
        return "It changes the order or the addresses of people who stay."
    return ""


def _objection_to_admins(before: GroupState, after: GroupState) -> str:
    staying = tuple(admin for admin in before.admins if admin in after.admins)
    if after.admins[: len(staying)] != staying:
        return "It changes the order of the admins."
    ended = (admin for admin in before.admins if admin not in after.admins)
    if any(before.rank(admin) < before.rank(after.author) for admin in ended):
        return "It removes an admin, or ends their office, who is one for longer than its author."
    return ""
