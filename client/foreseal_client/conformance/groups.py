"""Flows of groups."""

from __future__ import annotations

from foreseal_client.conformance.flow import expect, flow
from foreseal_client.kit.calls import CallError
from foreseal_client.kit.client import Client
from foreseal_client.kit.world import World
from foreseal_client.rpc.views import GroupView, MessageView

__all__ = [
    "group",
    "group_answer",
    "group_held",
    "group_left",
    "group_member_away",
    "group_newcomer",
    "group_no_admin",
    "group_removed",
    "group_renamed",
]

_GROUPS = ("invite", "acceptInvitation", "listContacts", "send", "updateGroup", "listGroups")


def _three(world: World) -> tuple[Client, Client, Client, GroupView]:
    alice, bob, carol = (world.new_client(name) for name in ("Alice", "Bob", "Carol"))
    group = alice.group("Walks", bob, carol)
    for other in (bob, carol):
        other.wait_for("group", group_id=group.group_id, timeout=30)
    return alice, bob, carol, group


def _names(client: Client, group: GroupView) -> list[str]:
    (found,) = (one for one in client.call("listGroups", list[GroupView]) if one.group_id == group.group_id)
    return sorted(member.name for member in found.members)


def _change(client: Client, group: GroupView, **changes: object) -> GroupView:
    return client.call("updateGroup", GroupView, groupId=group.group_id, **changes)


@flow("group", *_GROUPS)
def group(world: World) -> None:
    """What is written to a group arrives at everybody in it, once."""
    alice, bob, carol, walks = _three(world)
    expect(alice.send(walks, "who comes?", wait=30).kind, "sent", "the outcome")
    for other in (bob, carol):
        message = other.wait_for("message", text="who comes?", timeout=30)
        expect(message.group_id, walks.group_id, "the group it was written to")


@flow("group-answer", *_GROUPS)
def group_answer(world: World) -> None:
    """Members who do not know each other reach each other in a group."""
    alice, bob, carol, walks = _three(world)
    bob.send(walks, "I do", wait=30)
    for other in (alice, carol):
        other.wait_for("message", text="I do", timeout=30)


@flow("group-held", *_GROUPS)
def group_held(world: World) -> None:
    """A listed picture is held for the whole group."""
    alice, *_, walks = _three(world)
    expect(alice.send(walks, attachment=world.samples.listed(5)).kind, "held", "the outcome")


@flow("group-renamed", *_GROUPS)
def group_renamed(world: World) -> None:
    """A new name reaches everybody."""
    alice, bob, carol, walks = _three(world)
    _change(alice, walks, name="Runs")
    for other in (bob, carol):
        other.wait_for("group", name="Runs", timeout=30)


@flow("group-newcomer", *_GROUPS)
def group_newcomer(world: World) -> None:
    """Who is taken in reads what is written from then on."""
    alice, *_, walks = _three(world)
    dan = world.new_client("Dan")
    alice.meet(dan)
    _change(alice, walks, members=[dan.identity])
    dan.wait_for("group", group_id=walks.group_id, timeout=30)
    alice.send(walks, "welcome", wait=30)
    dan.wait_for("message", text="welcome", timeout=30)


@flow("group-removed", *_GROUPS)
def group_removed(world: World) -> None:
    """Who was removed reads nothing that is written later, and cannot write."""
    alice, bob, carol, walks = _three(world)
    _change(alice, walks, removeMembers=[carol.identity])
    carol.wait_for("group", standing="gone", timeout=30)
    alice.send(walks, "only the two of us", wait=30)
    bob.wait_for("message", text="only the two of us", timeout=30)
    expect([m.text for m in carol.messages(walks) if m.text == "only the two of us"], [], "what carol is shown")
    try:
        carol.send(walks, "let me in")
    except CallError:
        return
    raise AssertionError("an error was expected, and there was none")


@flow("group-left", *_GROUPS, "quitGroup")
def group_left(world: World) -> None:
    """Who leaves is gone for everybody."""
    alice, bob, carol, walks = _three(world)
    bob.call("quitGroup", GroupView, groupId=walks.group_id)
    for other in (alice, carol):
        other.wait_for("group", timeout=30)
    expect(_names(carol, walks), ["Alice", "Carol"], "who is in it")


@flow("group-no-admin", *_GROUPS)
def group_no_admin(world: World) -> None:
    """Who is no admin cannot remove anybody."""
    alice, bob, carol, walks = _three(world)
    try:
        _change(bob, walks, removeMembers=[carol.identity])
    except CallError:
        expect(_names(alice, walks), ["Alice", "Bob", "Carol"], "who is in it")
        return
    raise AssertionError("an error was expected, and there was none")


@flow("group-member-away", *_GROUPS, "connect", "disconnect")
def group_member_away(world: World) -> None:
    """A member who is away finds what was written when they come, and the others do not wait."""
    alice, bob, carol, walks = _three(world)
    carol.go_offline()
    alice.send(walks, "early start", wait=30)
    bob.wait_for("message", text="early start", timeout=30)
    carol.go_online()
    message: MessageView = carol.wait_for("message", text="early start", timeout=30)
    expect(message.state, "shown", "what carol is shown")
